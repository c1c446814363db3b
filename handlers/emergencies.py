"""Emergencies: the numbers at once, then a person. Checked before anything else, at every turn, in every state."""

from __future__ import annotations

from faq.emergency import Emergency
from handlers import casework, follow_up_replies, wishes
from handlers.messages import Command, Document, Edited, Outcome, Photo, Priority, Text, Voice
from handlers.rules.numbers import card
from handlers.turn import Turn
from storage.unit_of_work import UnitOfWork


def found(turn: Turn) -> Emergency | None:
    """The emergency that the words of this turn speak of, if any."""
    match turn.heard.event:
        case Text(text) | Edited(text=text) | Photo(text=text) | Voice(text=text) | Document(text=text):
            return turn.house.emergencies.check(text) if text else None
        case Command(args=args):
            return turn.house.emergencies.check(args) if args else None
        case _:
            return None


def numbers_text(emergency: Emergency, turn: Turn) -> str:
    """What to do now and whom to call, shortest first."""
    numbers = card(emergency.numbers, turn.house.settings.numbers)
    return turn.words("emergency.numbers", kind=emergency.kind.value, numbers=numbers)


def caution(emergency: Emergency, turn: Turn) -> Outcome:
    """It may be an emergency: whom to call, in a line; the message then goes its way."""
    numbers = card(emergency.numbers, turn.house.settings.numbers)[:2]
    return turn.reply(turn.words("emergency.caution", numbers=numbers), priority=Priority.EMERGENCY)


async def answer(emergency: Emergency, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Give the numbers, keep the matter as an urgent case, page whoever is on duty.

    It does not wait for consent: telling the person on duty is needed to protect life (个人信息保护法 art. 13(4)).
    """
    text = numbers_text(emergency, turn)
    if emergency.kind.value == "violence":
        text = f"{text}\n\n{wishes.safe_line(turn)}"
    outcome = turn.reply(text, priority=Priority.EMERGENCY)
    case = await uow.cases.open_of(turn.person.id)
    if case is None and (again := await follow_up_replies.emergency(emergency.kind.value, turn, uow)) is not None:
        return outcome + again
    if case is None:
        opened = await casework.open_case(turn, uow, reason="emergency", kind=emergency.kind.value, urgent=True)
        return outcome + opened
    case.kind = emergency.kind.value
    if turn.message is not None:
        turn.message.case_id = case.id  # whoever is paged sees these words
    paged = await casework.make_urgent(case, turn.house, uow, turn.now, occasion=turn.key)
    relayed = await casework.add_to_case(case, turn, uow)
    return outcome + relayed + paged + await follow_up_replies.call_for_help(case, turn, uow)
