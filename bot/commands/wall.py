"""`doorstep wall`: the ties that keep an adviser from cases against somebody."""

from __future__ import annotations

import click

from bot.app import App
from bot.commands.acting import acting, saying_why
from bot.commands.common import Row, as_json, changing, configured, looking, show, villages_named
from handlers import ties
from handlers.messages import Outcome
from storage.tables import Wall
from storage.unit_of_work import UnitOfWork

COLUMNS = ("id", "staff", "staff_name", "tie", "name", "village")


@click.group()
def wall() -> None:
    """Declared ties: whose cases an adviser is kept from."""


async def _described(row: Wall, uow: UnitOfWork) -> Row:
    staff, village = await uow.county.staff(row.staff_id), await uow.county.village(row.village_id)
    return {
        "id": row.id, "staff": row.staff_id, "staff_name": staff.name if staff else "", "tie": row.tie,
        "name": row.name, "village": village.code if village else "",
    }  # fmt: skip


@wall.command("add")
@click.option("--staff", "staff_id", type=int, required=True)
@click.option("--tie", required=True, help=", ".join(ties.TIES))
@click.option("--name", default="", help="The relative or client, as villagers write it.")
@click.option("--village", default="", help="For a committee: of which village; its code or name.")
@as_json
@click.pass_context
def add(ctx: click.Context, staff_id: int, tie: str, name: str, village: str, as_json: bool) -> None:
    """Declare a tie. Cases of theirs that it touches move on at once."""
    if village and tie != "committee":
        raise click.UsageError("--village is for --tie committee.")

    async def work(app: App, uow: UnitOfWork) -> tuple[Row, Outcome]:
        _, found = await villages_named([village], uow) if village else (False, [])
        village_id = found[0].id if found else None
        now = app.clock()
        row, outcome = await ties.declare(
            staff_id, tie, name, village_id, app.house, uow, now, key=f"wall:{staff_id}:{now}"
        )
        return await _described(row, uow), outcome

    show([acting(configured(ctx), work)], as_json=as_json, columns=COLUMNS, empty="")


@wall.command("list")
@as_json
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Every declared tie."""

    async def work(uow: UnitOfWork) -> list[Row]:
        return [await _described(row, uow) for row in await uow.roster.walls()]

    show(looking(configured(ctx), work), as_json=as_json, columns=COLUMNS, empty="No ties are declared.")


@wall.command("remove")
@click.option("--wall", "wall_id", type=int, required=True)
@as_json
@click.pass_context
def remove(ctx: click.Context, wall_id: int, as_json: bool) -> None:
    """A tie is over."""

    async def work(uow: UnitOfWork) -> Row:
        return await _described(await ties.take_back(wall_id, uow), uow)

    with saying_why():
        row = changing(configured(ctx), work)
    show([row], as_json=as_json, columns=COLUMNS, empty="")
