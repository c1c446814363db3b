"""What an adviser plans for the villager of a case: dates of performance, and words to be sent later.

Chat commands and the desk's forms call the same two use cases, `perform` and `remind`.
"""

from __future__ import annotations

import re
from datetime import datetime

from handlers import advising
from handlers.messages import Command, Content, Outcome
from handlers.planning import keep, mark, of_case
from handlers.rules.planning import Dates, Reminder, asked_on, read_performance, read_reminder
from handlers.turn import House, Turn
from storage.tables import Case, CaseStatus, FollowUp, Staff
from storage.unit_of_work import UnitOfWork

_NUMBER = re.compile(r"#?([0-9]{1,9})(?:\s+|$)")


async def _mine(number: int, staff: Staff, house: House, uow: UnitOfWork) -> Case | Outcome:
    """The case, if this member of staff has or had it: only they write to its villager. Else why not."""

    def refused(key: str, **values: object) -> Outcome:
        text = house.wording.say(key, staff.language, number=number, **values)
        return Outcome(answer=Content(text), done=False)

    case = await advising.open_to(number, staff, uow, lock=True)
    if case is None:
        return refused("advise.no_such_case")
    if case.status == CaseStatus.WAITING or case.adviser_id is None:
        return refused("advise.claim_first")
    if case.adviser_id != staff.id:
        holder = await uow.county.staff(case.adviser_id)
        return refused("advise.taken", adviser=holder.name if holder else "")
    return case


async def _already(row: FollowUp, uow: UnitOfWork) -> bool:
    """Whether the same is planned for the same day: a form sent twice plans once."""
    return any(
        (other.state, other.kind, other.words, other.due.date()) == ("planned", row.kind, row.words, row.due.date())
        for other in await uow.follow_ups.of_case(row.case_id or 0)
    )


async def perform(number: int, text: str, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """Ask on each date of an agreement whether it was done. `text`: dates, then what is to be done."""
    case = await _mine(number, staff, house, uow)
    if isinstance(case, Outcome):
        return case
    read = read_performance(text, house.local(now).date())
    if not isinstance(read, Dates):
        return _fault(read, "follow_ups.perform_usage", staff, house)
    outcome = Outcome()
    for day in read.days:
        due = max(now, asked_on(day, house.settings.zone).astimezone(now.tzinfo))
        row = of_case(case, "performance", due, staff=staff, words=read.what)
        if not await _already(row, uow):
            outcome += await keep(row, uow)
    person = await uow.people.person(case.person_id)
    said = house.wording.say(
        "follow_ups.perform_planned", staff.language, number=number, days=read.days, contact=mark(case, person, house)
    )
    return outcome + Outcome(answer=Content(said))


async def remind(number: int, text: str, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """Send an adviser's own words later. `text`: '3d words' or a date and words."""
    case = await _mine(number, staff, house, uow)
    if isinstance(case, Outcome):
        return case
    read = read_reminder(text, now, house.settings.zone)
    if not isinstance(read, Reminder):
        return _fault(read, "follow_ups.remind_usage", staff, house)
    row = of_case(case, "remind", read.at, staff=staff, words=read.words)
    outcome = Outcome() if await _already(row, uow) else await keep(row, uow)
    person = await uow.people.person(case.person_id)
    said = house.wording.say(
        "follow_ups.remind_planned",
        staff.language,
        number=number,
        day=house.local(read.at).date(),
        contact=mark(case, person, house),
    )
    return outcome + Outcome(answer=Content(said))


def _fault(fault: str, usage: str, staff: Staff, house: House) -> Outcome:
    say = house.wording.say
    text = f"{say('follow_ups.fault', staff.language, fault=fault)}\n{say(usage, staff.language)}"
    return Outcome(answer=Content(text), done=False)


async def perform_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/perform 12 2026-12-20 what`."""
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    number, rest = _number_and_rest(turn)
    if number is None:
        return turn.reply(turn.words("follow_ups.perform_usage"))
    return turn.answered(await perform(number, rest, turn.staff, turn.house, uow, turn.now))


async def remind_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/remind 12 3d words`."""
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    number, rest = _number_and_rest(turn)
    if number is None:
        return turn.reply(turn.words("follow_ups.remind_usage"))
    return turn.answered(await remind(number, rest, turn.staff, turn.house, uow, turn.now))


def _number_and_rest(turn: Turn) -> tuple[int | None, str]:
    args = turn.heard.event.args.strip() if isinstance(turn.heard.event, Command) else ""
    found = _NUMBER.match(args)
    return (int(found.group(1)), args[found.end() :]) if found else (None, "")
