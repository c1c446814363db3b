"""How a person wants to be written to: not at all, from which hour, in which words. One word is enough to stop."""

from __future__ import annotations

import re

from handlers import casework, planning
from handlers.messages import Choice, Command, Outcome, Text
from handlers.rules.contact import hour_is_quiet
from handlers.rules.replies import Wish, read_wish
from handlers.states import ChoosingLanguage, ChoosingVillage, Consenting, New
from handlers.turn import Turn
from storage.unit_of_work import UnitOfWork

HOURS = (9, 12, 19)
"""The hours on the buttons: morning, noon, evening. Any other can be typed."""
MARKS = {"usual": "", "neutral": "neutral", "none": "none"}
_REMINDERS = {"reminders", "reminder", "提醒"}
_ANY = {"any", "随便", "都行", "anytime"}


async def typed(turn: Turn, uow: UnitOfWork) -> Outcome | None:
    """A message that is nothing but 'stop' or its like; None for anything else."""
    event = turn.heard.event
    wish = read_wish(event.text) if isinstance(event, Text) else None
    if wish is None or isinstance(turn.state, New | ChoosingLanguage | Consenting | ChoosingVillage):
        return None
    if wish == "stop_this":
        wish = "stop_reminders" if await _after_reminder(turn, uow) else "stop"
    outcome = _do(wish, turn)
    case = await uow.cases.open_of(turn.person.id)
    return outcome + await casework.add_to_case(case, turn, uow) if case is not None else outcome


async def _after_reminder(turn: Turn, uow: UnitOfWork) -> bool:
    """Whether what this answers, or was said last, is about a time limit."""
    if turn.heard.reply_to:
        said = await uow.people.message_by_remote_id(turn.conversation.id, turn.heard.reply_to)
    else:
        said = await uow.people.last_said(turn.conversation.id)
    return said is not None and any(re.fullmatch("limit:[0-9]+:stop", choice[0]) for choice in said.choices or [])


async def stop_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/stop`: no more questions how it went; a second time they come again. `/stop reminders`: the same for those."""
    event = turn.heard.event
    args = event.args.strip().lower() if isinstance(event, Command) else ""
    if args in _REMINDERS:
        return _do("start_reminders" if turn.person.reminders_stopped else "stop_reminders", turn)
    return _do("start" if turn.person.follow_ups_stopped else "stop", turn)


def _do(wish: Wish, turn: Turn) -> Outcome:
    match wish:
        case "stop" | "stop_this":
            turn.person.follow_ups_stopped = True
            return turn.reply(turn.words("follow_up.stopped"))
        case "start":
            turn.person.follow_ups_stopped = False
            return turn.reply(turn.words("follow_up.started"))
        case "stop_reminders":
            turn.person.reminders_stopped = True
            return turn.reply(turn.words("wishes.reminders_stopped"))
        case "start_reminders":
            turn.person.reminders_stopped = False
            return turn.reply(turn.words("wishes.reminders_started"))


async def hour_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/hour 19`: from when on in the day to write; `/hour` alone shows buttons."""
    event = turn.heard.event
    args = event.args.strip().lower() if isinstance(event, Command) else ""
    return _set_hour(args, turn) if args else _ask_hour("wishes.hour_ask", turn)


async def chose_hour(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`hour:<0-23>` or `hour:any`."""
    event = turn.heard.event
    return _set_hour(event.id.partition(":")[2] if isinstance(event, Choice) else "", turn)


def _ask_hour(key: str, turn: Turn) -> Outcome:
    return turn.reply(
        turn.words(key),
        *(turn.option(f"hour:{hour}", "wishes.hour_button", hour=hour) for hour in HOURS),
        turn.option("hour:any", "wishes.hour_any"),
    )


def _set_hour(said: str, turn: Turn) -> Outcome:
    if turn.staff is not None:
        return turn.reply(turn.words("common.stale"))
    if said in _ANY:
        turn.person.preferred_hour = None
        return turn.reply(turn.words("wishes.hour_none"))
    said = said.removesuffix("点").removesuffix("时").removesuffix(":00").strip()
    if not (said.isascii() and said.isdigit() and len(said) <= 2 and int(said) <= 23):
        return _ask_hour("wishes.hour_ask", turn)
    hours = planning.hours_of(turn.house)
    if hours.limited and hour_is_quiet(int(said), hours):
        return _ask_hour("wishes.hour_quiet", turn)
    turn.person.preferred_hour = int(said)
    return turn.reply(turn.words("wishes.hour_set", hour=int(said)))


async def safe_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/safe`: whether what we write may be read by others."""
    if turn.staff is not None:
        return turn.reply(turn.words("common.stale"))
    return turn.reply(
        turn.words("wishes.safe_ask"),
        turn.option("safe:usual", "wishes.safe_usual"),
        turn.option("safe:neutral", "wishes.safe_neutral"),
        turn.option("safe:none", "wishes.safe_none"),
    )


async def chose_safe(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`safe:usual`, `safe:neutral` or `safe:none`."""
    event = turn.heard.event
    name = event.id.partition(":")[2] if isinstance(event, Choice) else ""
    if turn.staff is not None or name not in MARKS:
        return turn.reply(turn.words("common.stale"))
    turn.person.contact = MARKS[name]
    return turn.reply(turn.words("wishes.safe_set", contact=MARKS[name]))


def safe_line(turn: Turn) -> str:
    """One plain line after an answer about violence: what we write can be kept plain, or left out."""
    return turn.words("wishes.safe_line")
