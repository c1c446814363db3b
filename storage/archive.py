"""Backup and restore: one portable file for both databases, so that SQLite's can be restored into PostgreSQL.

A tar.gz with `manifest.json`, one `tables/<name>.jsonl` a table, and `blobs/<id>`. A backup is one consistent look at a
running database. Not carried over: leases and signed-in browsers, which belong to the machine that was backed up.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Table, func, insert, select, text

from storage import schema
from storage.database import Database
from storage.tables import Delivery, metadata
from storage.types import UtcDateTime

FORMAT = 1
LEFT_OUT = {"lease", "desk_pass"}
CHUNK = 500
_BLOB = re.compile(r"blobs/([0-9a-f]{64})")


class ArchiveError(Exception):
    """The backup cannot be made or restored; the text says why. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was carried: rows and files."""

    rows: int
    files: int


def _tables() -> list[Table]:
    """The tables in an order in which every row finds what it refers to."""
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]


def _check_target(target: Path) -> None:
    if target.exists():
        raise ArchiveError(f"{target} exists already; name a new file")
    if not target.parent.is_dir():
        raise ArchiveError(f"{target.parent} is not a folder")


async def backup(db: Database, blobs: Path, target: Path) -> Summary:
    """Write everything to a new file `target`, beside a running product. Raises ArchiveError, OSError."""
    _check_target(target)
    part = target.with_name(f"{target.name}.part")
    try:
        with tarfile.open(part, "w:gz") as archive:
            async with db.engine.connect() if not db.is_sqlite else db.reader.connect() as connection:
                if not db.is_sqlite:
                    await connection.execution_options(isolation_level="REPEATABLE READ")
                rows = await connection.run_sync(_dump, archive)
                files = await connection.run_sync(_blob_ids)
            kept = [blob_id for blob_id in files if (blobs / blob_id[:2] / blob_id).is_file()]
            for blob_id in kept:
                archive.add(blobs / blob_id[:2] / blob_id, f"blobs/{blob_id}", recursive=False)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return Summary(rows, len(kept))


def _blob_ids(connection: Connection) -> list[str]:
    return list(connection.execute(select(metadata.tables["blob"].c.id)).scalars())


def _dump(connection: Connection, archive: tarfile.TarFile) -> int:
    counts: dict[str, int] = {}
    for table in _tables():
        with tempfile.TemporaryFile() as file:
            for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings():
                counts[table.name] = counts.get(table.name, 0) + 1
                file.write(json.dumps(dict(row), ensure_ascii=False, default=_as_text).encode() + b"\n")
            _add(archive, f"tables/{table.name}.jsonl", file, file.tell())
    manifest = json.dumps({"format": FORMAT, "schema": schema.HEAD, "rows": counts}, indent=1).encode()
    _add(archive, "manifest.json", io.BytesIO(manifest), len(manifest))
    return sum(counts.values())


def _add(archive: tarfile.TarFile, name: str, file: IO[bytes], size: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    file.seek(0)
    archive.addfile(info, file)


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"cannot be kept: {type(value).__name__}")


async def restore(source: Path, db: Database, blobs: Path) -> Summary:
    """Put a backup into an empty database and an empty folder of files. Raises ArchiveError; then nothing is kept."""
    if (await schema.check(db)).status is schema.SchemaStatus.EMPTY:
        await schema.upgrade(db)
    try:
        with tarfile.open(source, "r:gz") as archive:
            members = {member.name: member for member in _checked(archive)}
            manifest = _manifest(archive, members)
            async with db.engine.begin() as connection:
                rows = await connection.run_sync(_load, archive, members, manifest)
                # Files last, inside the transaction: a file that fails undoes the rows.
                files = _unpack(archive, members, blobs)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ArchiveError(f"{source}: is not a whole backup: {error}") from None
    return Summary(rows, files)


def _checked(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """The members, each a plain file with a name we wrote."""
    known = {"manifest.json"} | {f"tables/{table.name}.jsonl" for table in _tables()}
    for member in archive.getmembers():
        if not member.isfile() or not (member.name in known or _BLOB.fullmatch(member.name)):
            raise ArchiveError(f"the backup holds something that does not belong there: {member.name!r}")
        yield member


def _manifest(archive: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> dict[str, int]:
    if "manifest.json" not in members:
        raise ArchiveError("the backup has no manifest")
    file = archive.extractfile(members["manifest.json"])
    try:
        manifest = json.load(file) if file else {}
        rows = {str(name): int(count) for name, count in manifest["rows"].items()}
        version, revision = manifest["format"], manifest["schema"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ArchiveError("the backup's manifest cannot be read") from None
    if version != FORMAT or revision != schema.HEAD:
        raise ArchiveError(f"the backup has schema {revision}, this version has {schema.HEAD}: restore it with its own")
    return rows


def _load(
    connection: Connection, archive: tarfile.TarFile, members: dict[str, tarfile.TarInfo], counts: dict[str, int]
) -> int:
    for table in _tables():
        if connection.execute(select(func.count()).select_from(table)).scalar():
            raise ArchiveError(f"the database is not empty ({table.name} has rows): restore into a new one")
    total = 0
    for table in _tables():
        member = members.get(f"tables/{table.name}.jsonl")
        file = archive.extractfile(member) if member else None
        if file is None:
            raise ArchiveError(f"the backup lacks {table.name}")
        rows = [_row(table, line) for line in file]
        if len(rows) != counts.get(table.name, 0):
            raise ArchiveError(f"the backup lacks rows of {table.name}")
        for start in range(0, len(rows), CHUNK):
            connection.execute(insert(table), rows[start : start + CHUNK])
        total += len(rows)
        if connection.dialect.name == "postgresql" and rows and table.autoincrement_column is not None:
            _set_sequence(connection, table)
    return total


def _set_sequence(connection: Connection, table: Table) -> None:
    name = connection.dialect.identifier_preparer.quote(table.name)
    connection.execute(
        text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))")  # our own names
    )


def _row(table: Table, line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
        if set(row) != set(table.c.keys()):
            raise ArchiveError(f"{table.name}: a row has other columns than this version's")
        for column in table.c:
            if isinstance(column.type, UtcDateTime) and row[column.name] is not None:
                row[column.name] = datetime.fromisoformat(row[column.name])
    except (ValueError, TypeError):
        raise ArchiveError(f"{table.name}: a row cannot be read") from None
    if table.name == "outbox" and row["outcome"] == Delivery.SENDING:
        # It was being sent when the backup was made: nobody knows whether it arrived.
        row |= {"outcome": Delivery.WAITING, "unknown": True, "holder": ""}
    return dict(row)


def _unpack(archive: tarfile.TarFile, members: dict[str, tarfile.TarInfo], blobs: Path) -> int:
    if blobs.is_dir() and any(blobs.iterdir()):
        raise ArchiveError(f"{blobs} is not empty: restore into a new data directory")
    written: list[Path] = []
    try:
        for name, member in members.items():
            found = _BLOB.fullmatch(name)
            if found is None:
                continue
            file = archive.extractfile(member)
            data = file.read() if file else b""
            if hashlib.sha256(data).hexdigest() != found[1]:
                raise ArchiveError(f"a file in the backup is damaged: {found[1][:12]}")
            target = blobs / found[1][:2] / found[1]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            os.chmod(target, 0o600)
            written.append(target)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return len(written)
