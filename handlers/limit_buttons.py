"""What villagers press about legal time limits: done, another day, a calendar file, no reminders, what is special."""

from __future__ import annotations

from datetime import date

from faq.deadlines import Deadline, deadline_table
from handlers import deadlines, limits, limits_of_cases
from handlers.housekeeping import pressed_on
from handlers.messages import Choice, Content, Option, Outcome, Say
from handlers.rules.calendar_file import calendar_file
from handlers.rules.deadlines import REMIND_DAYS, Due
from handlers.states import AskingDay
from handlers.turn import Turn
from storage.tables import RunningDeadline
from storage.unit_of_work import UnitOfWork


async def pressed(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`limit:ask:<matter>`, `limit:unknown`, `limit:none`, `limit:remind`, `limit:<id>:<what>`."""
    parts = turn.heard.event.id.split(":") if isinstance(turn.heard.event, Choice) else []
    if turn.staff is not None:
        return await limits_of_cases.pressed(parts, turn, uow)
    match parts[1:]:
        case ["ask", matter] if matter in deadline_table() and turn.person.consent_at is not None:
            return await _ask(matter, turn, uow)
        case ["unknown"]:
            return await deadlines.not_known(turn, uow)
        case ["none"]:
            return deadlines.skipped(turn)
        case ["remind"]:
            turn.person.reminders_stopped = False
            return turn.reply(turn.words("limit.resumed"))
        case [number, *what] if number.isascii() and number.isdigit() and len(number) <= 10:
            limit = await deadlines.own(int(number), turn, uow)
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
            return await _calendar(limit, due, turn, uow)
        case ["stop"]:
            turn.person.reminders_stopped = True
            return turn.reply(turn.words("limit.stopped"), turn.option("limit:remind", "limit.resume_button"))
        case ["special"] if limit.state == "running":
            return turn.reply(turn.words("limit.special"), *_special(limit, row, turn))
        case ["demand" | "longest" | "right" as about] if limit.state == "running" and may_tell(row, about):
            turn.go(AskingDay(matters=(limit.matter,), limit_id=limit.id, about=about))
            if about == "longest" and row.longest is not None:
                trigger = limits.in_words(row.longest.trigger, turn.language)
                return turn.reply(turn.words("limit.ask_longest", trigger=trigger))
            return turn.reply(turn.words(f"limit.ask_{about}"))
        case ["held"] if limit.state == "running":
            return turn.reply(turn.words("limit.held", kind=row.obstacle), turn.option("person", "answer.person"))
        case ["proof", day] if row.nature == "interruptible" and limit.state == "running":
            return await _proved(limit, day, turn, uow)
        case ["noproof"]:
            return turn.reply(turn.words("limit.no_proof"), turn.option("person", "answer.person"))
        case _:
            return turn.reply(turn.words("common.stale"))


def may_tell(row: Deadline, about: str) -> bool:
    """Whether a limit of this row knows a demand, a longest limit, or people whom nobody told of their right."""
    return {
        "demand": row.nature == "interruptible", "longest": row.longest is not None, "right": row.untold is not None,
    }.get(about, False)  # fmt: skip


def _special(limit: RunningDeadline, row: Deadline, turn: Turn) -> list[Option]:
    """What else there may be to tell of a limit."""
    told = [
        turn.option(f"limit:{limit.id}:{about}", f"limit.{about}_button")
        for about in ("demand", "longest", "right")
        if may_tell(row, about)
    ]
    return [*told, turn.option(f"limit:{limit.id}:held", "limit.held_button"), turn.option("person", "answer.person")]


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
    return await deadlines.show_all([limit], await uow.cases.open_of(turn.person.id), turn, uow)


async def _calendar(limit: RunningDeadline, due: Due, turn: Turn, uow: UnitOfWork) -> Outcome:
    """The calendar file; for those whose phone others read, it says nothing of the matter."""
    neutral = await limits.contact(limit, turn.person, turn.house, uow) != ""
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
