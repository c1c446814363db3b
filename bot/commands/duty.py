"""`doorstep duty`: who is on duty when."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from bot.commands.common import Moment, Row, as_json, aware, changing, configured, looking, show
from storage.tables import Shift
from storage.unit_of_work import UnitOfWork

COLUMNS = ("id", "staff", "name", "from", "to")


@click.group()
def duty() -> None:
    """Shifts."""


async def _described(shift: Shift, uow: UnitOfWork) -> Row:
    member = await uow.county.staff(shift.staff_id)
    name = member.name if member else ""
    return {"id": shift.id, "staff": shift.staff_id, "name": name, "from": shift.starts, "to": shift.ends}


@duty.command("add")
@click.option("--staff", "staff_id", type=int, required=True)
@click.option("--from", "starts", type=Moment(), help="ISO 8601; without an offset, the county's own time.")
@click.option("--to", "ends", type=Moment())
@click.option("--always", is_flag=True, help="From now until further notice.")
@as_json
@click.pass_context
def add(
    ctx: click.Context, staff_id: int, starts: datetime | None, ends: datetime | None, always: bool, as_json: bool
) -> None:
    """Put somebody on duty."""
    config = configured(ctx)
    if always == (starts is not None or ends is not None):
        raise click.UsageError("Say either --from and --to, or --always.")
    if not always and (starts is None or ends is None):
        raise click.UsageError("Say both --from and --to.")
    begin = datetime.now(UTC) if starts is None else aware(starts, config.zone)
    end = None if ends is None else aware(ends, config.zone)
    if end is not None and end <= begin:
        raise click.ClickException("--to: must be after --from")

    async def work(uow: UnitOfWork) -> Row:
        member = await uow.county.staff(staff_id)
        if member is None or not member.active:
            raise click.ClickException(f"there is no active staff {staff_id}: doorstep staff list")
        return await _described(await uow.county.add_shift(staff_id, begin, end), uow)

    show([changing(config, work)], as_json=as_json, columns=COLUMNS, empty="")


@duty.command("list")
@as_json
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Shifts that have not ended."""

    async def work(uow: UnitOfWork) -> list[Row]:
        return [await _described(shift, uow) for shift in await uow.county.shifts(datetime.now(UTC))]

    show(looking(configured(ctx), work), as_json=as_json, columns=COLUMNS, empty="Nobody is on the roster.")


@duty.command("remove")
@click.option("--shift", "shift_id", type=int, required=True)
@as_json
@click.pass_context
def remove(ctx: click.Context, shift_id: int, as_json: bool) -> None:
    """Take a shift off the roster."""

    async def work(uow: UnitOfWork) -> Row:
        shift = await uow.county.remove_shift(shift_id)
        if shift is None:
            raise click.ClickException(f"there is no shift {shift_id}: doorstep duty list")
        return await _described(shift, uow)

    show([changing(configured(ctx), work)], as_json=as_json, columns=COLUMNS, empty="")
