"""Backup and restore: a conversation goes on where it was; damaged backups change nothing."""

from __future__ import annotations

import io
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.config import Config
from storage import schema
from storage.archive import ArchiveError, backup, restore
from storage.blobs import BlobStore
from storage.database import Database
from tests.conftest import Clock
from tests.dialogues.stage import Stage


async def lived(database: Database, clock: Clock, folder: Path) -> Stage:
    """A stage with a case, a claim, a file and a follow-up that waits."""
    stage = Stage.build(database, clock, Config(data_dir=folder))
    wang = await stage.adviser("王海")
    li = stage.person("li")
    await li.moves_in()
    await li.says("老板拖欠工资不给怎么办")
    await li.says("/person")
    await wang.presses("case:1:claim")
    blob = BlobStore(folder / "blobs").put(b"\x89PNG\r\n\x1a\nxx", "a.png", clock.now)
    async with database.write() as uow:
        await uow.people.add_blob(blob)
        await uow.commit()
    return stage


async def test_a_conversation_goes_on_after_a_restore(
    database: Database, clock: Clock, tmp_path: Path, empty_postgres: str
) -> None:
    stage = await lived(database, clock, tmp_path / "one")
    saved = tmp_path / "saved.tar.gz"
    made = await backup(database, tmp_path / "one" / "blobs", saved)
    assert made.files == 1
    for number, url in enumerate([f"sqlite:///{tmp_path / 'two.sqlite3'}", empty_postgres]):
        other = Database(url)
        folder = tmp_path / f"restored{number}"
        assert await restore(saved, other, folder / "blobs") == made
        again = Stage.build(other, clock, Config(data_dir=folder))
        again.ids, again.channel.updates = stage.ids, stage.channel.updates
        wang, li = again.person("王海"), again.person("li")
        await again.tick()
        shown = next(row for row in reversed(wang.heard) if "case:1:close:answered" in [c[0] for c in row.choices])
        wang.hears_all()
        li.hears_all()
        await wang.says("还在", reply_to=shown)
        li.hears("还在")
        await wang.presses("case:1:close:answered")
        li.hears_all()
        await again.passes(timedelta(days=3))
        li.hears("解决了吗")
        clock.advance(-timedelta(days=3))
        await other.dispose()


async def test_what_was_being_sent_comes_back_as_unknown(database: Database, clock: Clock, tmp_path: Path) -> None:
    await lived(database, clock, tmp_path / "one")
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: sync.execute(text("UPDATE outbox SET outcome = 'sending'")))
    await backup(database, tmp_path / "one" / "blobs", tmp_path / "b.tar.gz")
    other = Database(f"sqlite:///{tmp_path / 'two.sqlite3'}")
    await restore(tmp_path / "b.tar.gz", other, tmp_path / "blobs")
    async with other.read() as uow:
        rows = await uow.outbox.listed()
    assert rows
    assert all((row.outcome, row.unknown) == ("waiting", True) for row, _, _ in rows)
    await other.dispose()


async def test_neither_overwrites(database: Database, clock: Clock, tmp_path: Path) -> None:
    await lived(database, clock, tmp_path / "one")
    saved = tmp_path / "saved.tar.gz"
    await backup(database, tmp_path / "one" / "blobs", saved)
    with pytest.raises(ArchiveError, match="exists already"):
        await backup(database, tmp_path / "one" / "blobs", saved)
    with pytest.raises(ArchiveError, match="not empty"):
        await restore(saved, database, tmp_path / "blobs")


def _tar(path: Path, **members: bytes) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


async def test_damaged_backups_change_nothing(clock: Clock, tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'one.sqlite3'}")
    await schema.upgrade(db)
    await lived(db, clock, tmp_path / "one")
    whole = tmp_path / "whole.tar.gz"
    await backup(db, tmp_path / "one" / "blobs", whole)
    (tmp_path / "short.tar.gz").write_bytes(whole.read_bytes()[:-900])
    (tmp_path / "words.tar.gz").write_text("dear diary")
    _tar(tmp_path / "path.tar.gz", **{"../../etc/passwd": b"x"})
    _tar(tmp_path / "empty.tar.gz")
    _tar(tmp_path / "manifest.tar.gz", **{"manifest.json": b"{"})
    _tar(tmp_path / "newer.tar.gz", **{"manifest.json": b'{"format": 1, "schema": "9999", "rows": {}}'})
    other = Database(f"sqlite:///{tmp_path / 'two.sqlite3'}")
    for name in ("short", "words", "path", "empty", "manifest", "newer", "missing"):
        with pytest.raises(ArchiveError):
            await restore(tmp_path / f"{name}.tar.gz", other, tmp_path / "blobs")
    async with other.read() as uow:
        assert await uow.cases.listed() == []
    assert not (tmp_path / "blobs").exists()
    await db.dispose()
    await other.dispose()
