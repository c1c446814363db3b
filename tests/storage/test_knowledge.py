"""Entry versions: an upgrade keeps data, backups carry them, one is open an entry, decisions are counted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection

from storage import schema
from storage.archive import backup, restore
from storage.database import Database
from storage.tables import EntryStatus, EntryVersion
from tests.conftest import Clock

OLD_ROWS = (
    "INSERT INTO person (id, created_at, language, village_asked, follow_ups_stopped) "
    "VALUES (1, '2026-11-24 09:00:00', 'zh', false, false)",
    "INSERT INTO conversation (id, channel, account, chat, person_id, flow, step, data, version, created_at) "
    "VALUES (1, 'web', 'web', 'x', 1, '', '', '{}', 0, '2026-11-24 09:00:00')",
    "INSERT INTO question (id, person_id, conversation_id, text, language, asked_at, outcome, confidence, "
    "candidates, entry_id, entry_version, entry_language, comment) VALUES "
    "(1, 1, 1, 'q', 'zh', '2026-11-24 09:00:00', 'answer', 1, '[]', 'a', 'v', 'zh', '')",
)
"""What a database of the first schema may hold."""


def version(clock: Clock, **values: Any) -> EntryVersion:
    fields: dict[str, Any] = {"entry_id": "a", "language": "zh", "version": "v", "created_at": clock.now}
    return EntryVersion(**{**fields, "body": {"id": "a"}, **values})


async def test_an_upgrade_from_the_first_schema_keeps_what_is_there(database_url: str, clock: Clock) -> None:
    db = Database(database_url)

    def first(connection: Connection) -> None:
        command.upgrade(schema.alembic_config(connection), "0001")
        for statement in OLD_ROWS:
            connection.exec_driver_sql(statement)

    async with db.engine.begin() as connection:
        await connection.run_sync(first)
    assert (await schema.check(db)).status is schema.SchemaStatus.OLD
    await schema.upgrade(db)
    assert (await schema.check(db)).status is schema.SchemaStatus.CURRENT
    async with db.read() as uow:
        [question] = await uow.knowledge.questions_of("a", clock.now - timedelta(days=1))
        assert (question.text, question.recalled_version) == ("q", "")
        assert await uow.knowledge.revision() == 0
        assert await uow.knowledge.decided() == []
    await db.dispose()


async def test_one_open_version_an_entry_and_language(database: Database, clock: Clock) -> None:
    async with database.write() as uow:
        await uow.knowledge.add(version(clock))
        await uow.knowledge.add(version(clock, language="en"))
        await uow.knowledge.add(version(clock, status=EntryStatus.PUBLISHED, revision=1))
        await uow.knowledge.add(version(clock, status=EntryStatus.WITHDRAWN, revision=2))
        await uow.commit()
    for status in (EntryStatus.DRAFT, EntryStatus.REVIEW):
        async with database.write() as uow:
            assert not await uow.knowledge.add(version(clock, status=status))
    async with database.read() as uow:
        assert [row.status for row in await uow.knowledge.decided()] == ["published", "withdrawn"]
        last = await uow.knowledge.last_decided("a", "zh")
        assert last is not None
        assert last.revision == 2


async def test_the_revision_is_seen_after_the_commit_only(database: Database) -> None:
    async with database.write() as uow:
        assert [await uow.knowledge.next_revision() for _ in range(3)] == [1, 2, 3]
        async with database.read() as other:
            assert await other.knowledge.revision() == 0
        await uow.commit()
    async with database.read() as uow:
        assert await uow.knowledge.revision() == 3


async def test_a_backup_carries_versions_and_the_revision(
    database: Database, clock: Clock, tmp_path: Path, empty_postgres: str
) -> None:
    async with database.write() as uow:
        number = await uow.knowledge.next_revision()
        await uow.knowledge.add(version(clock, status=EntryStatus.PUBLISHED, revision=number, body={"问": ["答"]}))
        await uow.commit()
    await backup(database, tmp_path / "blobs", tmp_path / "saved.tar.gz")
    for at, url in enumerate([f"sqlite:///{tmp_path / 'two.sqlite3'}", empty_postgres]):
        other = Database(url)
        await restore(tmp_path / "saved.tar.gz", other, tmp_path / f"blobs{at}")
        async with other.write() as uow:
            assert await uow.knowledge.revision() == 1
            [row] = await uow.knowledge.decided()
            assert row.body == {"问": ["答"]}
            later = version(clock)
            assert await uow.knowledge.add(later)
            assert later.id > row.id
        await other.dispose()
