"""`doorstep duty pattern`: duties that come again every week."""

from __future__ import annotations

from datetime import date, datetime

import click

from bot.commands.acting import saying_why
from bot.commands.common import Day, Row, as_json, changing, configured, looking, show
from bot.commands.roster_rows import Names, place, post
from handlers import rostering
from handlers.rules.roster import Pattern
from handlers.rules.roster_words import hour_said, weekdays_said
from storage.tables import Role
from storage.unit_of_work import UnitOfWork

COLUMNS = ("id", "staff", "name", "role", "weekdays", "begins", "ends", "holidays", "village", "town", "topic")


class Hour(click.ParamType[str]):
    """A local time of day."""

    name = "hh:mm"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        found = hour_said(value)
        if found is None:
            self.fail(f"{value!r} is not a time of day such as 09:00", param, ctx)
        return found.strftime("%H:%M")


@click.group()
def pattern() -> None:
    """Duties that come again every week."""


@pattern.command("add")
@click.option("--staff", "staff_id", type=int, required=True)
@click.option("--weekdays", required=True, help="mon-fri, mon,wed,fri, daily, 周一至周五 …")
@click.option("--from", "begins", type=Hour(), required=True, help="Local time, HH:MM.")
@click.option("--to", "ends", type=Hour(), required=True, help="Not after --from: on the next day.")
@click.option("--first-day", type=Day(), help="Today, unless given.")
@click.option("--last-day", type=Day(), help="Until further notice, unless given.")
@click.option("--on-holidays", is_flag=True, help="By weekdays alone: on public holidays too, not on make-up days.")
@post
@as_json
@click.pass_context
def add(
    ctx: click.Context,
    staff_id: int,
    weekdays: str,
    begins: str,
    ends: str,
    first_day: date | None,
    last_day: date | None,
    on_holidays: bool,
    village: str,
    town: str,
    topic: str,
    on_call: bool,
    as_json: bool,
) -> None:
    """Put somebody on duty every week. Public holidays are free; who works Monday to Friday works make-up days."""
    config = configured(ctx)
    today = datetime.now(config.zone).date()
    begin, end = hour_said(begins), hour_said(ends)
    if begin is None or end is None:
        raise click.UsageError("--from and --to are times of day.")

    async def work(uow: UnitOfWork) -> Row:
        village_id, town_id = await place(village, town, uow)
        wanted = Pattern(
            staff_id=staff_id,
            weekdays=weekdays_said(weekdays),
            begins=begin,
            ends=end,
            first_day=first_day or today,
            last_day=last_day,
            working_days=not on_holidays,
            village_id=village_id,
            town_id=town_id,
            topic=topic,
            on_call=on_call,
        )
        return (await Names.read(uow)).pattern(await rostering.add_pattern(wanted, uow, today))

    with saying_why():
        row = changing(config, work)
    show([row], as_json=as_json, columns=COLUMNS, empty="")


@pattern.command("list")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="Of staff of this role alone.")
@as_json
@click.pass_context
def list_(ctx: click.Context, role: str | None, as_json: bool) -> None:
    """Every weekly duty."""

    async def work(uow: UnitOfWork) -> list[Row]:
        names = await Names.read(uow)
        rows = [names.pattern(row) for row in await uow.roster.patterns()]
        return [row for row in rows if role in {None, row["role"]}]

    show(looking(configured(ctx), work), as_json=as_json, columns=COLUMNS, empty="There are no weekly duties.")


@pattern.command("remove")
@click.option("--pattern", "pattern_id", type=int, required=True)
@as_json
@click.pass_context
def remove(ctx: click.Context, pattern_id: int, as_json: bool) -> None:
    """Take a weekly duty off the roster."""

    async def work(uow: UnitOfWork) -> Row:
        row = await uow.roster.remove_pattern(pattern_id)
        if row is None:
            raise click.ClickException(f"there is no weekly duty {pattern_id}: doorstep duty pattern list")
        return (await Names.read(uow)).pattern(row)

    show([changing(configured(ctx), work)], as_json=as_json, columns=COLUMNS, empty="")
