"""The table of legal deadlines, read and checked. Every problem is named: file, line, field, and a hint."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from faq.files import LINE, KnowledgeBaseError, checked, read_rows
from faq.model import EntryId, Line, Source

Unit = Literal["day", "working_day", "month", "year"]
Length = Annotated[int, Field(ge=1, le=366)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(_Part):
    """A text in both languages."""

    zh: Line
    en: Line


class Longest(_Part):
    """The time after which nothing helps, counted from `trigger`, whatever was known."""

    length: Length
    unit: Unit
    trigger: Words


class Untold(_Part):
    """Where nobody told of the right: the row's time runs from the day it became known, and ends at the latest this
    long after the first day (行政复议法 20)."""

    length: Length
    unit: Unit


class Example(_Part):
    """A worked case: counted from `from`, the last day by itself (`unrolled`) and with holidays (`date`)."""

    start: date = Field(alias="from")
    unrolled: date
    date: date

    @model_validator(mode="after")
    def _dates_agree(self) -> Self:
        if not self.start < self.unrolled <= self.date:
            raise ValueError("'from' comes before 'unrolled', and 'date' not before 'unrolled'")
        return self


class Deadline(_Part):
    """A time limit: `length` `unit`s from the day of `trigger`, which itself is not counted.

    `holiday`: whether an end on a holiday moves to the next working day ('rolls'), or that is not settled
    ('doubtful'); `nature`: whether a provable demand starts it anew. `obstacle`: what an obstacle that nobody could
    help does to it: nothing; it ends 'six_months' after one that reached into its last six (民法典 194); or the days
    lost are 'not_counted' (劳动争议调解仲裁法 27, 行政诉讼法 48). `ask` gets the first day from a villager, `act` says
    what keeps the limit. `delicate`: never named on a phone that others may read. `confirmed_by`: the role of the
    local lawyer who confirmed the row, empty until then.
    """

    id: EntryId
    matter: Words
    trigger: Words
    ask: Words
    length: Length
    unit: Unit
    holiday: Literal["rolls", "doubtful"]
    nature: Literal["fixed", "interruptible"]
    obstacle: Literal["none", "six_months", "not_counted"] = "none"
    longest: Longest | None = None
    untold: Untold | None = None
    act: Words
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    doubt: Words | None = None
    example: Example
    delicate: bool = False
    confirmed_by: str = ""

    @model_validator(mode="after")
    def _obstacle_fits(self) -> Self:
        if self.unit == "working_day" and self.obstacle != "none":
            raise ValueError("obstacle: how working days go on after one is not settled")
        return self

    @model_validator(mode="after")
    def _example_agrees(self) -> Self:
        if self.unit != "working_day" and self.example.unrolled != last_day(self.example.start, self.length, self.unit):
            counted = last_day(self.example.start, self.length, self.unit)
            raise ValueError(f"example: {self.length} {self.unit} from {self.example.start} end on {counted}")
        return self


def last_day(start: date, length: int, unit: Literal["day", "month", "year"]) -> date:
    """The last day of a limit: the first is not counted; months and years end on the day of the same number, or on the
    month's last (民法典 201, 202)."""
    if unit == "day":
        return start + timedelta(days=length)
    months = start.year * 12 + start.month - 1 + length * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def load_deadlines(path: Path | None = None) -> tuple[Deadline, ...]:
    """Read and check the table, ours unless `path` names another. Raises KnowledgeBaseError listing all problems."""
    path = path or Path(__file__).parent / "deadlines.yaml"
    problems: list[str] = []
    found: dict[str, Deadline] = {}
    for row in read_rows(path, problems):
        deadline = checked(Deadline, row, str(path), problems, "deadline")
        if deadline is not None and deadline.id in found:
            problems.append(f"{path}:{row[LINE]}: {deadline.id}: id: given before")
        if deadline is not None:
            found.setdefault(deadline.id, deadline)
    if not found and not problems:
        problems.append(f"{path}: no deadlines")
    if problems:
        raise KnowledgeBaseError("\n".join(problems))
    return tuple(found.values())


@cache
def deadline_table() -> Mapping[str, Deadline]:
    """The shipped table by id. Raises KnowledgeBaseError for a damaged one."""
    return MappingProxyType({deadline.id: deadline for deadline in load_deadlines()})


@cache
def deadline_ids() -> frozenset[str]:
    """The ids of the shipped table. Raises KnowledgeBaseError for a damaged one."""
    return frozenset(deadline.id for deadline in load_deadlines())
