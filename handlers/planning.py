"""Follow-ups are planned: after an answer and after closing; see handlers/reminding.py for what advisers plan.

A planned follow-up is a row and a task that points to it, so nothing planned is lost; whether and how it goes out is
decided when it is due (handlers/following_up.py).
"""

from __future__ import annotations

from datetime import datetime

from faq.model import Entry, Risk, Topic
from handlers.messages import Later, Outcome
from handlers.rules.contact import Hours, Wishes, earliest
from handlers.rules.planning import is_money
from handlers.turn import House, Turn
from storage.tables import Case, FollowUp, Person, Question, Staff
from storage.unit_of_work import UnitOfWork

AFTER_CLOSING = ("closed", "later")
"""Kinds that lose their sense when the case is opened again."""


def hours_of(house: House) -> Hours:
    """When this house writes."""
    settings = house.settings
    return Hours(
        settings.zone, settings.quiet_hours, settings.quiet_start, settings.quiet_end, settings.days.is_holiday
    )


def wishes_of(person: Person) -> Wishes:
    """What a person asked for."""
    return Wishes(person.follow_ups_stopped, person.contact, person.preferred_hour, person.last_follow_up_at)


def next_run(row: FollowUp, run_at: datetime) -> Later:
    """The task that looks at a follow-up next: to ask, to ask again, or to give up."""
    step = row.asked_times + 1
    return Later("follow_up", run_at, f"follow_up:row:{row.id}:{step}", {"follow_up_id": row.id})


async def keep(row: FollowUp, uow: UnitOfWork) -> Outcome:
    """Keep a follow-up, with the task that will look at it."""
    row = await uow.follow_ups.plan(row)
    return Outcome(tasks=(next_run(row, row.due),))


async def after_answer(question: Question, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """Ask some days after an answer."""
    row = FollowUp(
        person_id=question.person_id,
        conversation_id=question.conversation_id,
        question_id=question.id,
        kind="answer",
        due=now + house.settings.follow_up_after,
    )
    return await keep(row, uow)


async def after_closing(case: Case, house: House, uow: UnitOfWork, now: datetime) -> tuple[Outcome, datetime]:
    """Ask some days after a case was closed, and about money again in the months after.

    The moment is that of the first, as far as it can be told.
    """
    await uow.follow_ups.drop(case.id, AFTER_CLOSING, "the case was closed anew")
    settings = house.settings
    due = now + settings.follow_up_after
    outcome = await keep(of_case(case, "closed", due), uow)
    if case.outcome != "withdrawn" and is_money(await topics(case, house, uow), settings.money_topics):
        for span in sorted(set(settings.follow_up_later)):
            outcome += await keep(of_case(case, "later", now + span), uow)
    wishes = Wishes(preferred_hour=(await uow.people.person(case.person_id)).preferred_hour)
    return outcome, earliest(due, wishes, hours_of(house))


def of_case(case: Case, kind: str, due: datetime, *, staff: Staff | None = None, words: str = "") -> FollowUp:
    """A follow-up to the villager of a case, not kept yet. `words` are an adviser's own."""
    return FollowUp(
        person_id=case.person_id,
        conversation_id=case.conversation_id,
        case_id=case.id,
        staff_id=staff.id if staff else None,
        kind=kind,
        words=words,
        due=due,
    )


async def topics(case: Case, house: House, uow: UnitOfWork) -> list[str]:
    """What a case is about: its own topic, and those of the entries behind it."""
    found = [case.topic] if case.topic else []
    for entry_id in [case.kind, *(row.entry_id for row in await uow.people.questions_of_case(case.id))]:
        entry = house.matcher.entry(entry_id, case.language) if entry_id else None
        if entry is not None:
            found.append(entry.topic.value)
    return list(dict.fromkeys(found))


def mark(case: Case | None, person: Person, house: House) -> str:
    """How a person is written to about a case: '' as usual, 'neutral', 'none', or 'stopped'.

    Violence is never named on a phone that others may read, whether somebody asked for that or not.
    """
    if person.follow_ups_stopped:
        return "stopped"
    return person.contact or ("neutral" if case is not None and is_delicate_case(case, house) else "")


def is_delicate_case(case: Case, house: House) -> bool:
    """Whether a case is about violence or danger within the family."""
    entry = house.matcher.entry(case.kind, case.language) if case.kind else None
    return case.kind == "violence" or (entry is not None and is_delicate(entry))


async def worth_a_call(row: FollowUp, uow: UnitOfWork) -> bool:
    """Whether somebody should call where it cannot be asked in writing: about a case always; after an answer without a
    case only where a time limit that came up with it is not over. What is never answered automatically has a case."""
    if row.kind != "answer":
        return True
    running = await uow.deadlines.of_person(row.person_id)
    return any(limit.question_id == row.question_id for limit in running)


def is_delicate(entry: Entry) -> bool:
    """Whether an entry is about danger within the family: others in the house may read the phone."""
    return entry.risk is Risk.NEVER_AUTOMATIC and entry.topic in {Topic.FAMILY, Topic.SUPPORT}


async def mine(turn: Turn, uow: UnitOfWork) -> str:
    """What a villager is still going to be asked, for `/my`; '' for nothing."""
    person = turn.person
    if person.follow_ups_stopped:
        return turn.words("follow_ups.mine_stopped")
    rows = await uow.follow_ups.planned_of(person.id)
    if not rows:
        return ""
    shown = [(turn.house.local(row.due).date(), row.kind, row.case_id) for row in rows[:8]]
    return turn.words("follow_ups.mine", rows=shown)
