"""The vocabulary: what people send to the help desk and what it says to them.

Both unions are closed. A channel turns whatever its platform delivers into one `Heard`, and puts one
`Content` before a person, within its `Capabilities`. Nothing here knows a platform.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Literal

MAX_CHOICE_ID_BYTES = 64
"""The longest choice id every platform can carry back (the strictest one allows 64 bytes)."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a conversation takes place: a channel, our account on it, and the chat there."""

    channel: str
    account: str
    chat: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file somebody sent.

    `remote` is the channel's handle for fetching it; `blob` is our own id once it is stored. `size` is in
    bytes, as announced by the channel (0: not announced). `problem` says why there is no blob
    ('too_large', 'unavailable', 'refused_type'), else it is empty.
    """

    kind: Literal["photo", "voice", "document"]
    name: str = ""
    size: int = 0
    remote: str = ""
    blob: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Words a person wrote."""

    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command such as `/start v_shizhuang`: its name without the slash, in lower case, and the rest."""

    name: str
    args: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A pressed button. `id` is the choice's stable id; `on` is the channel's id of the message that carried it."""

    id: str
    on: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture, with the words under it."""

    file: Attachment
    text: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice message."""

    file: Attachment
    seconds: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """Any other file."""

    file: Attachment
    text: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A place, in degrees (WGS 84)."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Contact:
    """A name and phone number that a person chose to share."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A message was changed afterwards; `of` is the channel's id of the message, `text` its new words."""

    of: str
    text: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """The person stopped the bot from writing to them."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The person (re)opened the chat: writing to them is possible again."""


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something the help desk cannot use (a sticker, a poll); `kind` is a short name. It is kept, and answered."""

    kind: str


Event = (
    Text | Command | Choice | Photo | Voice | Document | Location | Contact | Edited | Blocked | Joined | Unsupported
)
WithFile = Photo | Voice | Document


@dataclass(frozen=True, slots=True)
class Heard:
    """One event from one chat.

    `remote_id` is the channel's id of the message ('' for events that are not messages); `reply_to` is the id of
    the message it answers, and `reply_to_text` that message's text as far as the channel gives it. `sender` is
    the channel's id of the person. `private` is false in group chats. `language_hint` is a BCP 47 tag or ''.
    """

    address: Address
    event: Event
    sender: str
    sent_at: datetime
    remote_id: str = ""
    reply_to: str = ""
    reply_to_text: str = ""
    private: bool = True
    language_hint: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A button: its stable id (at most 64 bytes of UTF-8) and its label in the reader's language."""

    id: str
    label: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.id.encode()) <= MAX_CHOICE_ID_BYTES:
            raise ValueError(f"a choice id has 1 to {MAX_CHOICE_ID_BYTES} bytes: {self.id!r}")


@dataclass(frozen=True, slots=True)
class Content:
    """What is put before a person: rendered words, at most one file of ours, and buttons.

    `blob_kind` is that of an `Attachment`: photo, voice or document. `made`: the bytes of a calendar file that is made
    here instead; it becomes a file of ours where the message is written.
    """

    text: str
    choices: tuple[Option, ...] = ()
    blob: str = ""
    blob_kind: str = ""
    blob_name: str = ""
    made: bytes = b""


class Priority(IntEnum):
    """Which waiting message of a chat goes out first; within one priority, the older."""

    EMERGENCY = 0
    NORMAL = 5


@dataclass(frozen=True, slots=True)
class Say:
    """One message to one conversation.

    `dedup` makes a second enqueue of the same thing do nothing (see `UnitOfWork.say`). `about_case` and
    `about_question` tie buttons and replies on this message to their case or question; `in_history` is
    false for copies that staff get, so that a case's history shows each message once.
    """

    conversation_id: int
    content: Content
    dedup: str
    priority: Priority = Priority.NORMAL
    about_case: int | None = None
    about_question: int | None = None
    author_staff: int | None = None
    in_history: bool = True


@dataclass(frozen=True, slots=True)
class Later:
    """Durable work: a task of `kind` that runs at `run_at` (aware) or soon after; `dedup` is unique among tasks."""

    kind: str
    run_at: datetime
    dedup: str
    payload: dict[str, int | str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one event led to. It is written in one commit, together with 'inbox done'.

    `answer` is what to tell whoever caused it: sent in a chat, shown as a notice on the desk. `done` is false when
    what they asked for did not happen; the answer then says why.
    """

    replies: tuple[Say, ...] = ()
    tasks: tuple[Later, ...] = ()
    answer: Content | None = None
    done: bool = True

    def __add__(self, other: Outcome) -> Outcome:
        """Both, in this order; the later answer wins when both have one."""
        return Outcome(
            self.replies + other.replies,
            self.tasks + other.tasks,
            other.answer or self.answer,
            self.done and other.done,
        )
