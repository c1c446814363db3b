"""What a messaging platform is to Doorstep: the `Channel` protocol, its capabilities, and what a send came to.

Errors a channel may raise, by what the caller does next::

    ChannelError
    ├── Unparsable          the stored update makes no sense: keep it, answer nothing, go on
    └── FileUnavailable     a file cannot be had (now or ever); `retry` says whether to ask again
        └── FileTooLarge    it is larger than may be fetched: the sender can send something smaller
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from handlers.messages import Attachment, Content, Heard, Option


class ChannelError(Exception):
    """Root of what channels raise."""


class Unparsable(ChannelError):
    """A stored update that is not what the platform promises."""


class FileUnavailable(ChannelError):
    """A file could not be fetched; `retry` is true when asking again may help."""

    def __init__(self, why: str, *, retry: bool) -> None:
        super().__init__(why)
        self.retry = retry


class FileTooLarge(FileUnavailable):
    """A file is larger than may be fetched, or than the platform gives out."""

    def __init__(self) -> None:
        super().__init__("the file is too large", retry=False)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can carry. `text_limit`, and `caption_limit` for the words under a
    file, are in UTF-16 code units, the unit the strictest platform counts in.

    `buttons`: choices can be pressed; without them they become a numbered list. `delivered_by_commit`: people
    read messages from our own store, so that a commit delivers them and no courier is needed.
    """

    text_limit: int = 4096
    caption_limit: int = 1024
    buttons: bool = True
    files: bool = True
    delivered_by_commit: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform has it; `remote_id` is its id there."""

    remote_id: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """The platform does not have it, and may take it later."""

    why: str
    retry_after: timedelta | None = None
    whole_account: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """The platform will never take this message."""

    why: str


@dataclass(frozen=True, slots=True)
class ChatClosed:
    """The person blocked us or left: nothing can be sent to this chat until they come back."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request went out and no answer came: it may have been delivered."""

    why: str


SendOutcome = Sent | NotSent | Rejected | ChatClosed | Unknown


@dataclass(frozen=True, slots=True)
class Raw:
    """One update as fetched, before anybody has looked into it.

    `update_id` is unique on (channel, account); `chat` orders updates of one conversation ('' when the update
    names none); `body` is JSON text exactly as it is to be kept.
    """

    update_id: str
    chat: str
    body: str


class Store(Protocol):
    """Takes updates into the inbox. Returns once they are on disk; a repeated update id is passed over."""

    async def __call__(self, channel: str, account: str, updates: list[Raw]) -> None: ...


class Channel(Protocol):
    """One account on one messaging platform."""

    name: str
    account: str
    capabilities: Capabilities

    async def parse(self, body: str) -> Heard | None:
        """Read a stored update. None: nothing in it for us. Raises `Unparsable`."""

    async def fetch(self, file: Attachment, limit: int) -> bytes:
        """Fetch a file of at most `limit` bytes. Raises `FileUnavailable`."""

    async def send(self, chat: str, content: Content, blob: bytes | None) -> SendOutcome:
        """Put one message, fitted to the capabilities, before the chat. Never raises for the platform's faults."""

    async def listen(self, store: Store) -> None:
        """Bring updates into the inbox until cancelled. Retries by itself; returns at once where there is no source."""

    async def close(self) -> None:
        """Let go of connections."""


def fit(content: Content, capabilities: Capabilities) -> tuple[Content, ...]:
    """Cut a message to what a channel carries: long text into parts, buttons into a numbered list.

    The buttons stay with the last part. Pure.
    """
    text = content.text
    choices = content.choices
    if choices and not capabilities.buttons:
        listed = "\n".join(f"{number}. {option.label}" for number, option in enumerate(choices, 1))
        text, choices = f"{text}\n\n{listed}", ()
    parts = _split(text, capabilities.text_limit)
    if content.blob and utf16_length(parts[-1]) > capabilities.caption_limit:
        parts.append("")
    head = tuple(Content(part) for part in parts[:-1])
    tail = Content(parts[-1], choices, content.blob, content.blob_kind, content.blob_name)
    return (*head, tail)


def numbered(text: str, choices: tuple[Option, ...]) -> str | None:
    """The id of the choice a typed number stands for on a channel without buttons, or None. Pure."""
    word = text.strip().rstrip(".。、")
    if word.isascii() and word.isdigit() and len(word) < 5 and 1 <= int(word) <= len(choices):
        return choices[int(word) - 1].id
    return None


def _split(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` UTF-16 units, cut at a paragraph, line, sentence or, failing all, anywhere."""
    parts = []
    while utf16_length(text) > limit:
        window = _clip(text, limit)
        cut = max(
            (window.rfind(mark) + len(mark) for mark in ("\n\n", "\n", "。", "！", "？", ". ", " ") if mark in window),
            default=0,
        )
        cut = cut if cut > len(window) // 2 else len(window)
        if part := text[:cut].rstrip():
            parts.append(part)
        text = text[cut:].lstrip("\n")
    return [*parts, text] if text.strip() or not parts else parts


def utf16_length(text: str) -> int:
    """How many UTF-16 code units a text has: the unit in which messaging platforms count."""
    return len(text) + sum(character > "\uffff" for character in text)


def _clip(text: str, limit: int) -> str:
    """The longest beginning of `text` within `limit` UTF-16 units."""
    used = 0
    for index, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > limit:
            return text[:index]
    return text


JsonObject = dict[str, Any]
