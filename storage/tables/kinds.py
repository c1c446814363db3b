"""The closed sets of words that columns hold."""

from __future__ import annotations

from enum import StrEnum


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
