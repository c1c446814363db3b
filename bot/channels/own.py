"""Our own channels' updates, web and terminal: events as JSON in the inbox, delivery by the commit itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from bot.channels.base import Capabilities, FileUnavailable, Rejected, SendOutcome, Store, Unparsable
from handlers.messages import (
    Address,
    Attachment,
    Choice,
    Command,
    Content,
    Document,
    Event,
    Heard,
    Photo,
    Text,
    Voice,
)

_FILES: dict[str, type[Photo] | type[Voice] | type[Document]] = {"photo": Photo, "voice": Voice, "document": Document}


def words(text: str) -> Event:
    """What somebody typed: a command when it starts with a slash and a letter, else text."""
    name, _, args = text.strip().removeprefix("/").partition(" ")
    if text.strip().startswith("/") and name.isascii() and name.isalpha():
        return Command(name.lower(), args.strip())
    return Text(text)


def encode(event: Event, chat: str, at: datetime, language: str = "") -> str:
    """An event as the JSON that the inbox keeps. Raises TypeError for events these channels do not have."""
    body: dict[str, Any] = {"chat": chat, "at": at.isoformat(), "language": language}
    match event:
        case Text(text):
            body |= {"kind": "text", "text": text}
        case Command(name, args):
            body |= {"kind": "command", "name": name, "args": args}
        case Choice(choice, on):
            body |= {"kind": "choice", "id": choice, "on": on}
        case Photo(file, text) | Document(file, text):
            body |= {"kind": file.kind, "text": text, "blob": file.blob, "name": file.name, "size": file.size}
        case Voice(file, _, text):
            body |= {"kind": "voice", "text": text, "blob": file.blob, "name": file.name, "size": file.size}
        case _:
            raise TypeError(f"not an event of this channel: {type(event).__name__}")
    return json.dumps(body, ensure_ascii=False)


def decode(body: str, channel: str) -> Heard:
    """The event in a stored update. Raises Unparsable."""
    try:
        raw = json.loads(body)
        event: Event
        match raw["kind"]:
            case "text":
                event = Text(str(raw["text"]))
            case "command":
                event = Command(str(raw["name"]), str(raw["args"]))
            case "choice":
                event = Choice(str(raw["id"]), str(raw["on"]))
            case "photo" | "voice" | "document" as kind:
                file = Attachment(kind, str(raw["name"]), int(raw["size"]), blob=str(raw["blob"]))
                event = _FILES[kind](file, text=str(raw["text"]))
            case other:
                raise Unparsable(f"unknown kind {other!r}")
        return Heard(
            address=Address(channel, "", str(raw["chat"])),
            event=event,
            sender=str(raw["chat"]),
            sent_at=datetime.fromisoformat(raw["at"]).astimezone(UTC),
            language_hint=str(raw.get("language", "")),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise Unparsable(f"{type(error).__name__} in a stored update") from None


class OwnChannel:
    """A channel whose people read from our own store. `name` and `buttons` differ; the rest does not."""

    account = ""

    def __init__(self, name: str, *, buttons: bool) -> None:
        self.name = name
        self.capabilities = Capabilities(text_limit=100_000, buttons=buttons, delivered_by_commit=True)

    async def parse(self, body: str) -> Heard | None:
        return decode(body, self.name)

    async def fetch(self, file: Attachment, limit: int) -> bytes:
        raise FileUnavailable("files of this channel are stored before the update", retry=False)

    async def send(self, chat: str, content: Content, blob: bytes | None) -> SendOutcome:
        return Rejected("this channel delivers by the commit")

    async def listen(self, store: Store) -> None:
        return

    async def close(self) -> None:
        return
