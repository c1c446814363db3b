"""People, their conversations, what was said and asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import json_column, json_list, moment, to, words


class Person(SQLModel, table=True):
    """A villager. No name, number or platform id: those stay with the conversation, or are given for a case.

    `preferred_hour`: the local hour of the day from which they want to be written to. `contact`: '' for as usual,
    'neutral' for words that say nothing of the matter, 'none' for not at all unless they write (someone else may read
    the phone). `reminders_stopped`: no reminders of legal time limits; follow-ups stop separately.
    """

    id: int = Field(default=None, primary_key=True)
    created_at: datetime = moment()
    language: str = ""
    village_id: int | None = to("village", nullable=True)
    village_asked: bool = False
    consent_at: datetime | None = moment(nullable=True)
    follow_ups_stopped: bool = False
    reminders_stopped: bool = False
    preferred_hour: int | None = None
    contact: str = ""
    last_follow_up_at: datetime | None = moment(nullable=True)


class Conversation(SQLModel, table=True):
    """A chat on a channel, and where its dialogue stands (`flow`, `step`, `data`; see handlers/states.py)."""

    __table_args__ = (UniqueConstraint("channel", "account", "chat"),)

    id: int = Field(default=None, primary_key=True)
    channel: str
    account: str
    chat: str
    person_id: int = to("person")
    flow: str = ""
    step: str = ""
    data: dict[str, Any] = json_column()
    version: int = 0
    blocked_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment()


class Question(SQLModel, table=True):
    """A question and what the knowledge base made of it. `candidates` lists entry ids, best first.

    `entry_version` is the version that answered; `recalled_version` the later one that the person was told of, or
    'withdrawn'; '' when nothing has changed since.
    """

    id: int = Field(default=None, primary_key=True)
    person_id: int = to("person")
    conversation_id: int = to("conversation")
    text: str = words()
    language: str
    asked_at: datetime = moment(index=True)
    outcome: str
    confidence: float = 0.0
    candidates: list[Any] = json_list()
    entry_id: str = Field(default="", index=True)
    entry_version: str = ""
    entry_language: str = ""
    recalled_version: str = ""
    case_id: int | None = to("case", nullable=True)
    solved: bool | None = None
    rating: int | None = None
    comment: str = words()


class Message(SQLModel, table=True):
    """What was said in a conversation, by whom, in order. Never changed: an edit is a new row that names the old.

    `author`: 'villager', 'staff' or 'bot'. `remote_id`: the channel's id of the message, once known. `in_history`
    is false for the copies and notices staff get, so that a case's history shows each message once.
    """

    __table_args__ = (Index("ix_message_conversation_id_remote_id", "conversation_id", "remote_id"),)

    id: int = Field(default=None, primary_key=True)
    conversation_id: int = to("conversation")
    direction: str
    author: str
    staff_id: int | None = to("staff", nullable=True, index=False)
    kind: str = "text"
    text: str = words()
    choices: list[Any] = json_list()
    blob_id: str = ""
    blob_kind: str = ""
    blob_name: str = ""
    remote_id: str = ""
    edit_of: int | None = to("message", nullable=True, index=False)
    case_id: int | None = to("case", nullable=True)
    question_id: int | None = to("question", nullable=True)
    in_history: bool = True
    said_at: datetime = moment()


class Blob(SQLModel, table=True):
    """A file somebody sent; its bytes lie under the data directory (see storage/blobs.py). `size` in bytes."""

    id: str = Field(primary_key=True)
    mime: str
    name: str = ""
    size: int
    sha256: str
    stored_at: datetime = moment()
