"""Telegram's updates -> our events, as handlers of an aiogram router. No network."""

from __future__ import annotations

from datetime import UTC, datetime

from aiogram import Dispatcher, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, ChatMemberUpdated, InaccessibleMessage, Message, User

from handlers.messages import (
    Address,
    Attachment,
    Blocked,
    Choice,
    Command,
    Contact,
    Document,
    Edited,
    Event,
    Heard,
    Joined,
    Location,
    Photo,
    Text,
    Unsupported,
    Voice,
)


def make_dispatcher(account: str) -> Dispatcher:
    """A dispatcher whose handlers return what was heard; `account` is the bot's id."""
    router = Router()

    @router.message()
    async def message(event: Message) -> Heard:
        return _heard(account, event, _content(event))

    @router.edited_message()
    async def edited(event: Message) -> Heard:
        words = event.text or event.caption or ""
        return _heard(account, event, Edited(of=str(event.message_id), text=words))

    @router.callback_query()
    async def pressed(event: CallbackQuery) -> Heard | None:
        return _pressed(account, event)

    @router.my_chat_member()
    async def membership(event: ChatMemberUpdated) -> Heard:
        closed = event.new_chat_member.status in {"kicked", "left"}
        return Heard(
            address=Address("telegram", account, str(event.chat.id)),
            event=Blocked() if closed else Joined(),
            sender=str(event.from_user.id),
            sent_at=event.date.astimezone(UTC),
            private=event.chat.type == ChatType.PRIVATE,
            language_hint=event.from_user.language_code or "",
        )

    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.include_router(router)
    return dispatcher


def _heard(account: str, message: Message, event: Event) -> Heard:
    replied = message.reply_to_message
    return Heard(
        address=Address("telegram", account, str(message.chat.id)),
        event=event,
        sender=_sender(message.from_user, message.chat.id),
        sent_at=message.date.astimezone(UTC),
        remote_id=str(message.message_id),
        reply_to=str(replied.message_id) if replied else "",
        reply_to_text=(replied.text or replied.caption or "") if replied else "",
        private=message.chat.type == ChatType.PRIVATE,
        language_hint=(message.from_user.language_code or "") if message.from_user else "",
    )


def _sender(user: User | None, chat: int) -> str:
    return str(user.id if user else chat)


def _content(message: Message) -> Event:
    """What a message says, by its kind."""
    words = (message.text or message.caption or "").replace("\x00", "")
    if message.text is not None:
        return _text(words)
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return Photo(Attachment("photo", "photo.jpg", largest.file_size or 0, largest.file_id), words)
    if voice := message.voice or message.audio or message.video_note:
        return Voice(Attachment("voice", "voice.ogg", voice.file_size or 0, voice.file_id), voice.duration, words)
    if file := message.document or message.video or message.animation:
        name = (getattr(file, "file_name", None) or "file").replace("\x00", "")
        return Document(Attachment("document", name, file.file_size or 0, file.file_id), words)
    if message.location:
        return Location(message.location.latitude, message.location.longitude)
    if message.contact:
        name = f"{message.contact.first_name} {message.contact.last_name or ''}".strip()
        return Contact(name, message.contact.phone_number)
    return Unsupported(str(message.content_type).rsplit(".", 1)[-1].lower())


def _text(words: str) -> Event:
    """A command when it starts with a slash and a name (`/start@bot v_x`), else text."""
    first, _, rest = words.strip().partition(" ")
    name = first.removeprefix("/").partition("@")[0]
    if first.startswith("/") and name.isascii() and name.replace("_", "").isalnum():
        return Command(name.lower(), rest.strip())
    return Text(words)


def _pressed(account: str, query: CallbackQuery) -> Heard | None:
    message = query.message
    chat_id = message.chat.id if message else query.from_user.id
    sent_at = datetime.now(UTC)
    if message is not None and not isinstance(message, InaccessibleMessage):
        sent_at = message.date.astimezone(UTC)
    return Heard(
        address=Address("telegram", account, str(chat_id)),
        event=Choice((query.data or "").replace("\x00", ""), on=str(message.message_id) if message else ""),
        sender=str(query.from_user.id),
        sent_at=sent_at,
        private=message is None or message.chat.type == ChatType.PRIVATE,
        language_hint=query.from_user.language_code or "",
    )
