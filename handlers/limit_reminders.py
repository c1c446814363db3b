"""Reminders of legal time limits, 30, 14, 7, 3 and 1 days before: to the villager and to the adviser of their case.

With fewer than seven days left and nobody on it, the matter is handed over: a case is opened and a person paged. They
stand outside the limit of one follow-up a day, and stop by a word of their own, which stops the handing over too.
"""

from __future__ import annotations

from datetime import datetime

from handlers import casework, limits
from handlers.following_up import Dropped, PutOff
from handlers.messages import Content, Option, Outcome, Priority
from handlers.notices import to_staff
from handlers.rules.clocks import is_quiet, outside_quiet
from handlers.rules.deadlines import REMIND_DAYS, Due
from handlers.turn import House
from storage.tables import Case, CaseStatus, Person, RunningDeadline, Task
from storage.unit_of_work import UnitOfWork


async def due(task: Task, house: House, uow: UnitOfWork, now: datetime) -> Outcome | Dropped | PutOff:
    """A reminder fell due, perhaps some time ago: say how many days are truly left, once; or why it lost its sense."""
    limit = await uow.deadlines.get(int(task.payload["limit_id"]))
    if limit is None or limit.state != "running":
        return Dropped("the step is done")
    found = limits.due_of(limit, limits.today(house, now))
    if found is None:
        return Dropped("the day is not known any more")
    if found.unrolled.isoformat() != task.payload["last_day"]:
        # Said otherwise since, or the days off of the year were published since: then what is right is planned.
        planned = limits.plan(limit, found, house)
        for later in planned:
            await uow.tasks.schedule(later.kind, later.run_at, later.dedup, later.payload)
        return Dropped("the last day has changed")
    before = int(task.payload["before"])
    if any(days < before and days >= found.days_left for days in REMIND_DAYS):
        return Dropped("a later reminder says it")
    settings = house.settings
    if settings.quiet_hours and is_quiet(now, settings.zone, settings.quiet_start, settings.quiet_end):
        return PutOff(outside_quiet(now, settings.zone, settings.quiet_start, settings.quiet_end))
    # Held, so that two limits that come due at once open one case.
    person = await uow.follow_ups.lock_person(limit.person_id)
    case = await uow.cases.get(limit.case_id) if limit.case_id else None
    told = await _villager(limit, found, person, house, uow, task.dedup)
    if case is not None and case.status != CaseStatus.CLOSED:
        told += await _adviser(limit, found, case, house, uow, now, task.dedup)
    elif found.urgent and not person.reminders_stopped:
        told += await _hand_over(limit, found, person, house, uow, now, task.dedup)
    return told if told.replies else Dropped("nobody is to be reminded")


async def _hand_over(
    limit: RunningDeadline, found: Due, person: Person, house: House, uow: UnitOfWork, now: datetime, dedup: str
) -> Outcome:
    """Nobody is on it: the person's open case takes it up, or a new one is opened, urgent. Legal aid may start before
    its papers (法律援助法 44)."""
    case = await uow.cases.open_of(person.id)
    if case is not None:
        limit.case_id = case.id
        await uow.flush()
        return await _adviser(limit, found, case, house, uow, now, dedup)
    language = person.language or house.settings.default_language
    question = await uow.people.question(limit.question_id) if limit.question_id else None
    if question is not None and question.case_id is not None:
        question = None
    opened = await casework.enter(
        Case(
            person_id=person.id, conversation_id=limit.conversation_id, village_id=person.village_id,
            language=language, reason="deadline", kind=limit.matter, urgent=True, opened_at=now, answer_due=now,
            topic=casework.topic_of(question, "", language, house),
        ),
        house, uow, now,
    )  # fmt: skip
    await casework.gather(opened.case, uow, now, question)
    limit.case_id = opened.case.id
    paged = await casework.page(opened.case, house, uow, now, seen=opened.seen)
    if await _closed(limit, uow) or await limits.contact(limit, person, house, uow):
        return paged
    aid = house.wording.say("limit.aid", language, legal=house.settings.numbers["legal"])
    content = Content(f"{aid}\n\n{opened.words(house, now)}")
    return limits.told(limit.conversation_id, content, dedup=f"{dedup}:handed", limit=limit) + paged


async def _villager(
    limit: RunningDeadline, found: Due, person: Person, house: House, uow: UnitOfWork, dedup: str
) -> Outcome:
    contact = await limits.contact(limit, person, house, uow)
    if person.reminders_stopped or contact == "none" or await _closed(limit, uow):
        return Outcome()
    language = person.language or house.settings.default_language
    say = house.wording.say
    if contact == "neutral":
        text = say("limit.reminder_neutral", language, left=found.days_left)
    else:
        text = say(
            "limit.reminder",
            language,
            matter=limits.in_words(found.row.matter, language),
            act=limits.in_words(found.row.act, language),
            number=limit.case_id,
            **limits.left_of(found),
        )
    choices = (
        Option(f"limit:{limit.id}:done", say("limit.done_button", language)),
        Option(f"limit:{limit.id}:day", say("limit.change_button", language)),
        Option(f"limit:{limit.id}:stop", say("limit.stop_button", language)),
        Option("person", say("answer.person", language)),
    )
    return limits.told(limit.conversation_id, Content(text, choices), dedup=dedup, limit=limit)


async def _closed(limit: RunningDeadline, uow: UnitOfWork) -> bool:
    """Whether the villager closed the chat: what waited there would come out much later, with days long past."""
    return (await uow.people.conversation_by_id(limit.conversation_id)).blocked_at is not None


async def _adviser(
    limit: RunningDeadline, found: Due, case: Case, house: House, uow: UnitOfWork, now: datetime, dedup: str
) -> Outcome:
    """The adviser of the open case; a limit of fewer than seven days makes the case urgent."""
    paged = Outcome()
    if found.urgent and not case.urgent:
        paged = await casework.make_urgent(case, house, uow, now, occasion=f"deadline:{limit.id}")
    adviser = await uow.county.staff(case.adviser_id)
    if adviser is None:
        return paged
    text = house.wording.say(
        "limit.noted",
        adviser.language,
        number=case.id,
        matter=limits.in_words(found.row.matter, adviser.language),
        **limits.left_of(found),
    )
    done = Option(f"limit:{limit.id}:done", house.wording.say("limit.done_button", adviser.language))
    return await to_staff(
        adviser,
        Content(text, (done,)),
        house,
        uow,
        now,
        dedup=f"{dedup}:staff:{adviser.id}",
        about_case=case.id,
        priority=Priority.EMERGENCY if found.urgent else Priority.NORMAL,
    )
