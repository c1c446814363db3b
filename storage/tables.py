"""The tables. `table=True` models do not validate: whatever comes from outside is validated at its edge.

Times are aware, in UTC. Money does not occur. Text is what people wrote, unchanged.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, MetaData, String, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.types import NAMING_CONVENTION, UtcDateTime

metadata = SQLModel.metadata
metadata.naming_convention = MetaData(naming_convention=NAMING_CONVENTION).naming_convention


def _moment(*, nullable: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=nullable, index=index))


def _json() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def _words(default: str = "") -> Any:
    return Field(default=default, sa_column=Column(Text, nullable=False))


def _to(table: str, *, nullable: bool = False, index: bool = True) -> Any:
    return Field(default=None, sa_column=Column(ForeignKey(f"{table}.id"), nullable=nullable, index=index))


class Role(StrEnum):
    """What a member of staff does at the station or the county desk."""

    DIRECTOR = "director"
    ADVISER = "adviser"
    MEDIATOR = "mediator"
    LEGAL_WORKER = "legal_worker"
    SOCIAL_WORKER = "social_worker"
    VOLUNTEER = "volunteer"
    JUDGE = "judge"
    COUNTY = "county"


class InboxState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    SET_ASIDE = "set_aside"


class Delivery(StrEnum):
    """How far an outbox row got. `paused`: the person blocked us; it goes on when they come back."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    PAUSED = "paused"
    REJECTED = "rejected"


class TaskState(StrEnum):
    """`dropped`: it had lost its sense when it fell due; the note says why."""

    WAITING = "waiting"
    DONE = "done"
    DROPPED = "dropped"
    FAILED = "failed"


class CaseStatus(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    CLOSED = "closed"


class EntryStatus(StrEnum):
    """Where a version of an entry stands: being written, before a second lawyer, (once) in use, taken out of use."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Town(SQLModel, table=True):
    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)


class Village(SQLModel, table=True):
    """A village. `code` stands in posters and deep links: letters, digits, '-' and '_', at most 40."""

    id: int = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str = Field(index=True)
    town_id: int = _to("town")


class Staff(SQLModel, table=True):
    """Somebody who answers. `serves_all`: every village of the county; else the rows of `StaffVillage`."""

    id: int = Field(default=None, primary_key=True)
    name: str
    role: str
    language: str = "zh"
    phone: str = ""
    active: bool = True
    serves_all: bool = False


class StaffVillage(SQLModel, table=True):
    __tablename__ = "staff_village"

    staff_id: int = Field(foreign_key="staff.id", primary_key=True)
    village_id: int = Field(foreign_key="village.id", primary_key=True, index=True)


class StaffAddress(SQLModel, table=True):
    """Where a member of staff is written to: the id of their private chat on a channel."""

    __tablename__ = "staff_address"
    __table_args__ = (UniqueConstraint("channel", "chat"), UniqueConstraint("staff_id", "channel"))

    id: int = Field(default=None, primary_key=True)
    staff_id: int = _to("staff")
    channel: str
    chat: str


class Shift(SQLModel, table=True):
    """Duty from `starts` until `ends` (exclusive); without `ends`, until further notice."""

    id: int = Field(default=None, primary_key=True)
    staff_id: int = _to("staff")
    starts: datetime = _moment(index=True)
    ends: datetime | None = _moment(nullable=True)


class Person(SQLModel, table=True):
    """A villager. No name, number or platform id: those stay with the conversation, or are given for a case."""

    id: int = Field(default=None, primary_key=True)
    created_at: datetime = _moment()
    language: str = ""
    village_id: int | None = _to("village", nullable=True)
    village_asked: bool = False
    consent_at: datetime | None = _moment(nullable=True)
    follow_ups_stopped: bool = False


class Conversation(SQLModel, table=True):
    """A chat on a channel, and where its dialogue stands (`flow`, `step`, `data`; see handlers/states.py)."""

    __table_args__ = (UniqueConstraint("channel", "account", "chat"),)

    id: int = Field(default=None, primary_key=True)
    channel: str
    account: str
    chat: str
    person_id: int = _to("person")
    flow: str = ""
    step: str = ""
    data: dict[str, Any] = _json()
    version: int = 0
    blocked_at: datetime | None = _moment(nullable=True)
    created_at: datetime = _moment()


class Inbox(SQLModel, table=True):
    """An update as it came, stored before it was confirmed or looked into."""

    __table_args__ = (
        UniqueConstraint("channel", "account", "update_id"),
        Index("ix_inbox_waiting", "state", "channel", "account", "chat", "id"),
    )

    id: int = Field(default=None, primary_key=True)
    channel: str
    account: str
    update_id: str
    chat: str = ""
    body: str = _words()
    received_at: datetime = _moment()
    state: str = InboxState.WAITING
    attempts: int = 0
    not_before: datetime | None = _moment(nullable=True)
    error: str = _words()
    done_at: datetime | None = _moment(nullable=True)


class Question(SQLModel, table=True):
    """A question and what the knowledge base made of it. `candidates` lists entry ids, best first.

    `entry_version` is the version that answered; `recalled_version` the later one that the person was told of, or
    'withdrawn'; '' when nothing has changed since.
    """

    id: int = Field(default=None, primary_key=True)
    person_id: int = _to("person")
    conversation_id: int = _to("conversation")
    text: str = _words()
    language: str
    asked_at: datetime = _moment(index=True)
    outcome: str
    confidence: float = 0.0
    candidates: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    entry_id: str = Field(default="", index=True)
    entry_version: str = ""
    entry_language: str = ""
    recalled_version: str = ""
    case_id: int | None = _to("case", nullable=True)
    solved: bool | None = None
    rating: int | None = None
    comment: str = _words()


class Case(SQLModel, table=True):
    """A matter that a person answers. Its number is its id.

    `reason`: why it left the bot ('not_found', 'not_solved', 'asked', 'never_automatic', 'emergency'); `kind`: the
    emergency or entry behind it. `answer_due` is when the villager was told to expect a first answer.
    """

    __table_args__ = (Index("ix_case_status_adviser", "status", "adviser_id"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = _to("person")
    conversation_id: int = _to("conversation")
    village_id: int | None = _to("village", nullable=True)
    language: str
    reason: str
    kind: str = ""
    urgent: bool = False
    status: str = CaseStatus.WAITING
    adviser_id: int | None = _to("staff", nullable=True)
    opened_at: datetime = _moment(index=True)
    answer_due: datetime = _moment()
    claimed_at: datetime | None = _moment(nullable=True)
    answered_at: datetime | None = _moment(nullable=True)
    closed_at: datetime | None = _moment(nullable=True)
    outcome: str = ""
    reopened: int = 0
    solved: bool | None = None
    rating: int | None = None
    comment: str = _words()


class Message(SQLModel, table=True):
    """What was said in a conversation, by whom, in order. Never changed: an edit is a new row that names the old.

    `author`: 'villager', 'staff' or 'bot'. `remote_id`: the channel's id of the message, once known. `in_history`
    is false for the copies and notices staff get, so that a case's history shows each message once.
    """

    __table_args__ = (Index("ix_message_conversation_id_remote_id", "conversation_id", "remote_id"),)

    id: int = Field(default=None, primary_key=True)
    conversation_id: int = _to("conversation")
    direction: str
    author: str
    staff_id: int | None = _to("staff", nullable=True, index=False)
    kind: str = "text"
    text: str = _words()
    choices: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    blob_id: str = ""
    blob_kind: str = ""
    blob_name: str = ""
    remote_id: str = ""
    edit_of: int | None = _to("message", nullable=True, index=False)
    case_id: int | None = _to("case", nullable=True)
    question_id: int | None = _to("question", nullable=True)
    in_history: bool = True
    said_at: datetime = _moment()


class Outbox(SQLModel, table=True):
    """The delivery of one message. `unknown` stays true once an attempt ended without an answer."""

    __table_args__ = (Index("ix_outbox_waiting", "outcome", "channel", "account", "conversation_id", "priority", "id"),)

    id: int = Field(default=None, primary_key=True)
    message_id: int = Field(sa_column=Column(ForeignKey("message.id"), nullable=False, unique=True))
    conversation_id: int = _to("conversation")
    channel: str
    account: str
    dedup: str = Field(sa_column=Column(String, nullable=False, unique=True))
    priority: int = 5
    outcome: str = Delivery.WAITING
    attempts: int = 0
    unknown: bool = False
    not_before: datetime | None = _moment(nullable=True)
    holder: str = ""
    why: str = _words()
    created_at: datetime = _moment()
    sent_at: datetime | None = _moment(nullable=True)


class Task(SQLModel, table=True):
    """Work that falls due. `dedup` makes scheduling the same thing twice do nothing."""

    __table_args__ = (Index("ix_task_state_run_at", "state", "run_at"),)

    id: int = Field(default=None, primary_key=True)
    kind: str
    run_at: datetime = _moment()
    payload: dict[str, Any] = _json()
    dedup: str = Field(sa_column=Column(String, nullable=False, unique=True))
    state: str = TaskState.WAITING
    attempts: int = 0
    note: str = _words()
    done_at: datetime | None = _moment(nullable=True)


class Blob(SQLModel, table=True):
    """A file somebody sent; its bytes lie under the data directory (see storage/blobs.py). `size` in bytes."""

    id: str = Field(primary_key=True)
    mime: str
    name: str = ""
    size: int
    sha256: str
    stored_at: datetime = _moment()


class Lease(SQLModel, table=True):
    """Who alone does something (a courier or poller of an account), and until when unless renewed."""

    name: str = Field(primary_key=True)
    holder: str
    until: datetime = _moment()


class ChannelAccount(SQLModel, table=True):
    """The state of one account on a channel: until when the platform told us to keep quiet."""

    __tablename__ = "channel_account"

    channel: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    paused_until: datetime | None = _moment(nullable=True)


class DeskPass(SQLModel, table=True):
    """A one-time sign-in link ('link') or a signed-in browser ('session'); only the secret's hash is kept."""

    __tablename__ = "desk_pass"

    secret_hash: str = Field(primary_key=True)
    kind: str
    staff_id: int = _to("staff")
    expires: datetime = _moment()
    used_at: datetime | None = _moment(nullable=True)


class Marker(SQLModel, table=True):
    """A fact about this database, such as 'demo'."""

    name: str = Field(primary_key=True)
    value: str = ""


class EntryVersion(SQLModel, table=True):
    """A version of a knowledge base entry made on the desk. `body` is a whole `faq.model.Entry`, `version` its hash.

    `revision` orders what was decided (published, withdrawn): the highest of an entry and language counts. An entry
    has at most one version that is still open (draft, review) in a language, so that nobody overwrites another's.
    `edits` counts saves of a draft. `author_id` is empty for imported drafts; `note` says why it was sent back or
    withdrawn.
    """

    __tablename__ = "entry_version"
    __table_args__ = (
        Index("ix_entry_version_entry_id_language", "entry_id", "language"),
        Index(
            "uq_entry_version_open", "entry_id", "language", unique=True,
            sqlite_where=text("status IN ('draft', 'review')"), postgresql_where=text("status IN ('draft', 'review')"),
        ),
        UniqueConstraint("revision"),
    )  # fmt: skip

    id: int = Field(default=None, primary_key=True)
    entry_id: str
    language: str
    version: str
    body: dict[str, Any] = _json()
    status: str = Field(default=EntryStatus.DRAFT, index=True)
    revision: int | None = None
    edits: int = 0
    author_id: int | None = _to("staff", nullable=True, index=False)
    reviewer_id: int | None = _to("staff", nullable=True, index=False)
    note: str = _words()
    created_at: datetime = _moment()
    decided_at: datetime | None = _moment(nullable=True)


class Counter(SQLModel, table=True):
    """A number that only grows; 'knowledge' does with every version published or withdrawn."""

    name: str = Field(primary_key=True)
    value: int = 0
