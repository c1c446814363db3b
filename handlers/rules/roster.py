"""The roster: weekly patterns and single shifts become duties, leave takes them away, and gaps show what is open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from handlers.rules.duty import Duty
from handlers.rules.hours import Span
from handlers.rules.workdays import CHINA, WorkDays

WORKING_WEEK = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class Pattern:
    """Duty that comes again every week on `weekdays` (0 is Monday), local times; an end not after its begin is on the
    next day. See `works_on` for `working_days`.
    """

    staff_id: int
    weekdays: frozenset[int]
    begins: time
    ends: time
    first_day: date
    last_day: date | None = None
    working_days: bool = True
    village_id: int | None = None
    town_id: int | None = None
    topic: str = ""
    on_call: bool = False


@dataclass(frozen=True, slots=True)
class Away:
    """A time in which somebody is on no duty."""

    staff_id: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A village with its town, and who serves it."""

    village_id: int
    town_id: int | None
    serving: frozenset[int]


def works_on(pattern: Pattern, day: date, days: WorkDays = CHINA) -> bool:
    """Whether a pattern has a duty that begins on a day.

    With `working_days` public holidays are free, and who works the whole working week also works the weekend days that
    make up for a holiday. Who has single days of the week does not: nobody said which of them such a day stands for.
    """
    if day < pattern.first_day or (pattern.last_day is not None and day > pattern.last_day):
        return False
    if not pattern.working_days:
        return day.weekday() in pattern.weekdays
    if day.weekday() >= 5 and days.is_working(day):
        return day.weekday() in pattern.weekdays or pattern.weekdays >= WORKING_WEEK
    return day.weekday() in pattern.weekdays and not days.is_holiday(day)


@lru_cache(maxsize=65536)
def _on(pattern: Pattern, day: date, zone: ZoneInfo, days: WorkDays) -> Duty | None:
    """The duty of a pattern that begins on a day. Cached: a roster is read far more often than it changes."""
    if not works_on(pattern, day, days):
        return None
    last = day + timedelta(days=1) if pattern.ends <= pattern.begins else day
    starts = datetime.combine(day, pattern.begins, tzinfo=zone).astimezone(UTC)
    ends = datetime.combine(last, pattern.ends, tzinfo=zone).astimezone(UTC)
    if ends <= starts:  # the hour in which clocks go forward
        return None
    return Duty(
        pattern.staff_id, starts, ends, pattern.village_id, pattern.town_id, pattern.topic, pattern.on_call
    )  # fmt: skip


def without(duty: Duty, away: Iterable[Away]) -> list[Duty]:
    """What is left of a duty beside the times its holder is away, in order."""
    left = [duty]
    for gone in away:
        if gone.staff_id != duty.staff_id or gone.ends <= gone.starts:
            continue
        kept = []
        for part in left:
            if gone.ends <= part.starts or (part.ends is not None and gone.starts >= part.ends):
                kept.append(part)
                continue
            if part.starts < gone.starts:
                kept.append(replace(part, ends=gone.starts))
            if part.ends is None or gone.ends < part.ends:
                kept.append(replace(part, starts=gone.ends))
        left = kept
    return sorted(left, key=lambda part: part.starts)


def expand(
    patterns: Iterable[Pattern],
    shifts: Iterable[Duty],
    away: Iterable[Away],
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
    days: WorkDays = CHINA,
) -> list[Duty]:
    """Every duty that lies at least partly between two moments, earliest first. Duties are not cut at the moments."""
    first, last = since.astimezone(zone).date() - timedelta(days=1), until.astimezone(zone).date()
    dates = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    planned = [duty for pattern in patterns for day in dates if (duty := _on(pattern, day, zone, days)) is not None]
    planned += shifts
    gone: dict[int, list[Away]] = {}
    for row in away:
        gone.setdefault(row.staff_id, []).append(row)
    left = [
        part
        for duty in planned
        for part in (without(duty, gone[duty.staff_id]) if duty.staff_id in gone else [duty])
        if part.starts < until and (part.ends is None or part.ends > since)
    ]
    return sorted(left, key=lambda duty: (duty.starts, duty.staff_id))


def covers(duty: Duty, village_id: int | None, town_id: int | None, topic: str = "") -> bool:
    """Whether a duty is for cases of this village and topic. What is not known of a case keeps nobody from it."""
    return (
        (duty.village_id is None or village_id is None or duty.village_id == village_id)
        and (duty.town_id is None or town_id is None or duty.town_id == town_id)
        and (not duty.topic or not topic or duty.topic == topic)
    )


def _uncovered(span: Span, duties: Iterable[Duty]) -> list[Span]:
    """The parts of a span in which none of these duties, sorted by their begin, runs."""
    found, reached = [], span.starts
    for duty in duties:
        if duty.starts >= span.ends:
            break
        if duty.starts > reached:
            found.append(Span(reached, duty.starts))
        if duty.ends is None:
            return found
        reached = max(reached, duty.ends)
    if reached < span.ends:
        found.append(Span(reached, span.ends))
    return found


def gaps(duties: Collection[Duty], places: Iterable[Place], opening: Iterable[Span]) -> dict[Span, list[int]]:
    """When villages have nobody on duty within the opening hours: each such time with its villages, in order.

    Being on call is no cover, nor is duty for one topic alone.
    """
    present = sorted((row for row in duties if not row.on_call and not row.topic), key=lambda row: row.starts)
    spans = list(opening)
    found: dict[Span, list[int]] = {}
    known: dict[tuple[Duty, ...], list[Span]] = {}
    for place in places:
        own = tuple(
            row for row in present if row.staff_id in place.serving and covers(row, place.village_id, place.town_id)
        )
        if own not in known:
            known[own] = [gap for span in spans for gap in _uncovered(span, own)]
        for gap in known[own]:
            found.setdefault(gap, []).append(place.village_id)
    return dict(sorted(found.items(), key=lambda row: row[0].starts))


def slots(duties: Iterable[Duty], staff_id: int, now: datetime, zone: ZoneInfo, limit: int) -> list[Span]:
    """The next times in which somebody is on duty, each at most until the end of a local day where duty has no end."""
    found: dict[Span, None] = {}
    for duty in duties:
        if duty.staff_id != staff_id:
            continue
        starts, days = max(duty.starts, now), 0
        while duty.ends is None and days < limit:
            tomorrow = starts.astimezone(zone).date() + timedelta(days=1)
            ends = datetime.combine(tomorrow, time(), tzinfo=zone).astimezone(UTC)
            found[Span(starts, ends)] = None
            starts, days = ends, days + 1
        if duty.ends is not None and duty.ends > starts:
            found[Span(starts, duty.ends)] = None
    return sorted(found, key=lambda span: (span.starts, span.ends))[:limit]


def by_day(duties: Iterable[Duty], since: datetime, days: int, zone: ZoneInfo) -> Mapping[date, list[Duty]]:
    """The duties that run on each of the next local days."""
    today = since.astimezone(zone).date()
    shown: dict[date, list[Duty]] = {today + timedelta(days=number): [] for number in range(days)}
    for day, rows in shown.items():
        begin = datetime.combine(day, time(), tzinfo=zone)
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
        rows += [duty for duty in duties if duty.starts < end and (duty.ends is None or duty.ends > begin)]
    return shown
