"""What a villager answers to a follow-up: a button, a plain yes or no, words that are neither, or an emergency.

A button is bound to its follow-up for good. Typed words are an answer only while the follow-up is the last thing that
was said here, or when they reply to it; everything else is a question as ever.
"""

from __future__ import annotations

from datetime import timedelta

from faq.match import MatchOutcome
from handlers import casework, following_up, planning, routing
from handlers.chain import chain
from handlers.messages import Choice, Content, Outcome, Photo, Priority, Text, Voice
from handlers.notices import to_staff
from handlers.rules.courtesy import courtesy
from handlers.rules.replies import may_be_reply, read_reply
from handlers.states import Asking, ChoosingLanguage, ChoosingVillage, Consenting, New
from handlers.turn import Turn
from storage.tables import Case, CaseStatus, FollowUp, Staff
from storage.unit_of_work import UnitOfWork

STILL_ABOUT = timedelta(days=30)
"""How long after a follow-up an emergency is taken to be about its case."""
ASKED_TO_PRESS = "asked to press a button"
"""Note on a follow-up whose answer was not clear once; what comes after is no answer to it."""


async def pressed(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`fu:<id>:yes` or `fu:<id>:no`."""
    event = turn.heard.event
    parts = event.id.split(":") if isinstance(event, Choice) else []
    valid = len(parts) == 3 and parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 10
    row = await uow.follow_ups.get(int(parts[1]), lock=True) if valid else None
    if row is None or row.person_id != turn.person.id or row.asked_at is None or parts[2] not in {"yes", "no"}:
        return turn.reply(turn.words("common.stale"))
    return await _answered(row, parts[2] == "yes", turn, uow)


async def clear(turn: Turn, uow: UnitOfWork) -> Outcome | None:
    """A typed yes or no to the follow-up that was asked last; None for anything else."""
    event = turn.heard.event
    answer = read_reply(event.text) if isinstance(event, Text) else None
    row = await _just_asked(turn, uow) if answer is not None else None
    if row is None:
        return None
    await _tie(row, turn)
    return await _answered(row, answer == "yes", turn, uow)


async def unclear(turn: Turn, uow: UnitOfWork) -> Outcome | None:
    """Words or a voice message after a follow-up that are neither yes nor no, and no question: kept, given to whoever
    has the case, and asked about once with two buttons. None for anything else.
    """
    event = turn.heard.event
    if not isinstance(event, Text | Voice | Photo) or await uow.cases.open_of(turn.person.id) is not None:
        return None
    row = await _just_asked(turn, uow)
    if row is None or row.note == ASKED_TO_PRESS or turn.message is None:
        return None
    about_case = row.case_id is not None
    if event.text:
        if not may_be_reply(event.text, about_case=about_case) or _polite(event.text):
            return None
        if turn.house.matcher.match(event.text, turn.language).outcome is MatchOutcome.ANSWER:
            return None
    elif not about_case or not turn.message.blob_id:
        return None
    await _tie(row, turn)
    row.note, row.asked_at = ASKED_TO_PRESS, turn.now
    turn.go(Asking())
    case = await uow.cases.get(row.case_id) if row.case_id else None
    neutral = planning.mark(case, turn.person, turn.house) == "neutral"
    told = turn.reply(
        turn.words("follow_ups.unclear", kept=case is not None),
        *following_up.choices(row, turn.language, neutral, turn.house),
        about_case=row.case_id,
        about_question=row.question_id,
    )
    return told + await _relay(case, turn, uow)


def _polite(text: str) -> bool:
    """Thanks and greetings are answered as such; 'well' and 'all right' are no answer to a question."""
    return courtesy(text) == "greeting" or "谢" in text or "thank" in text.lower()


async def _just_asked(turn: Turn, uow: UnitOfWork) -> FollowUp | None:
    """The follow-up that this message answers: the one it replies to, or the last thing that was said here."""
    if isinstance(turn.state, New | ChoosingLanguage | Consenting | ChoosingVillage):
        return None
    if turn.heard.reply_to:
        said = await uow.people.message_by_remote_id(turn.conversation.id, turn.heard.reply_to)
    else:
        said = await uow.people.last_said(turn.conversation.id)
    if said is None or said.direction != "out" or not said.choices:
        return None
    row = await uow.follow_ups.asked_at(turn.conversation.id, said.said_at)
    if row is None or row.state not in {"asked", "silent"}:
        return None
    if (said.case_id, said.question_id) != (row.case_id, row.question_id):
        return None
    own = {"solved:yes", f"fu:{row.id}:yes"}
    return row if any(option[0] in own for option in said.choices) else None


async def _tie(row: FollowUp, turn: Turn) -> None:
    if turn.message is not None:
        turn.message.case_id = turn.message.case_id or row.case_id
        turn.message.question_id = turn.message.question_id or row.question_id


async def _answered(row: FollowUp, yes: bool, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Act on an answer: to the case or question that the follow-up was about."""
    row.state, row.answered_at, row.note = "answered", turn.now, "yes" if yes else "no"
    case = await uow.cases.get(row.case_id, lock=True) if row.case_id else None
    if row.kind == "answer":
        question = await uow.people.question(row.question_id) if row.question_id else None
        return await following_up.settle(None, question, yes, turn, uow)
    if case is None:
        return turn.reply(turn.words("common.stale"))
    turn.go(Asking())
    closed = case.status == CaseStatus.CLOSED
    if closed and not yes:
        return await following_up.reopen(case, turn, uow)
    if closed and row.kind == "closed":
        return await following_up.settle(case, None, True, turn, uow)
    if yes and row.kind == "later":
        case.solved = True
        await uow.follow_ups.drop(case.id, ["later"], "the money came")
    adviser = await uow.county.staff(case.adviser_id)
    told = turn.reply(
        turn.words("follow_ups.noted", yes=yes, adviser=adviser.name if adviser else ""), about_case=case.id
    )
    return told + await _tell(case, adviser, row, yes, turn, uow)


async def _tell(case: Case, adviser: Staff | None, row: FollowUp, yes: bool, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Tell the adviser what was answered to a follow-up of an open case, or to one that they planned."""
    if adviser is None:
        return Outcome()
    day = turn.house.local(row.due).date()
    text = turn.house.wording.say(
        "follow_ups.told", adviser.language, number=case.id, yes=yes, kind=row.kind, text=row.words, day=day
    )
    return await to_staff(
        adviser, Content(text), turn.house, uow, turn.now, dedup=f"{turn.key}:answer", about_case=case.id
    )


async def _relay(case: Case | None, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Give what was said about a closed case to its adviser."""
    adviser = await uow.county.staff(case.adviser_id) if case is not None else None
    if case is None or adviser is None or turn.message is None or await routing.walled(case, adviser, uow):
        return Outcome()
    content = casework.relayed(turn.message, case, adviser, turn.house)
    return await to_staff(adviser, content, turn.house, uow, turn.now, dedup=f"{turn.key}:relay", about_case=case.id)


async def emergency(kind: str, turn: Turn, uow: UnitOfWork) -> Outcome | None:
    """An emergency in answer to a follow-up of a closed case opens that case again, urgent, with the same adviser;
    where they are not on duty, whoever is hears of it too, else who is on call, the directors, the county desk. None
    when it answers no follow-up.
    """
    row = await uow.follow_ups.asked_in(turn.conversation.id)
    case = await uow.cases.get(row.case_id, lock=True) if row is not None and row.case_id else None
    if row is None or case is None or case.status != CaseStatus.CLOSED or case.person_id != turn.person.id:
        return None
    if row.asked_at is None or turn.now - row.asked_at > STILL_ABOUT:
        return None
    row.state, row.answered_at, row.note = "answered", turn.now, "emergency"
    case.kind = kind
    await casework.make_urgent(case, turn.house, uow, turn.now, occasion=turn.key)
    if turn.message is not None:
        turn.message.case_id = case.id
    opened = await following_up.reopen(case, turn, uow)
    return opened + await call_for_help(case, turn, uow)


async def call_for_help(case: Case, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Tell those on duty of an emergency whose adviser is not."""
    if case.status != CaseStatus.CLAIMED:
        return Outcome()
    people = await chain(case, turn.house, uow, turn.now)
    adviser = await uow.county.staff(case.adviser_id)
    if case.adviser_id in {staff.id for staff in people.present}:
        return Outcome()
    outcome = Outcome()
    for staff in people.present or people.on_call or people.directors or people.county:
        if staff.id == case.adviser_id:
            continue
        text = turn.house.wording.say(
            "follow_ups.help_needed",
            staff.language,
            number=case.id,
            adviser=adviser.name if adviser else "",
            summary=await casework.summary(case, staff, turn.house, uow),
        )
        dedup = f"{turn.key}:help:{staff.id}"
        outcome += await to_staff(
            staff, Content(text), turn.house, uow, turn.now,
            dedup=dedup, about_case=case.id, priority=Priority.EMERGENCY,
        )  # fmt: skip
    return outcome
