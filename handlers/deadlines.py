"""What villagers write and press about legal time limits: the day, a demand, done, no reminders.

Whatever is no day is what it would be anyway, a question or words for the open case: nothing is lost by being asked.
"""

from __future__ import annotations

import re
from datetime import date

from faq.deadlines import deadline_table
from handlers import asking, casework, limits, limits_of_cases
from handlers.housekeeping import pressed_on
from handlers.messages import Choice, Content, Outcome, Priority, Say
from handlers.notices import to_staff
from handlers.rules.calendar_file import calendar_file
from handlers.rules.days import NoDay, Said, said_day
from handlers.rules.deadlines import REMIND_DAYS, Due
from handlers.states import Asking, AskingDay
from handlers.turn import Turn
from storage.tables import Case, CaseStatus, RunningDeadline
from storage.unit_of_work import UnitOfWork

_UNKNOWN = re.compile(
    r"(我|真|也)?(不知道|不清楚|不记得|记不得|记不清|忘记|忘|想不起来)(是?哪天|日子|日期)?(了|啦|呀)?"
    r"|(i )?(do not|don't|dont) (know|remember)|i forgot"
)
_NOT_YET = re.compile(
    r"(我|人)?(还|现在还|一直)?(没|没有|未)?(在)?(还在干|在干|还在上班|在上班|没走|没离开|没离职|没收到|没到|没有收到)(着|活|呢|的|了)?"
    r"|(i )?(still work( there| here)?|am still there|have not (left|received it)|not yet)"
)


async def told_day(turn: Turn, uow: UnitOfWork) -> Outcome:
    """Words while a day is asked for."""
    state, message = turn.state, turn.message
    case = await uow.cases.open_of(turn.person.id)
    if not isinstance(state, AskingDay) or message is None:
        return await _otherwise(case, turn, uow)
    said = said_day(message.text, limits.today(turn.house, turn.now))
    words = message.text.strip(" 。.!！,，").lower()
    match said:
        case Said():
            outcome = await casework.add_to_case(case, turn, uow) if case else Outcome()
            return outcome + await (_demanded if state.demand else _begin)(said, state, case, turn, uow)
        case NoDay("future" | "absurd" as why):
            outcome = await casework.add_to_case(case, turn, uow) if case else Outcome()
            unknown = turn.option("limit:unknown", "limit.unknown_button")
            return outcome + turn.reply(turn.words(f"limit.{why}"), unknown)
    if _UNKNOWN.fullmatch(words) or _NOT_YET.fullmatch(words):
        outcome = await casework.add_to_case(case, turn, uow) if case else Outcome()
        return outcome + await _without_day(state, turn, uow, yet=bool(_UNKNOWN.fullmatch(words)))
    return await _otherwise(case, turn, uow)


async def _otherwise(case: Case | None, turn: Turn, uow: UnitOfWork) -> Outcome:
    """No day: words for the case, or a question."""
    turn.go(Asking())
    return await (casework.villager_wrote if case else asking.asked)(turn, uow)


async def _begin(said: Said, state: AskingDay, case: Case | None, turn: Turn, uow: UnitOfWork) -> Outcome:
    """The day is known: keep every limit that runs from it, show each, and hand over what is pressing."""
    turn.go(Asking())
    changed = await _own(state.limit_id, turn, uow) if state.limit_id else None
    found = [changed] if changed else []
    if changed is not None:
        limits.set_day(changed, said)
    else:
        for matter in state.matters:
            if matter in deadline_table():
                found.append(
                    await limits.keep(
                        said, matter, person_id=turn.person.id, conversation_id=turn.conversation.id,
                        question_id=state.question_id, case_id=case.id if case else None, uow=uow, now=turn.now,
                    )
                )  # fmt: skip
    return await show_all(found, case, turn, uow)


async def show_all(found: list[RunningDeadline], case: Case | None, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Show limits whose day was just said or changed, plan their reminders, and see to those that are pressing."""
    outcome, pressing = Outcome(), False
    for limit in found:
        due = limits.due_of(limit, limits.today(turn.house, turn.now))
        if due is None:
            continue
        outcome += Outcome(tasks=limits.plan(limit, due, turn.house))
        content = limits.shown(limit, due, turn.language, turn.house)
        outcome += turn.reply(
            content.text, *content.choices, about_case=limit.case_id, about_question=limit.question_id
        )
        if case is not None:
            outcome += await _note(limit, due, case, turn, uow)
        if due.urgent:
            pressing = True
    return outcome + (await _hand_over(found, case, turn, uow) if pressing else Outcome())


async def _note(limit: RunningDeadline, due: Due, case: Case, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Tell the case's adviser of a limit."""
    adviser = await uow.county.staff(case.adviser_id) if case.status == CaseStatus.CLAIMED else None
    if adviser is None:
        return Outcome()
    text = turn.house.wording.say(
        "limit.noted",
        adviser.language,
        number=case.id,
        matter=limits.in_words(due.row.matter, adviser.language),
        day=due.date,
        left=due.days_left,
    )
    return await to_staff(
        adviser,
        Content(text),
        turn.house,
        uow,
        turn.now,
        dedup=f"{turn.key}:limit:{limit.id}",
        about_case=case.id,
        priority=Priority.EMERGENCY if due.urgent else Priority.NORMAL,
    )


async def _hand_over(found: list[RunningDeadline], case: Case | None, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Fewer than seven days, or past: a person must look; legal aid may start before its papers (法律援助法 44)."""
    told = turn.reply(turn.words("limit.aid", legal=turn.house.settings.numbers["legal"]))
    if case is not None:
        occasion = f"deadline:{found[0].id}"
        return told + await casework.make_urgent(case, turn.house, uow, turn.now, occasion=occasion)
    question = await uow.people.question(found[0].question_id) if found[0].question_id else None
    if question is not None and (question.case_id is not None or question.person_id != turn.person.id):
        question = None
    told += await casework.open_case(turn, uow, reason="deadline", kind=found[0].matter, urgent=True, question=question)
    opened = await uow.cases.open_of(turn.person.id)
    for limit in found:
        limit.case_id = opened.id if opened else limit.case_id
    return told


async def _without_day(state: AskingDay, turn: Turn, uow: UnitOfWork, *, yet: bool) -> Outcome:
    """The day is not known, or has not come: the limit is kept as asked for, and can be told at any time."""
    turn.go(Asking())
    if state.limit_id is None:
        for matter in state.matters:
            if matter not in deadline_table():
                continue
            found = await uow.deadlines.find(
                turn.person.id, matter, question_id=state.question_id, case_id=state.case_id
            )
            if found is None:
                await uow.deadlines.add(
                    RunningDeadline(
                        person_id=turn.person.id, conversation_id=turn.conversation.id, case_id=state.case_id,
                        question_id=state.question_id, matter=matter, created_at=turn.now,
                    )
                )  # fmt: skip
    return turn.reply(turn.words("limit.unknown" if yet else "limit.not_yet"), turn.option("person", "answer.person"))


async def _demanded(said: Said, state: AskingDay, case: Case | None, turn: Turn, uow: UnitOfWork) -> Outcome:
    """The day of a demand: can it be proved?"""
    turn.go(Asking())
    limit = await _own(state.limit_id or 0, turn, uow)
    if limit is None:
        return turn.reply(turn.words("common.stale"))
    day = said.first
    return turn.reply(
        turn.words("limit.ask_proof", day=day),
        turn.option(f"limit:{limit.id}:proof:{day}", "limit.proof_yes"),
        turn.option(f"limit:{limit.id}:noproof", "limit.proof_no"),
    )


async def _own(limit_id: int, turn: Turn, uow: UnitOfWork) -> RunningDeadline | None:
    """The limit, if it is this person's."""
    limit = await uow.deadlines.get(limit_id, lock=True)
    return limit if limit is not None and limit.person_id == turn.person.id else None


async def pressed(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`limit:ask:<matter>`, `limit:unknown`, `limit:none`, `limit:remind`, `limit:<id>:<what>`."""
    parts = turn.heard.event.id.split(":") if isinstance(turn.heard.event, Choice) else []
    if turn.staff is not None:
        return await limits_of_cases.pressed(parts, turn, uow)
    match parts[1:]:
        case ["ask", matter] if matter in deadline_table() and turn.person.consent_at is not None:
            return await _ask(matter, turn, uow)
        case ["unknown"] if isinstance(turn.state, AskingDay):
            return await _without_day(turn.state, turn, uow, yet=True)
        case ["unknown"]:
            return turn.reply(turn.words("limit.unknown"), turn.option("person", "answer.person"))
        case ["none"]:
            if isinstance(turn.state, AskingDay):
                turn.go(Asking())
            return turn.reply(turn.words("limit.skipped"), turn.option("person", "answer.person"))
        case ["remind"]:
            turn.person.reminders_stopped = False
            return turn.reply(turn.words("limit.resumed"))
        case [number, *what] if number.isascii() and number.isdigit() and len(number) <= 10:
            limit = await _own(int(number), turn, uow)
            return await _on(limit, what, turn, uow) if limit else turn.reply(turn.words("common.stale"))
        case _:
            return turn.reply(turn.words("common.stale"))


async def _ask(matter: str, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Ask the day of another matter than the first."""
    carrier = await pressed_on(turn, uow)
    row = deadline_table()[matter]
    case = await uow.cases.open_of(turn.person.id)
    turn.go(
        AskingDay(
            matters=(matter,),
            question_id=carrier.question_id if carrier else None,
            case_id=case.id if case else None,
        )
    )
    return turn.reply(
        turn.words("limit.ask", ask=limits.in_words(row.ask, turn.language), others=False),
        turn.option("limit:unknown", "limit.unknown_button"),
    )


async def _on(limit: RunningDeadline, what: list[str], turn: Turn, uow: UnitOfWork) -> Outcome:
    """A button under one limit of this person."""
    row = deadline_table().get(limit.matter)
    if row is None:
        return turn.reply(turn.words("common.stale"))
    matter = limits.in_words(row.matter, turn.language)
    due = limits.due_of(limit, limits.today(turn.house, turn.now))
    match what:
        case ["done"]:
            limits.end(limit, turn.now)
            return turn.reply(turn.words("limit.done", matter=matter))
        case ["day"] | ["show"] if what == ["day"] or due is None:
            turn.go(AskingDay(matters=(limit.matter,), limit_id=limit.id))
            ask = turn.words("limit.ask", ask=limits.in_words(row.ask, turn.language), others=False)
            return turn.reply(ask, turn.option("limit:unknown", "limit.unknown_button"))
        case ["show"] if due is not None:
            content = limits.shown(limit, due, turn.language, turn.house)
            return turn.reply(content.text, *content.choices, about_case=limit.case_id)
        case ["calendar"] if due is not None:
            return _calendar(limit, due, turn)
        case ["stop"]:
            turn.person.reminders_stopped = True
            return turn.reply(turn.words("limit.stopped"), turn.option("limit:remind", "limit.resume_button"))
        case ["demand"] if row.nature == "interruptible" and limit.state == "running":
            turn.go(AskingDay(matters=(limit.matter,), limit_id=limit.id, demand=True))
            return turn.reply(turn.words("limit.ask_demand"))
        case ["proof", day] if row.nature == "interruptible" and limit.state == "running":
            return await _proved(limit, day, turn, uow)
        case ["noproof"]:
            return turn.reply(turn.words("limit.no_proof"), turn.option("person", "answer.person"))
        case _:
            return turn.reply(turn.words("common.stale"))


async def _proved(limit: RunningDeadline, text: str, turn: Turn, uow: UnitOfWork) -> Outcome:
    """A provable demand starts the time anew (民法典 195)."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return turn.reply(turn.words("common.stale"))
    if day > limits.today(turn.house, turn.now) or limit.trigger is None or day < limit.trigger:
        return turn.reply(turn.words("limit.demand_before"))
    if day.isoformat() not in limit.demands:
        limit.demands = sorted([*limit.demands, day.isoformat()])
    return await show_all([limit], await uow.cases.open_of(turn.person.id), turn, uow)


def _calendar(limit: RunningDeadline, due: Due, turn: Turn) -> Outcome:
    """The calendar file; for those whose phone others read, it says nothing of the matter."""
    neutral = turn.person.contact != ""
    title = turn.words("limit.calendar_title", matter="" if neutral else limits.in_words(due.row.matter, turn.language))
    ahead = tuple(before for before in REMIND_DAYS if before <= due.days_left)
    data = calendar_file(
        uid=f"limit-{limit.id}@doorstep",
        day=due.unrolled,
        title=title,
        description="" if neutral else limits.in_words(due.row.act, turn.language),
        alarms=tuple((before, limits.REMIND_AT.hour) for before in ahead),
        made=turn.now,
    )
    text = turn.words("limit.calendar", day=due.unrolled)
    content = Content(text, blob_kind="document", blob_name="doorstep.ics", made=data)
    return Outcome((Say(turn.conversation.id, content, dedup=f"{turn.key}:calendar", about_case=limit.case_id),))
