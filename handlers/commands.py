"""The short commands, and what does not mean anything here."""

from __future__ import annotations

from handlers import clocks, emergencies, limits, planning
from handlers.messages import Command, Outcome, Priority
from handlers.turn import Turn
from handlers.wording import LANGUAGES, Wording
from storage.unit_of_work import UnitOfWork

MENU = ("start", "help", "person", "my", "numbers", "village", "language", "stop")
"""The commands shown in a platform's menu, in this order; each has a description in the wording."""


def menu(wording: Wording) -> dict[str, list[tuple[str, str]]]:
    """Commands with their descriptions, by language."""
    return {language: [(name, wording.say(f"menu.{name}", language)) for name in MENU] for language in LANGUAGES}


async def show_help(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/help`."""
    if turn.staff is not None:
        return turn.reply(turn.words("advise.help"))
    return turn.reply(turn.words("common.help", legal=turn.house.settings.numbers["legal"]))


async def show_numbers(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/numbers`: the phone numbers to call."""
    return turn.reply(turn.words("common.numbers", numbers=list(turn.house.settings.numbers.items())))


async def show_mine(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/my`: the person's own cases."""
    rows = []
    for case in (await uow.cases.all_of(turn.person.id))[:10]:
        adviser = await uow.county.staff(case.adviser_id)
        by = await clocks.next_promise(case, turn.house, uow)
        rows.append((case.id, case.status, adviser.name if adviser else "", turn.house.local(case.opened_at), by))
    planned = await planning.mine(turn, uow)
    told = turn.reply(turn.words("common.my", cases=rows) + (f"\n\n{planned}" if planned else ""))
    return told + await limits.mine(turn, uow)


async def whoami(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/whoami`: the id a future adviser gives to whoever sets up the county."""
    return turn.reply(
        turn.words("common.whoami", id=turn.heard.address.chat, name=turn.staff.name if turn.staff else "")
    )


async def unknown(turn: Turn, uow: UnitOfWork) -> Outcome:
    """A command we do not have."""
    name = turn.heard.event.name if isinstance(turn.heard.event, Command) else ""
    return turn.reply(turn.words("common.unknown_command", name=name[:32]))


async def stale(turn: Turn, uow: UnitOfWork) -> Outcome:
    """A button that means nothing here: forged, or older than what it belonged to."""
    return turn.reply(turn.words("common.stale"))


async def in_group(turn: Turn, uow: UnitOfWork) -> Outcome:
    """A group hears no private matter: emergency numbers, and a word to those who call on us, that is all."""
    emergency = emergencies.found(turn)
    if emergency is not None and emergency.certain:
        return turn.reply(emergencies.numbers_text(emergency, turn), priority=Priority.EMERGENCY)
    if isinstance(turn.heard.event, Command):
        return turn.reply(turn.words("common.write_privately"))
    return Outcome()
