"""What the commands share: a unit of work beside a running product, moments, and printing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from bot.config import Config, load_config
from storage import schema
from storage.database import Database, StorageError
from storage.tables import Village
from storage.unit_of_work import UnitOfWork

Result = TypeVar("Result")
Date = TypeVar("Date", bound=date)
Row = dict[str, Any]

as_json = click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")


def configured(ctx: click.Context) -> Config:
    """The configuration of this call. Raises ConfigError."""
    return load_config(ctx.obj)


def make_data_dir(config: Config) -> None:
    """Raises StorageError when the data directory cannot be used."""
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"data_dir: {config.data_dir} cannot be used: {error.strerror}") from None


def changing(config: Config, work: Callable[[UnitOfWork], Awaitable[Result]]) -> Result:
    """Run `work` in one unit of work and commit it. Raises StorageError, and what `work` raises; then keeps nothing."""

    async def act(db: Database) -> Result:
        async with db.write() as uow:
            result = await work(uow)
            await uow.commit()
        return result

    return with_database(config, act)


def looking(config: Config, work: Callable[[UnitOfWork], Awaitable[Result]]) -> Result:
    """Run `work` on a consistent look at the database. Raises StorageError."""

    async def act(db: Database) -> Result:
        async with db.read() as uow:
            return await work(uow)

    return with_database(config, act)


def with_database(config: Config, act: Callable[[Database], Awaitable[Result]]) -> Result:
    """Run `act` on the configured database. Raises StorageError."""

    async def main() -> Result:
        make_data_dir(config)
        db = Database(config.database_url)
        try:
            await schema.prepare(db, may_upgrade=False, now=datetime.now(UTC))
            return await act(db)
        finally:
            await db.dispose()

    return asyncio.run(main())


def show(rows: Sequence[Row], *, as_json: bool, columns: Sequence[str], empty: str) -> None:
    """Print rows: all of them as a JSON list, or some columns as a table for people."""
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1, default=plain))
        return
    if not rows:
        click.echo(empty)
        return
    table = [list(columns), *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[index]) for line in table) for index in range(len(columns))]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def plain(value: Any) -> str:
    """Moments as ISO 8601; anything else by its own words."""
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    text = ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def in_reach(day: Date) -> Date:
    """A day or moment that can be reckoned with; ValueError for those at the ends of the calendar."""
    if not 1900 <= day.year <= 9000:
        raise ValueError
    return day


class Moment(click.ParamType[datetime]):
    """An ISO 8601 moment; without an offset, local to the county."""

    name = "iso"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return in_reach(datetime.fromisoformat(str(value).strip()))
        except ValueError:
            self.fail(f"{value!r} is not a moment such as 2026-11-24T09:00 or 2026-11-24T09:00+08:00", param, ctx)


def aware(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment in UTC; local to `zone` where it names no offset."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


class Day(click.ParamType[date]):
    """An ISO 8601 day."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return in_reach(date.fromisoformat(str(value).strip()))
        except ValueError:
            self.fail(f"{value!r} is not a day such as 2026-12-01", param, ctx)


def base_url(config: Config) -> str:
    """The address of the pages, as people reach them, without '/'."""
    return config.web.public_url.rstrip("/") or f"http://127.0.0.1:{config.web.port}"


async def town_named(name: str, uow: UnitOfWork) -> int | None:
    """The id of a town by its name; None for ''. Raises click.ClickException for one that no village lies in."""
    if not name.strip():
        return None
    found = [village.town_id for village, town in await uow.county.villages() if town == name.strip()]
    if not found:
        raise click.ClickException(f"town {name!r}: there is no such town: doorstep village list")
    return found[0]


async def villages_named(names: Sequence[str], uow: UnitOfWork) -> tuple[bool, list[Village]]:
    """What `--village` means: ALL, or villages by code or exact name. Raises click.ClickException for others."""
    if any(name.strip().upper() == "ALL" for name in names):
        return True, []
    known = [village for village, _ in await uow.county.villages()]
    found = []
    for name in names:
        fits = [village for village in known if name.strip() in {village.code, village.name}]
        if len(fits) != 1:
            why = "there is no such village" if not fits else "several villages have this name: use the code"
            raise click.ClickException(f"village {name!r}: {why}")
        found += fits
    return False, found


def read_file(path: Path) -> bytes:
    """The bytes of a file. Raises click.ClickException."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None
