"""Service promises: by when something is due, who is told before it is late, and what happens when it is.

Moments are aware. A promise counts in time that counts (handlers/rules/hours.py): a claim and a first answer in duty
time, the others in office hours of working days; an urgent claim as time passes. The defaults are those of 12348 rules
and consultation guides (first answer 5 h or 1 h, claim 10 min, transfer 1 h or 1 working day, result 5 working days, at
most 15).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Literal

from handlers.rules.hours import Span, after, before, worked

Measure = Literal["duty", "office", "plain"]


class Kind(StrEnum):
    """What is promised."""

    CLAIM = "claim"
    FIRST_ANSWER = "first_answer"
    TRANSFER = "transfer"
    RESULT = "result"
    REOPENING = "reopening"


class Step(StrEnum):
    """Who is told. `villager`: the promise is broken, and everybody is told; `again`: everybody, over and over."""

    OWNER = "owner"
    BACKUP = "backup"
    DIRECTOR = "director"
    COUNTY = "county"
    VILLAGER = "villager"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Service:
    """What is promised, as configured. `warn_*`: the share of the time after which that person is told."""

    claim: timedelta = timedelta(minutes=10)
    page_every: timedelta = timedelta(minutes=3)
    transfer_urgent: timedelta = timedelta(hours=1)
    transfer_days: int = 1
    result_days: int = 5
    extended_days: int = 15
    reopening_days: int = 1
    wait_limit: timedelta = timedelta(days=5)
    again: timedelta = timedelta(hours=1)
    warn_owner: float = 0.5
    warn_backup: float = 0.7
    warn_director: float = 0.85
    warn_county: float = 0.95
    opens: time = time(8, 30)
    closes: time = time(17, 30)

    @property
    def office_day(self) -> timedelta:
        """The length of a working day."""
        day = timedelta(days=1)
        opens, closes = (timedelta(hours=row.hour, minutes=row.minute) for row in (self.opens, self.closes))
        return (closes - opens) % day or day


@dataclass(frozen=True, slots=True)
class Plan:
    """How a promise is watched: `allowed` time in a `measure`, the steps by their share of it, in order, and after the
    last how often everybody is told again. Shares over 1 lie behind the breach.
    """

    measure: Measure
    allowed: timedelta
    steps: tuple[tuple[float, Step], ...]
    again: timedelta


def plan(kind: str, service: Service, *, urgent: bool, first_answer: timedelta, extended: bool = False) -> Plan:
    """How a promise of a kind is watched. `first_answer`: the time for one, as configured for this urgency."""
    warned = (
        (service.warn_owner, Step.OWNER),
        (service.warn_backup, Step.BACKUP),
        (service.warn_director, Step.DIRECTOR),
        (service.warn_county, Step.COUNTY),
        (1.0, Step.VILLAGER),
    )
    match kind:
        case Kind.CLAIM if urgent:
            share = service.page_every / service.claim
            return Plan("plain", service.claim, ((share, Step.BACKUP), (2 * share, Step.COUNTY)), service.page_every)
        case Kind.CLAIM:
            steps = ((1.0, Step.BACKUP), (2.0, Step.DIRECTOR), (3.0, Step.COUNTY))
            return Plan("duty", service.claim, steps, service.again)
        case Kind.FIRST_ANSWER:
            return Plan("duty", first_answer, warned, service.again)
        case Kind.TRANSFER if urgent:
            return Plan("plain", service.transfer_urgent, warned, service.again)
        case Kind.TRANSFER:
            return Plan("office", service.transfer_days * service.office_day, warned, service.office_day)
        case Kind.RESULT:
            days = service.extended_days if extended else service.result_days
            return Plan("office", days * service.office_day, warned, service.office_day)
        case _:
            return Plan("office", service.reopening_days * service.office_day, warned, service.again)


def due(found: Plan, started: datetime, spans: Sequence[Span]) -> datetime:
    """When a promise made now is due, in the time that counts for it."""
    return after(started, found.allowed, spans)


def remaining(due_at: datetime, now: datetime, spans: Sequence[Span]) -> timedelta:
    """How much of the time that counts is left; none once it is late."""
    return worked(spans, now, due_at)


def _mark(found: Plan, due_at: datetime, share: float, spans: Sequence[Span]) -> datetime:
    """When a share of the time has gone. Counted from the end, so that pauses and extensions move it along."""
    if share <= 1:
        return before(due_at, (1 - share) * found.allowed, spans)
    return after(due_at, (share - 1) * found.allowed, spans)


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a clock found: the steps that fell due since the last, the count of steps now, and when to look
    again. A look that comes early, or by a clock that went backwards, finds nothing.
    """

    steps: tuple[Step, ...]
    count: int
    next_look: datetime


def look(found: Plan, due_at: datetime, count: int, now: datetime, spans: Sequence[Span]) -> Look:
    """The steps that are due at `now` after `count` were taken. After downtime they are several; act on the last."""
    passed: list[Step] = []
    mark = due_at
    for number, (share, step) in enumerate(found.steps, start=1):
        mark = _mark(found, due_at, share, spans)
        if number <= count:
            continue
        if mark > now:
            return Look(tuple(passed), count, mark)
        passed.append(step)
        count = number
    whole = len(found.steps)
    rounds = max(worked_rounds(found, mark, now, spans), count - whole)
    if whole + rounds > count and not passed:
        passed.append(Step.AGAIN)
    return Look(tuple(passed), whole + rounds, after(mark, (rounds + 1) * found.again, spans))


def worked_rounds(found: Plan, since: datetime, now: datetime, spans: Sequence[Span]) -> int:
    """How often `again` has passed; behind the last span as time passes."""
    end = spans[-1].ends if spans else since
    counted = worked(spans, since, now) + max(timedelta(), now - max(since, end))
    return counted // found.again


def first_look(found: Plan, due_at: datetime, spans: Sequence[Span]) -> datetime:
    """When a new clock is first looked at."""
    return _mark(found, due_at, found.steps[0][0], spans)
