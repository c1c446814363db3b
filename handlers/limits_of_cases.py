"""The time limits of a case, as its adviser sets, restarts and ends them: from a chat or from the desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from rapidfuzz import process, utils

from faq.deadlines import Deadline, deadline_table
from handlers import casework, limits
from handlers.advising import open_to
from handlers.messages import Command, Content, Option, Outcome
from handlers.rules.days import NoDay, Said, said_day
from handlers.turn import House, Turn
from storage.tables import Case, RunningDeadline, Staff
from storage.unit_of_work import UnitOfWork

NEAR = 65.0
"""A score from which a name is near enough to be suggested."""


def _refusal(house: House, staff: Staff, key: str, **values: object) -> Outcome:
    return Outcome(answer=Content(house.wording.say(key, staff.language, **values)), done=False)


def matter_named(typed: str) -> tuple[Deadline | None, list[Deadline]]:
    """The row of a matter by its id or name; else those it might have been."""
    table = deadline_table()
    names = {words: row for row in table.values() for words in (row.id, row.matter.zh, row.matter.en)}
    if (row := names.get(typed.strip())) is not None:
        return row, []
    found = process.extract(typed, list(names), processor=utils.default_process, limit=5, score_cutoff=NEAR)
    return None, list({names[name].id: names[name] for name, _, _ in found}.values())


async def set_limit(
    number: int, staff: Staff, matter: str, day: str, house: House, uow: UnitOfWork, now: datetime, *, key: str
) -> Outcome:
    """Add a limit to a case, or change its day; the villager is told. `key` is unique to this press."""
    case = await open_to(number, staff, uow, lock=True)
    if case is None:
        return _refusal(house, staff, "advise.no_such_case", number=number)
    row, near = matter_named(matter)
    if row is None:
        names = [(other.id, limits.in_words(other.matter, staff.language)) for other in near]
        return _refusal(house, staff, "limit.no_matter", near=names)
    said = said_day(day, limits.today(house, now))
    if isinstance(said, NoDay):
        return _refusal(house, staff, "limit.no_such_day")
    questions = await uow.people.questions_of_case(number)
    limit = await limits.keep(
        said, row.id, person_id=case.person_id, conversation_id=case.conversation_id,
        question_id=questions[0].id if questions else None, case_id=number, uow=uow, now=now,
    )  # fmt: skip
    return await _settled(limit, case, staff, house, uow, now, key)


async def _settled(
    limit: RunningDeadline, case: Case, staff: Staff, house: House, uow: UnitOfWork, now: datetime, key: str
) -> Outcome:
    """Plan a limit anew, tell the villager, and answer the adviser."""
    due = limits.due_of(limit, limits.today(house, now))
    if due is None:
        return _refusal(house, staff, "limit.no_such_day")
    person = await uow.people.person(case.person_id)
    outcome = Outcome(tasks=limits.plan(limit, due, house))
    if due.urgent and not case.urgent:
        outcome += await casework.make_urgent(case, house, uow, now, occasion=f"deadline:{limit.id}")
    if await limits.contact(limit, person, house, uow) == "":
        content = limits.shown(limit, due, case.language, house)
        outcome += limits.told(case.conversation_id, content, dedup=f"{key}:limit:{limit.id}", limit=limit)
    text = house.wording.say(
        "limit.noted", staff.language, number=case.id, matter=limits.in_words(due.row.matter, staff.language),
        **limits.left_of(due),
    )  # fmt: skip
    return outcome + Outcome(answer=Content(text, (_done_button(limit, due.row, staff, house),)))


def _done_button(limit: RunningDeadline, row: Deadline, staff: Staff, house: House) -> Option:
    label = house.wording.say("limit.done_named", staff.language, matter=limits.in_words(row.matter, staff.language))
    return Option(f"limit:{limit.id}:done", label[: limits.LONGEST_LABEL])


async def _of_case(limit_id: int, staff: Staff, uow: UnitOfWork) -> tuple[RunningDeadline, Case] | None:
    """A limit and its case, where this member of staff may open it."""
    limit = await uow.deadlines.get(limit_id, lock=True)
    case = await open_to(limit.case_id, staff, uow, lock=True) if limit is not None and limit.case_id else None
    return (limit, case) if limit is not None and case is not None else None


async def finish(limit_id: int, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """The step was taken: the limit ends, and with it the reminders. The villager is told once."""
    found = await _of_case(limit_id, staff, uow)
    row = deadline_table().get(found[0].matter) if found else None
    if found is None or row is None:
        return _refusal(house, staff, "limit.none_here")
    limit, case = found
    outcome = Outcome()
    person = await uow.people.person(case.person_id)
    if limit.state != "done" and await limits.contact(limit, person, house, uow) == "":
        text = house.wording.say("limit.done", case.language, matter=limits.in_words(row.matter, case.language))
        outcome = limits.told(case.conversation_id, Content(text), dedup=f"limit:{limit.id}:done:{now}", limit=limit)
    limits.end(limit, now)
    matter = limits.in_words(row.matter, staff.language)
    return outcome + Outcome(answer=Content(house.wording.say("limit.done", staff.language, matter=matter)))


async def add_demand(
    limit_id: int, staff: Staff, day: str, house: House, uow: UnitOfWork, now: datetime, *, key: str
) -> Outcome:
    """A demand or admission that can be proved starts the time anew, where the row allows it (民法典 195, 199)."""

    def note(limit: RunningDeadline, row: Deadline, said: Said) -> str:
        if row.nature == "fixed":
            return "limit.fixed"
        if limit.trigger is None or said.first < limit.trigger:
            return "limit.demand_before"
        if said.first.isoformat() not in limit.demands:
            limit.demands = sorted([*limit.demands, said.first.isoformat()])
        return ""

    return await _noted(limit_id, staff, day, note, house, uow, now, key)


async def add_obstacle(
    limit_id: int, staff: Staff, day: str, over: str, house: House, uow: UnitOfWork, now: datetime, *, key: str
) -> Outcome:
    """What nobody could help, from a day to the day it was `over`; '' while it goes on (民法典 194)."""
    ended = said_day(over, limits.today(house, now)) if over.strip() else None

    def note(limit: RunningDeadline, row: Deadline, said: Said) -> str:
        if row.obstacle == "none":
            return "limit.not_held"
        if isinstance(ended, NoDay) or (ended is not None and ended.first < said.first):
            return "limit.no_such_day"
        span = [said.first.isoformat(), ended.first.isoformat() if ended is not None else ""]
        # The same obstacle told again replaces the first, as when it is over.
        limit.obstacles = [*(other for other in limit.obstacles if other[0] != span[0]), span]
        return ""

    return await _noted(limit_id, staff, day, note, house, uow, now, key)


async def set_longest(
    limit_id: int, staff: Staff, day: str, house: House, uow: UnitOfWork, now: datetime, *, key: str
) -> Outcome:
    """The day from which the longest limit runs."""

    def note(limit: RunningDeadline, row: Deadline, said: Said) -> str:
        if row.longest is None or limit.trigger is None or said.first > limit.trigger:
            return "limit.longest_after"
        limit.longest_from = said.first
        return ""

    return await _noted(limit_id, staff, day, note, house, uow, now, key)


async def set_right_known(
    limit_id: int, staff: Staff, day: str, house: House, uow: UnitOfWork, now: datetime, *, key: str
) -> Outcome:
    """The day on which the right became known to somebody whom no office told of it."""

    def note(limit: RunningDeadline, row: Deadline, said: Said) -> str:
        if row.untold is None or limit.trigger is None or said.first < limit.trigger:
            return "limit.right_before"
        limit.right_known = said.first
        return ""

    return await _noted(limit_id, staff, day, note, house, uow, now, key)


async def _noted(
    limit_id: int,
    staff: Staff,
    day: str,
    note: Callable[[RunningDeadline, Deadline, Said], str],
    house: House,
    uow: UnitOfWork,
    now: datetime,
    key: str,
) -> Outcome:
    """Note a day about a limit of a case, and plan it anew. `note` says why it cannot be: a text, or ''."""
    found = await _of_case(limit_id, staff, uow)
    row = deadline_table().get(found[0].matter) if found else None
    if found is None or row is None:
        return _refusal(house, staff, "limit.none_here")
    said = said_day(day, limits.today(house, now))
    why = note(found[0], row, said) if isinstance(said, Said) else "limit.no_such_day"
    if why:
        return _refusal(house, staff, why)
    return await _settled(*found, staff, house, uow, now, key)


async def pressed(parts: list[str], turn: Turn, uow: UnitOfWork) -> Outcome:
    """`limit:<id>:done` by a member of staff."""
    match parts[1:]:
        case [number, "done"] if turn.staff and number.isascii() and number.isdigit() and len(number) <= 10:
            return turn.answered(await finish(int(number), turn.staff, turn.house, uow, turn.now))
        case _:
            return turn.reply(turn.words("common.stale"))


def _args(turn: Turn) -> tuple[int | None, str]:
    args = turn.heard.event.args if isinstance(turn.heard.event, Command) else ""
    found = re.match(r"#?([0-9]{1,9})(?:\s+|$)", args.strip())
    return (int(found[1]), args.strip()[found.end() :]) if found else (None, "")


async def set_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/deadline 12 labour-arbitration 2026-03-05`."""
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    number, rest = _args(turn)
    matter, _, day = rest.partition(" ")
    if number is None or not matter or not day.strip():
        return turn.reply(turn.words("limit.usage"))
    outcome = await set_limit(number, turn.staff, matter, day, turn.house, uow, turn.now, key=turn.key)
    return turn.answered(outcome)


async def done_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/done 12`: the only limit of case 12 ends; of several, which one."""
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    number, _ = _args(turn)
    if number is None:
        return turn.reply(turn.words("limit.done_usage"))
    if await open_to(number, turn.staff, uow) is None:
        return turn.reply(turn.words("advise.no_such_case", number=number))
    running = [row for row in await uow.deadlines.of_case(number) if row.matter in deadline_table()]
    if len(running) == 1:
        return turn.answered(await finish(running[0].id, turn.staff, turn.house, uow, turn.now))
    if not running:
        return turn.reply(turn.words("limit.none_here"))
    choices = [_done_button(row, deadline_table()[row.matter], turn.staff, turn.house) for row in running]
    return turn.reply(turn.words("limit.which"), *choices)


def described(limit: RunningDeadline, language: str, on: date) -> dict[str, object]:
    """A limit as the desk and the command line show it; `date` is None while its day is not known."""
    row, due = deadline_table().get(limit.matter), limits.due_of(limit, on)
    return {
        "id": limit.id,
        "matter": limit.matter,
        "name": limits.in_words(row.matter, language) if row else limit.matter,
        "case": limit.case_id,
        "state": limit.state,
        "from": limit.trigger,
        "from_until": limit.trigger_until,
        "demands": limit.demands,
        "date": due.date if due else None,
        "unrolled": due.unrolled if due else None,
        "days_left": due.days_left if due else None,
        "urgent": bool(due and due.urgent),
        "past": bool(due and due.past),
        "obstacles": limit.obstacles,
        "longest_from": limit.longest_from,
        "right_known": limit.right_known,
        "interruptible": bool(row and row.nature == "interruptible"),
        "may_be_held": bool(row and row.obstacle != "none"),
        "has_longest": bool(row and row.longest),
        "may_be_untold": bool(row and row.untold),
    }
