"""`doorstep db`, `doorstep backup`, `doorstep restore`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.commands.common import Row, as_json, configured, make_data_dir, show
from bot.config import Config
from storage import archive, schema
from storage.database import Database


@click.group()
def db() -> None:
    """The database's schema."""


def _run(config: Config, act: Callable[[Database], Awaitable[Row]]) -> Row:
    async def main() -> Row:
        make_data_dir(config)
        database = Database(config.database_url)
        try:
            return await act(database)
        finally:
            await database.dispose()

    return asyncio.run(main())


@db.command("check")
@as_json
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Compare the schema with this version's; exit status 1 unless it is current."""

    async def act(database: Database) -> Row:
        state = await schema.check(database)
        return {"status": state.status.value, "revision": state.revision, "head": state.head}

    found = _run(configured(ctx), act)
    show([found], as_json=as_json, columns=("status", "revision", "head"), empty="")
    ctx.exit(0 if found["status"] == "current" else 1)


@db.command("upgrade")
@as_json
@click.pass_context
def upgrade(ctx: click.Context, as_json: bool) -> None:
    """Bring the schema to this version's. An SQLite file is copied first."""

    async def act(database: Database) -> Row:
        before = await schema.check(database)
        copy = ""
        if before.status is schema.SchemaStatus.OLD and database.is_sqlite:
            copy = str(schema.copy_sqlite(database, before.revision, datetime.now(UTC)))
        if before.status is schema.SchemaStatus.UNKNOWN:
            raise click.ClickException(f"the database has schema {before.revision or 'of something else'}: left alone")
        await schema.upgrade(database)
        return {"before": before.revision, "revision": schema.HEAD, "copy": copy}

    show([_run(configured(ctx), act)], as_json=as_json, columns=("before", "revision", "copy"), empty="")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@click.pass_context
def backup(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Write everything to a new FILE, beside a running product."""
    config = configured(ctx)

    async def act(database: Database) -> Row:
        made = await archive.backup(database, config.data_dir / "blobs", file)
        return {"file": str(file), "rows": made.rows, "files": made.files}

    show([_run(config, act)], as_json=as_json, columns=("file", "rows", "files"), empty="")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@click.pass_context
def restore(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Put a backup into an empty data directory or an empty database."""
    config = configured(ctx)

    async def act(database: Database) -> Row:
        made = await archive.restore(file, database, config.data_dir / "blobs")
        return {"file": str(file), "rows": made.rows, "files": made.files}

    show([_run(config, act)], as_json=as_json, columns=("file", "rows", "files"), empty="")
