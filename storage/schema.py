"""The schema's version: checked at every start, upgraded by command, or by itself on a single-process SQLite."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text

from storage.database import Database, StorageError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0003"
"""The newest migration. Alembic takes a while to import, so a start that needs no upgrade does without it."""

_LOCK = 7_364_201
"""Any number: the advisory lock under which one process at a time upgrades a PostgreSQL database."""


class SchemaStatus(StrEnum):
    EMPTY = "empty"
    CURRENT = "current"
    OLD = "old"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SchemaState:
    """What `check` found: the revision in the database ('' for none) and the one this code needs."""

    status: SchemaStatus
    revision: str
    head: str = HEAD


async def check(db: Database) -> SchemaState:
    """Compare the database's revision with ours. Raises SQLAlchemy's errors when it cannot be reached."""
    async with db.engine.connect() as connection:
        return await connection.run_sync(_check)


def _check(connection: Connection) -> SchemaState:
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" not in tables:
        status = SchemaStatus.UNKNOWN if tables & {"inbox", "outbox"} else SchemaStatus.EMPTY
        return SchemaState(status, "")
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
    if revision == HEAD:
        return SchemaState(SchemaStatus.CURRENT, revision)
    known = {path.name.split("_")[0] for path in (_folder() / "versions").glob("[0-9]*.py")}
    return SchemaState(SchemaStatus.OLD if revision in known or not revision else SchemaStatus.UNKNOWN, revision)


async def upgrade(db: Database) -> None:
    """Bring the schema to `HEAD`, in one transaction. Two processes at once: the second finds it done."""
    async with db.engine.begin() as connection:
        if not db.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await connection.run_sync(_upgrade)


def _folder() -> Path:
    return Path(__file__).parent / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file of its own."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(alembic_config(connection), HEAD)


async def prepare(db: Database, *, may_upgrade: bool, now: datetime) -> None:
    """What a start does: create an empty schema, accept the current one, upgrade or refuse an old one.

    `may_upgrade`: this is the only process, so that an SQLite file may be copied and upgraded by itself. Raises
    StorageError with the command to run, or with what is wrong with the database.
    """
    if (path := db.sqlite_path) is not None:
        _check_file(path)
    state = await check(db)
    match state.status:
        case SchemaStatus.EMPTY:
            await upgrade(db)
        case SchemaStatus.OLD if db.is_sqlite and may_upgrade:
            copy_sqlite(db, state.revision, now)
            await upgrade(db)
        case SchemaStatus.OLD:
            raise StorageError(
                f"The database has schema {state.revision or 'none'}, this version needs {HEAD}. "
                "Stop every process, then run: doorstep db upgrade"
            )
        case SchemaStatus.UNKNOWN:
            raise StorageError(
                f"The database has schema {state.revision or 'of something else'}, which this version does not know "
                f"(it needs {HEAD}). Run the version that wrote it, or name another database."
            )


def _check_file(path: Path) -> None:
    """A clear word for what SQLite would only call 'unable to open database file'."""
    if path.is_dir():
        raise StorageError(f"database.url: {path} is a folder, not a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):
            pass
    except OSError as error:
        raise StorageError(f"The database cannot be kept at {path}: {error.strerror}") from None
    with path.open("rb") as file:
        begin = file.read(16)
    if begin and begin != b"SQLite format 3\x00":
        raise StorageError(f"{path} is not an SQLite database")


def copy_sqlite(db: Database, revision: str, now: datetime) -> Path:
    """A copy of the database file beside it, named by date and revision. Returns its path."""
    source = db.sqlite_path
    if source is None:
        raise StorageError("only an SQLite database is a file to copy")
    target = source.with_name(f"{source.stem}-{now:%Y%m%d-%H%M%S}-{revision or 'none'}{source.suffix}")
    old: Any = sqlite3.connect(source)
    new: Any = sqlite3.connect(target)
    try:
        old.backup(new)
    finally:
        old.close()
        new.close()
    return target
