"""`doorstep deadlines`: the table of legal time limits, and when one ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import click
from rapidfuzz import fuzz, process, utils

from bot.commands.common import Row, as_json, configured, looking, show
from faq.deadlines import Deadline, Words, load_deadlines
from faq.files import KnowledgeBaseError
from handlers.limits_of_cases import described
from handlers.rules.deadlines import DeadlineError, Due, Obstacle, articles, compute
from handlers.wording import LANGUAGES, Wording
from storage.unit_of_work import UnitOfWork

NEAR = 65.0
"""A score from which a name is near enough to be suggested."""


class Day(click.ParamType[date]):
    """A day of the calendar, as 2026-03-31."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(str(value).strip(), "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            self.fail(f"{value!r} is not a day such as 2026-03-31", param, ctx)


class Span(click.ParamType[Obstacle]):
    """Two days of the calendar, as 2026-03-01..2026-04-10; without the second it goes on."""

    name = "day..day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Obstacle:
        since, dots, over = str(value).partition("..")
        if not dots:
            self.fail(f"{value!r} is not a time such as 2026-03-01..2026-04-10, or 2026-03-01.. for now", param, ctx)
        day = Day()
        return day.convert(since, param, ctx), day.convert(over, param, ctx) if over.strip() else None


in_language = click.option(
    "--language", type=click.Choice(LANGUAGES), help="Of the words; else that of county.default_language."
)


@click.group()
def deadlines() -> None:
    """Legal time limits."""


@deadlines.command("list")
@in_language
@as_json
@click.pass_context
def list_(ctx: click.Context, as_json: bool, language: str | None) -> None:
    """Every matter: from when its time runs, how long, by which article."""
    chosen = language or configured(ctx).county.default_language
    rows = [_described(row, chosen) for row in _table()]
    show(rows, as_json=as_json, columns=("matter", "length", "unit", "name", "trigger", "article"), empty="")


@deadlines.command("compute")
@click.option("--matter", required=True, help="As named by `doorstep deadlines list`.")
@click.option("--from", "trigger", type=Day(), required=True, help="The day the time runs from; itself not counted.")
@click.option("--longest-from", type=Day(), help="The day the matter's longest limit runs from.")
@click.option("--demand", "demands", type=Day(), multiple=True, help="A provable demand or admission; repeatable.")
@click.option("--obstacle", "obstacles", type=Span(), multiple=True, help="What nobody could help; repeatable.")
@click.option("--right-known", type=Day(), help="The day the right became known, where the office told nobody of it.")
@in_language
@as_json
@click.pass_context
def compute_(
    ctx: click.Context,
    as_json: bool,
    matter: str,
    trigger: date,
    longest_from: date | None,
    demands: Sequence[date],
    obstacles: Sequence[Obstacle],
    right_known: date | None,
    language: str | None,
) -> None:
    """When a time limit ends, and what is doubtful about it."""
    row = _matter(matter)
    config = configured(ctx)
    today = datetime.now(UTC).astimezone(config.zone).date()
    try:
        due = compute(
            row, trigger, today=today, longest_from=longest_from, demands=demands, obstacles=obstacles,
            right_known=right_known,
        )  # fmt: skip
    except DeadlineError as error:
        raise click.ClickException(str(error)) from None
    worked_out = _worked_out(due, language or config.county.default_language)
    if as_json:
        show([worked_out], as_json=True, columns=(), empty="")
        return
    for name in ("date", "unrolled", "explanation", "act", "article", "doubt"):
        if worked_out[name]:
            click.echo(f"{name}: {worked_out[name]}")


@deadlines.command("running")
@as_json
@click.pass_context
def running(ctx: click.Context, as_json: bool) -> None:
    """The limits that run for people, the nearest first; without their names."""
    config = configured(ctx)
    today = datetime.now(UTC).astimezone(config.zone).date()

    async def work(uow: UnitOfWork) -> list[Row]:
        found = await uow.deadlines.running()
        return [described(row, config.county.default_language, today) for row in found]

    show(
        looking(config, work), as_json=as_json, columns=("id", "matter", "case", "state", "from", "date", "days_left"),
        empty="No time limit runs.",
    )  # fmt: skip


def _table() -> tuple[Deadline, ...]:
    try:
        return load_deadlines()
    except KnowledgeBaseError as error:
        raise click.ClickException(str(error)) from None


def _matter(typed: str) -> Deadline:
    """The row of a matter. Raises click.ClickException that names those it might have been."""
    rows = {row.id: row for row in _table()}
    row = rows.get(typed.strip())
    if row is not None:
        return row
    names = {words: row.id for row in rows.values() for words in (row.id, row.matter.zh, row.matter.en)}
    found = process.extract(
        typed, list(names), scorer=fuzz.WRatio, processor=utils.default_process, limit=5, score_cutoff=NEAR
    )
    near = ", ".join(dict.fromkeys(names[name] for name, _, _ in found))
    hint = f"did you mean {near}?" if near else "see doorstep deadlines list"
    raise click.ClickException(f"there is no matter {typed!r}; {hint}")


def _in(words: Words | None, language: str) -> str:
    if words is None:
        return ""
    return words.en if language == "en" else words.zh


def _described(row: Deadline, language: str) -> Row:
    longest = row.longest
    return {
        "matter": row.id,
        "name": _in(row.matter, language),
        "trigger": _in(row.trigger, language),
        "length": row.length,
        "unit": row.unit,
        "holiday": row.holiday,
        "nature": row.nature,
        "obstacle": row.obstacle,
        "longest": {"length": longest.length, "unit": longest.unit, "trigger": _in(longest.trigger, language)}
        if longest
        else None,
        "untold": {"length": row.untold.length, "unit": row.untold.unit} if row.untold else None,
        "article": Wording().say("deadline.article", language, laws=articles(row)),
        "sources": [source.model_dump(mode="json") for source in row.sources],
        "act": _in(row.act, language),
        "doubt": _in(row.doubt, language),
        "confirmed_by": row.confirmed_by,
    }


def _worked_out(due: Due, language: str) -> Row:
    say = Wording().say
    return {
        "matter": due.row.id,
        "from": due.trigger,
        "date": due.date,
        "unrolled": due.unrolled,
        "explanation": say("deadline.explanation", language, due=due),
        "article": say("deadline.article", language, laws=articles(due.row)),
        "doubt": say("deadline.doubt", language, due=due),
        "doubts": due.doubts,
        "later": due.later,
        "restarted_from": due.start if due.start != due.trigger else None,
        "held_until": due.held[1] if due.held else None,
        "right_known": due.known,
        "if_unproven": due.if_unproven,
        "longest": due.longest,
        "days_left": due.days_left,
        "urgent": due.urgent,
        "past": due.past,
        "reminders": [str(day) for day in due.reminders],
        "act": _in(due.row.act, language),
        "sources": [source.model_dump(mode="json") for source in due.row.sources],
        "confirmed_by": due.row.confirmed_by,
    }
