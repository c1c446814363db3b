"""Towns, villages, staff, and who is on duty when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import day, json_list, moment, to, words


class Town(SQLModel, table=True):
    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)


class Village(SQLModel, table=True):
    """A village. `code` stands in posters and deep links: letters, digits, '-' and '_', at most 40."""

    id: int = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str = Field(index=True)
    town_id: int = to("town")


class Staff(SQLModel, table=True):
    """Somebody who answers. `serves_all`: every village of the county; else the rows of `StaffVillage`.

    `topics`: specialties, ids of the knowledge base's topics. `speaks`: languages beside `language`. `town_id`: whose
    villages they take over when nobody of the village can. `feed`: the secret of their calendar feed, '' for none.
    """

    id: int = Field(default=None, primary_key=True)
    name: str
    role: str
    language: str = "zh"
    phone: str = ""
    active: bool = True
    serves_all: bool = False
    topics: list[Any] = json_list()
    speaks: list[Any] = json_list()
    town_id: int | None = to("town", nullable=True)
    feed: str = Field(default="", index=True)


class StaffVillage(SQLModel, table=True):
    __tablename__ = "staff_village"

    staff_id: int = Field(foreign_key="staff.id", primary_key=True)
    village_id: int = Field(foreign_key="village.id", primary_key=True, index=True)


class StaffAddress(SQLModel, table=True):
    """Where a member of staff is written to: the id of their private chat on a channel."""

    __tablename__ = "staff_address"
    __table_args__ = (UniqueConstraint("channel", "chat"), UniqueConstraint("staff_id", "channel"))

    id: int = Field(default=None, primary_key=True)
    staff_id: int = to("staff")
    channel: str
    chat: str


class Shift(SQLModel, table=True):
    """Duty from `starts` until `ends` (exclusive); without `ends`, until further notice.

    For one village, one town or all that the member of staff serves; `topic` '' for every topic. `on_call`: not at
    the desk, but called for what cannot wait.
    """

    id: int = Field(default=None, primary_key=True)
    staff_id: int = to("staff")
    starts: datetime = moment(index=True)
    ends: datetime | None = moment(nullable=True)
    village_id: int | None = to("village", nullable=True, index=False)
    town_id: int | None = to("town", nullable=True, index=False)
    topic: str = ""
    on_call: bool = False


class ShiftPattern(SQLModel, table=True):
    """Duty that comes again every week: on `weekdays` (0 is Monday), local times 'HH:MM'; an end not after its begin is
    on the next day. `working_days`: not on public holidays, and on weekends worked to make up for them.
    """

    __tablename__ = "shift_pattern"

    id: int = Field(default=None, primary_key=True)
    staff_id: int = to("staff")
    weekdays: list[Any] = json_list()
    begins: str
    ends: str
    first_day: date = day()
    last_day: date | None = day(nullable=True)
    working_days: bool = True
    village_id: int | None = to("village", nullable=True, index=False)
    town_id: int | None = to("town", nullable=True, index=False)
    topic: str = ""
    on_call: bool = False


class Leave(SQLModel, table=True):
    """A time in which somebody is on no duty, whatever the roster says. `reason`: 'leave', 'sick' or 'swap'."""

    id: int = Field(default=None, primary_key=True)
    staff_id: int = to("staff")
    starts: datetime = moment(index=True)
    ends: datetime = moment()
    reason: str = "leave"


class Swap(SQLModel, table=True):
    """One adviser asks another to take their duty from `starts` to `ends`. `state`: asked, accepted, refused."""

    id: int = Field(default=None, primary_key=True)
    staff_id: int = to("staff")
    with_id: int = to("staff")
    starts: datetime = moment()
    ends: datetime = moment()
    state: str = "asked"
    asked_at: datetime = moment()
    decided_at: datetime | None = moment(nullable=True)


class Wall(SQLModel, table=True):
    """A declared tie that keeps an adviser from cases against somebody (律师法 39): a relative, a client.

    `name`: the person or body as written; `tie`: 'relative', 'client' or 'committee' (then `village_id` says whose).
    """

    id: int = Field(default=None, primary_key=True)
    staff_id: int = to("staff")
    tie: str
    name: str = words()
    village_id: int | None = to("village", nullable=True, index=False)
