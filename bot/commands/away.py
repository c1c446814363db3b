"""`doorstep duty leave` and `doorstep duty swap`: when somebody is on no duty, and who takes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import click

from bot.app import App
from bot.commands.acting import acting
from bot.commands.common import Moment, Row, as_json, aware, configured, in_reach, looking, show
from bot.commands.roster_rows import Names
from handlers import rostering
from handlers.messages import Outcome
from storage.unit_of_work import UnitOfWork

COLUMNS = ("id", "staff", "name", "from", "to", "reason")
SWAP_COLUMNS = ("id", "name", "with_name", "from", "to", "state")


class DayOrMoment(click.ParamType[date]):
    """A day, or an ISO 8601 moment."""

    name = "iso"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return in_reach(date.fromisoformat(str(value).strip()))
        except ValueError:
            return Moment().convert(value, param, ctx)


@click.group()
def leave() -> None:
    """When somebody is on no duty."""


@click.group()
def swap() -> None:
    """Duties that one adviser asks another to take."""


@leave.command("add")
@click.option("--staff", "staff_id", type=int, required=True)
@click.option("--from", "first", type=DayOrMoment(), required=True, help="A day, or a moment.")
@click.option("--to", "last", type=DayOrMoment(), required=True, help="A day, to its end; or a moment.")
@as_json
@click.pass_context
def add(ctx: click.Context, staff_id: int, first: date, last: date, as_json: bool) -> None:
    """Somebody is away. The director is told; what they have not answered is offered to others once it begins."""
    config = configured(ctx)
    begin = first if isinstance(first, datetime) else datetime.combine(first, time())
    end = last if isinstance(last, datetime) else datetime.combine(last + timedelta(days=1), time())

    async def work(app: App, uow: UnitOfWork) -> tuple[Row, Outcome]:
        staff = await rostering.member(staff_id, uow)
        starts, ends = aware(begin, config.zone), aware(end, config.zone)
        now = app.clock()
        row, outcome = await rostering.take_leave(
            staff, starts, ends, app.house, uow, now, key=f"leave:{staff_id}:{now}"
        )
        return (await Names.read(uow)).leave(row), outcome

    show([acting(config, work)], as_json=as_json, columns=COLUMNS, empty="")


@leave.command("list")
@as_json
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Leave, sickness and swapped time that has not ended."""

    async def work(uow: UnitOfWork) -> list[Row]:
        names = await Names.read(uow)
        return [names.leave(row) for row in await uow.roster.leaves(datetime.now(UTC))]

    show(looking(configured(ctx), work), as_json=as_json, columns=COLUMNS, empty="Nobody is on leave.")


@leave.command("remove")
@click.option("--leave", "leave_id", type=int, required=True)
@as_json
@click.pass_context
def remove(ctx: click.Context, leave_id: int, as_json: bool) -> None:
    """Leave is not taken; one that has begun ends now. The director is told."""

    async def work(app: App, uow: UnitOfWork) -> tuple[Row, Outcome]:
        row, outcome = await rostering.cancel_leave(leave_id, app.house, uow, app.clock())
        return (await Names.read(uow)).leave(row), outcome

    show([acting(configured(ctx), work)], as_json=as_json, columns=COLUMNS, empty="")


@swap.command("list")
@as_json
@click.pass_context
def swaps(ctx: click.Context, as_json: bool) -> None:
    """Swaps of times that have not passed: asked, accepted, refused."""

    async def work(uow: UnitOfWork) -> list[Row]:
        names = await Names.read(uow)
        return [names.swap(row) for row in await uow.roster.swaps(datetime.now(UTC))]

    show(looking(configured(ctx), work), as_json=as_json, columns=SWAP_COLUMNS, empty="No swaps.")
