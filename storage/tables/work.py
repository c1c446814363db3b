"""Queues, leases and what the running product keeps about itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import json_column, moment, to, words
from storage.tables.kinds import Delivery, InboxState, TaskState


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
    body: str = words()
    received_at: datetime = moment()
    state: str = InboxState.WAITING
    attempts: int = 0
    not_before: datetime | None = moment(nullable=True)
    error: str = words()
    done_at: datetime | None = moment(nullable=True)


class Outbox(SQLModel, table=True):
    """The delivery of one message. `unknown` stays true once an attempt ended without an answer."""

    __table_args__ = (Index("ix_outbox_waiting", "outcome", "channel", "account", "conversation_id", "priority", "id"),)

    id: int = Field(default=None, primary_key=True)
    message_id: int = Field(sa_column=Column(ForeignKey("message.id"), nullable=False, unique=True))
    conversation_id: int = to("conversation")
    channel: str
    account: str
    dedup: str = Field(sa_column=Column(String, nullable=False, unique=True))
    priority: int = 5
    outcome: str = Delivery.WAITING
    attempts: int = 0
    unknown: bool = False
    not_before: datetime | None = moment(nullable=True)
    holder: str = ""
    why: str = words()
    created_at: datetime = moment()
    sent_at: datetime | None = moment(nullable=True)


class Task(SQLModel, table=True):
    """Work that falls due. `dedup` makes scheduling the same thing twice do nothing."""

    __table_args__ = (Index("ix_task_state_run_at", "state", "run_at"),)

    id: int = Field(default=None, primary_key=True)
    kind: str
    run_at: datetime = moment()
    payload: dict[str, Any] = json_column()
    dedup: str = Field(sa_column=Column(String, nullable=False, unique=True))
    state: str = TaskState.WAITING
    attempts: int = 0
    note: str = words()
    done_at: datetime | None = moment(nullable=True)


class Lease(SQLModel, table=True):
    """Who alone does something (a courier or poller of an account), and until when unless renewed."""

    name: str = Field(primary_key=True)
    holder: str
    until: datetime = moment()


class ChannelAccount(SQLModel, table=True):
    """The state of one account on a channel: until when the platform told us to keep quiet."""

    __tablename__ = "channel_account"

    channel: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    paused_until: datetime | None = moment(nullable=True)


class DeskPass(SQLModel, table=True):
    """A one-time sign-in link ('link') or a signed-in browser ('session'); only the secret's hash is kept."""

    __tablename__ = "desk_pass"

    secret_hash: str = Field(primary_key=True)
    kind: str
    staff_id: int = to("staff")
    expires: datetime = moment()
    used_at: datetime | None = moment(nullable=True)


class Marker(SQLModel, table=True):
    """A fact about this database, such as 'demo'."""

    name: str = Field(primary_key=True)
    value: str = ""


class Counter(SQLModel, table=True):
    """A number that only grows; 'knowledge' does with every version published or withdrawn."""

    name: str = Field(primary_key=True)
    value: int = 0
