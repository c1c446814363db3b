"""What every conversation needs: keeping what was said, closed and reopened chats, what we cannot use."""

from __future__ import annotations

from datetime import datetime

from handlers.messages import (
    Choice,
    Command,
    Contact,
    Content,
    Document,
    Edited,
    Heard,
    Location,
    Outcome,
    Photo,
    Text,
    Unsupported,
    Voice,
    WithFile,
)
from handlers.notices import to_staff
from handlers.turn import House, Turn
from storage.tables import Conversation, Direction, Message
from storage.unit_of_work import UnitOfWork


async def keep(turn: Turn, uow: UnitOfWork) -> None:
    """Keep what was said; the turn's `message` is the kept row. Events that say nothing leave it empty."""
    heard = turn.heard
    kind, text = _record(heard)
    if not kind:
        return
    message = Message(
        conversation_id=turn.conversation.id,
        direction=Direction.IN,
        author="staff" if turn.staff else "villager",
        staff_id=turn.staff.id if turn.staff else None,
        kind=kind,
        text=text,
        remote_id=heard.remote_id,
        in_history=turn.staff is None and kind not in {"choice", "command"},
        said_at=turn.now,
    )
    if isinstance(heard.event, WithFile):
        file = heard.event.file
        message.blob_id, message.blob_kind, message.blob_name = file.blob, file.kind, file.name
    if isinstance(heard.event, Edited):
        old = await uow.people.message_by_remote_id(turn.conversation.id, heard.event.of)
        message.remote_id = heard.event.of
        if old is not None:
            message.edit_of, message.case_id, message.question_id = old.id, old.case_id, old.question_id
    turn.message = await uow.people.heard(message)


def _record(heard: Heard) -> tuple[str, str]:
    """How an event is kept: its kind and words; no kind for events that say nothing."""
    match heard.event:
        case Text(text) | Edited(text=text):
            return "text", text
        case Command(name, args):
            return "command", f"/{name} {args}".strip()
        case Choice(choice_id):
            return "choice", choice_id
        case Photo(text=text):
            return "photo", text
        case Voice(text=text):
            return "voice", text
        case Document(text=text):
            return "document", text
        case Location(latitude, longitude):
            return "location", f"{latitude:.6f}, {longitude:.6f}"
        case Contact(name, phone):
            return "contact", f"{name} {phone}".strip()
        case Unsupported(kind) if heard.remote_id:
            return "unsupported", kind
        case _:
            return "", ""


async def pressed_on(turn: Turn, uow: UnitOfWork) -> Message | None:
    """The message of ours that carried the pressed button, as far as it can be told."""
    event = turn.heard.event
    if not isinstance(event, Choice):
        return None
    if event.on:
        found = await uow.people.message_by_remote_id(turn.conversation.id, event.on)
        if found is not None:
            return found
    recent = await uow.people.messages(turn.conversation.id, limit=50)
    return next((row for row in reversed(recent) if any(option[0] == event.id for option in row.choices)), None)


async def blocked(turn: Turn, uow: UnitOfWork) -> Outcome:
    """The person stopped us from writing to them."""
    return await chat_closed(turn.conversation, turn.house, uow, turn.now, turn.key)


async def chat_closed(conversation: Conversation, house: House, uow: UnitOfWork, now: datetime, key: str) -> Outcome:
    """Hold a closed chat's messages, and say so on the open case and to its adviser."""
    if conversation.blocked_at is not None:
        return Outcome()
    conversation.blocked_at = now
    await uow.outbox.pause(conversation.id)
    return await _tell_case(conversation, "case.chat_closed", house, uow, now, key)


async def joined(turn: Turn, uow: UnitOfWork) -> Outcome:
    """The chat is open to us (again): what was held goes out."""
    conversation = turn.conversation
    if conversation.blocked_at is None:
        return Outcome()
    conversation.blocked_at = None
    await uow.outbox.resume(conversation.id)
    return await _tell_case(conversation, "case.chat_reopened", turn.house, uow, turn.now, turn.key)


async def _tell_case(
    conversation: Conversation, text_key: str, house: House, uow: UnitOfWork, now: datetime, key: str
) -> Outcome:
    case = await uow.cases.open_of(conversation.person_id)
    if case is None:
        return Outcome()
    adviser = await uow.county.staff(case.adviser_id)
    language = adviser.language if adviser else house.settings.default_language
    text = house.wording.say(text_key, language, number=case.id)
    await uow.people.note(case, text, now)
    if adviser is None:
        return Outcome()
    return await to_staff(adviser, Content(text), house, uow, now, dedup=f"{key}:note", about_case=case.id)


def missing_file(turn: Turn) -> Outcome:
    """A file that did not arrive is said in every state and to anybody; the words under it go on."""
    event = turn.heard.event
    if not isinstance(event, WithFile) or not event.file.problem:
        return Outcome()
    limit = turn.house.settings.upload_limit // (1024 * 1024)
    return turn.reply(turn.words("common.file_problem", problem=event.file.problem, megabytes=limit))


async def unsupported(turn: Turn, uow: UnitOfWork) -> Outcome:
    """Something we keep but cannot use."""
    if turn.message is None:
        return Outcome()
    return turn.reply(turn.words("common.unsupported"))
