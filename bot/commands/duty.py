"""`doorstep duty`: who is on duty when, once and every week; leave, gaps and swaps."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from bot.app import App
from bot.commands.acting import saying_why, seeing
from bot.commands.away import leave, swap
from bot.commands.common import Moment, Row, as_json, aware, changing, configured, looking, show
from bot.commands.roster_rows import Names, place, post
from bot.commands.weekly import pattern
from handlers import rostering
from handlers.duty import coming_gaps
from handlers.rules.duty import Duty
from storage.unit_of_work import UnitOfWork

COLUMNS = ("id", "staff", "name", "from", "to", "village", "town", "topic", "on_call")


@click.group()
def duty() -> None:
    """Shifts, weekly duties, leave, gaps and swaps."""


duty.add_command(pattern)
duty.add_command(leave)
duty.add_command(swap)


@duty.command("add")
@click.option("--staff", "staff_id", type=int, required=True)
@click.option("--from", "starts", type=Moment(), help="ISO 8601; without an offset, the county's own time.")
@click.option("--to", "ends", type=Moment())
@click.option("--always", is_flag=True, help="From now until further notice.")
@post
@as_json
@click.pass_context
def add(
    ctx: click.Context,
    staff_id: int,
    starts: datetime | None,
    ends: datetime | None,
    always: bool,
    village: str,
    town: str,
    topic: str,
    on_call: bool,
    as_json: bool,
) -> None:
    """Put somebody on duty once, or until further notice."""
    config = configured(ctx)
    if always == (starts is not None or ends is not None):
        raise click.UsageError("Say either --from and --to, or --always.")
    if not always and (starts is None or ends is None):
        raise click.UsageError("Say both --from and --to.")
    now = datetime.now(UTC)
    begin = now if starts is None else aware(starts, config.zone)
    end = None if ends is None else aware(ends, config.zone)

    async def work(uow: UnitOfWork) -> Row:
        village_id, town_id = await place(village, town, uow)
        wanted = Duty(staff_id, begin, end, village_id, town_id, topic, on_call)
        return (await Names.read(uow)).shift(await rostering.add_shift(wanted, uow, now))

    with saying_why():
        row = changing(config, work)
    show([row], as_json=as_json, columns=COLUMNS, empty="")


@duty.command("list")
@as_json
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Shifts that have not ended."""

    async def work(uow: UnitOfWork) -> list[Row]:
        names = await Names.read(uow)
        return [names.shift(row) for row in await uow.county.shifts(datetime.now(UTC))]

    show(looking(configured(ctx), work), as_json=as_json, columns=COLUMNS, empty="Nobody is on the roster.")


@duty.command("remove")
@click.option("--shift", "shift_id", type=int, required=True)
@as_json
@click.pass_context
def remove(ctx: click.Context, shift_id: int, as_json: bool) -> None:
    """Take a shift off the roster."""

    async def work(uow: UnitOfWork) -> Row:
        row = await uow.county.remove_shift(shift_id)
        if row is None:
            raise click.ClickException(f"there is no shift {shift_id}: doorstep duty list")
        return (await Names.read(uow)).shift(row)

    show([changing(configured(ctx), work)], as_json=as_json, columns=COLUMNS, empty="")


@duty.command("gaps")
@as_json
@click.pass_context
def gaps(ctx: click.Context, as_json: bool) -> None:
    """When which villages have nobody on duty within the opening hours of the next 14 days."""

    config = configured(ctx)

    async def work(app: App, uow: UnitOfWork) -> list[Row]:
        codes = {village.id: village.code for village, _ in await uow.county.villages()}
        found = await coming_gaps(app.house, uow, app.clock())
        return [
            {
                "from": app.house.local(span.starts),
                "to": app.house.local(span.ends),
                "villages": [codes[number] for number in villages],
            }
            for span, villages in found.items()
        ]

    show(seeing(config, work), as_json=as_json, columns=("from", "to", "villages"), empty="There are no gaps.")
