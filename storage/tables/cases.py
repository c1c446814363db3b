"""Cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.tables.columns import json_column, moment, to, words
from storage.tables.kinds import CaseStatus


class Case(SQLModel, table=True):
    """A matter that a person answers. Its number is its id.

    `reason`: why it left the bot ('not_found', 'not_solved', 'asked', 'never_automatic', 'emergency'); `kind`: the
    emergency or entry behind it. `answer_due` is when the villager was told to expect a first answer.
    `owner_id`: who must see to it that somebody answers; the adviser once one has claimed it. `opponent`: the other
    side as the villager named it, `opponent_side` what it is ('person', 'committee', 'employer', 'government', …),
    `party` the villager's own name, only where given for the case; `…_key` the same as they are compared. `topic`: one
    of the knowledge base's topics.
    `waits_for_villager_since`: the clocks stand still from then. `referred_to`: where it was sent, until it is back.
    """

    __table_args__ = (Index("ix_case_status_adviser", "status", "adviser_id"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = to("person")
    conversation_id: int = to("conversation")
    village_id: int | None = to("village", nullable=True)
    language: str
    reason: str
    kind: str = ""
    urgent: bool = False
    status: str = CaseStatus.WAITING
    adviser_id: int | None = to("staff", nullable=True)
    opened_at: datetime = moment(index=True)
    answer_due: datetime = moment()
    claimed_at: datetime | None = moment(nullable=True)
    answered_at: datetime | None = moment(nullable=True)
    closed_at: datetime | None = moment(nullable=True)
    outcome: str = ""
    reopened: int = 0
    solved: bool | None = None
    rating: int | None = None
    comment: str = words()
    owner_id: int | None = to("staff", nullable=True)
    topic: str = ""
    opponent: str = words()
    opponent_side: str = ""
    party: str = words()
    opponent_key: str = Field(default="", index=True)
    party_key: str = Field(default="", index=True)
    waits_for_villager_since: datetime | None = moment(nullable=True)
    referred_to: str = ""


class CaseEvent(SQLModel, table=True):
    """What was decided about a case, and why; never changed. `kind`: offered, owned, claimed, released, walled (taken
    from who stands too near), moved_on (offered to others while its adviser is silent or away), transfer_asked,
    transfer_accepted, transfer_refused, transfer_withdrawn, transfer_lapsed, referred, returned, warned, breached,
    paused, resumed, extend_asked, extended, extend_refused. `staff_id` is whom it is about, `by_staff_id` who decided.
    `detail` holds the reasons as facts: the wording puts them into words.
    """

    __tablename__ = "case_event"

    id: int = Field(default=None, primary_key=True)
    case_id: int = to("case")
    kind: str
    at: datetime = moment()
    staff_id: int | None = to("staff", nullable=True)
    by_staff_id: int | None = to("staff", nullable=True, index=False)
    detail: dict[str, Any] = json_column()


class Transfer(SQLModel, table=True):
    """One adviser asks a named other to take a case over; the first keeps it until the other accepts (首问负责).

    `state`: asked, accepted, refused, withdrawn, or lapsed when nobody answered. How long it has says its clock.
    """

    id: int = Field(default=None, primary_key=True)
    case_id: int = to("case")
    from_id: int = to("staff")
    to_id: int = to("staff")
    reason: str = words()
    state: str = "asked"
    asked_at: datetime = moment()
    decided_at: datetime | None = moment(nullable=True)
