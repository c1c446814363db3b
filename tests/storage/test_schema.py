"""The schema: made by migrations, the same as the tables say, refused when old or strange."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage import schema
from storage.database import Database, StorageError
from storage.tables import metadata
from tests.conftest import Clock


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_migrations_make_what_the_tables_say(database: Database) -> None:
    async with database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


def test_head_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(schema.alembic_config()).get_current_head() == schema.HEAD


async def test_an_empty_database_is_created_and_a_current_one_left(database_url: str, clock: Clock) -> None:
    db = Database(database_url)
    assert (await schema.check(db)).status is schema.SchemaStatus.EMPTY
    await schema.prepare(db, may_upgrade=False, now=clock.now)
    await schema.prepare(db, may_upgrade=False, now=clock.now)
    assert (await schema.check(db)).status is schema.SchemaStatus.CURRENT
    await db.dispose()


async def test_a_newer_schema_is_refused(database: Database, clock: Clock) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: sync.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(StorageError, match="9999"):
        await schema.prepare(database, may_upgrade=True, now=clock.now)


async def test_an_old_schema_names_the_command(database: Database, clock: Clock) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: sync.execute(text("UPDATE alembic_version SET version_num = ''")))
    with pytest.raises(StorageError, match="doorstep db upgrade"):
        await schema.prepare(database, may_upgrade=False, now=clock.now)


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "doorstep.sqlite3"
    path.write_text("dear diary, this is not a database at all")
    db = Database(f"sqlite:///{path}")
    with pytest.raises(StorageError, match="is not an SQLite database"):
        await schema.prepare(db, may_upgrade=True, now=clock.now)
    assert path.read_text().startswith("dear diary")
    await db.dispose()


async def test_a_file_in_the_place_of_the_folder_is_a_clear_error(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "data").write_text("")
    db = Database(f"sqlite:///{tmp_path / 'data' / 'doorstep.sqlite3'}")
    with pytest.raises(StorageError, match="cannot be kept at"):
        await schema.prepare(db, may_upgrade=True, now=clock.now)
    await db.dispose()


async def test_the_copy_before_an_upgrade_is_whole(tmp_path: Path, clock: Clock) -> None:
    db = Database(f"sqlite:///{tmp_path / 'doorstep.sqlite3'}")
    await schema.upgrade(db)
    copy = Database(f"sqlite:///{schema.copy_sqlite(db, '0001', clock.now)}")
    assert (await schema.check(copy)).status is schema.SchemaStatus.CURRENT
    await copy.dispose()
    await db.dispose()


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(StorageError, match=r"database\.url"):
        Database(url)
