"""What must not be forgotten about a case: promises, follow-ups, calls, and legal time limits that run."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables import columns
from storage.tables.columns import day, json_list, moment, to


class Clock(SQLModel, table=True):
    """A service promise on a case: `kind` is claim, first_answer, transfer, result or reopening. `round` counts
    reopenings.

    `step`: how far it has been escalated (see handlers/rules/service.py). `due` moves when the clock was paused or
    extended; `met_at` is set once the promise was kept, late or not.
    """

    __table_args__ = (UniqueConstraint("case_id", "kind", "round"), Index("ix_clock_running", "met_at", "next_look"))

    id: int = Field(default=None, primary_key=True)
    case_id: int = to("case")
    kind: str
    round: int = 0
    started_at: datetime = moment()
    due: datetime = moment()
    next_look: datetime | None = moment(nullable=True)
    step: int = 0
    paused_at: datetime | None = moment(nullable=True)
    extended: bool = False
    met_at: datetime | None = moment(nullable=True)
    breached_at: datetime | None = moment(nullable=True)


class FollowUp(SQLModel, table=True):
    """A question how it went, planned or asked. `kind`: answer, closed, performance, later (30 and 90 days), remind.

    `state`: planned, asked, answered, silent, dropped. `words` are an adviser's own. `asked_times`: at most two.
    """

    __tablename__ = "follow_up"
    __table_args__ = (Index("ix_follow_up_person_state", "person_id", "state"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = to("person", index=False)
    conversation_id: int = to("conversation", index=False)
    case_id: int | None = to("case", nullable=True)
    question_id: int | None = to("question", nullable=True)
    staff_id: int | None = to("staff", nullable=True, index=False)
    kind: str
    words: str = columns.words()
    due: datetime = moment()
    state: str = "planned"
    asked_times: int = 0
    asked_at: datetime | None = moment(nullable=True)
    answered_at: datetime | None = moment(nullable=True)
    note: str = columns.words()


class Call(SQLModel, table=True):
    """A villager to be telephoned or visited, on the list of the one who has their case. `reason` as in the wording."""

    id: int = Field(default=None, primary_key=True)
    person_id: int = to("person", index=False)
    case_id: int | None = to("case", nullable=True)
    question_id: int | None = to("question", nullable=True, index=False)
    staff_id: int | None = to("staff", nullable=True)
    reason: str
    since: datetime = moment()
    done_at: datetime | None = moment(nullable=True)
    done_by: int | None = to("staff", nullable=True, index=False)


class RunningDeadline(SQLModel, table=True):
    """A legal time limit that runs for somebody: `matter` is a row of the deadline table.

    `trigger`: the day it runs from, the earliest day where a range was said, and `trigger_until` the latest. `demands`:
    ISO days of proven interruptions. `obstacles`: pairs of ISO days, from when to when nobody could act, '' while it
    goes on. `longest_from`: the day its longest limit runs from. `right_known`: when the right became known, where no
    office told of it. `last_day`: the day not moved for holidays, on which the reminders hang.
    `state`: asked (the day is not known yet), running, done, stopped.
    """

    __tablename__ = "running_deadline"
    __table_args__ = (UniqueConstraint("person_id", "matter", "case_id", "question_id"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = to("person")
    conversation_id: int = to("conversation", index=False)
    case_id: int | None = to("case", nullable=True)
    question_id: int | None = to("question", nullable=True, index=False)
    matter: str
    trigger: date | None = day(nullable=True)
    trigger_until: date | None = day(nullable=True)
    demands: list[Any] = json_list()
    obstacles: list[Any] = json_list()
    longest_from: date | None = day(nullable=True)
    right_known: date | None = day(nullable=True)
    last_day: date | None = day(nullable=True)
    state: str = "asked"
    created_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)
