"""Time that counts: duty hours or office hours, as spans of aware moments, and sums over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.rules.workdays import CHINA, WorkDays

FOREVER = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """Time from `starts` (inclusive) to `ends` (exclusive)."""

    starts: datetime
    ends: datetime


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in order, without overlaps; empty spans are left out."""
    found: list[Span] = []
    for span in sorted((row for row in spans if row.starts < row.ends), key=lambda row: row.starts):
        if found and span.starts <= found[-1].ends:
            found[-1] = Span(found[-1].starts, max(found[-1].ends, span.ends))
        else:
            found.append(span)
    return tuple(found)


def without(spans: Iterable[Span], gaps: Iterable[Span]) -> tuple[Span, ...]:
    """What is left of the spans outside the gaps."""
    left = list(merged(spans))
    for gap in merged(gaps):
        left = [
            piece
            for span in left
            for piece in (
                Span(span.starts, min(span.ends, gap.starts)),
                Span(max(span.starts, gap.ends), span.ends),
            )
            if piece.starts < piece.ends
        ]
    return tuple(left)


def between(spans: Iterable[Span], since: datetime, until: datetime) -> tuple[Span, ...]:
    """What lies of spans between two moments."""
    return merged(Span(max(span.starts, since), min(span.ends, until)) for span in spans)


def worked(spans: Sequence[Span], since: datetime, until: datetime) -> timedelta:
    """How much of merged spans lies between two moments; none when `until` is not after `since`."""
    return sum(
        (
            min(span.ends, until) - max(span.starts, since)
            for span in spans
            if span.starts < until and span.ends > since and since < until
        ),
        timedelta(),
    )


def after(moment: datetime, time_spent: timedelta, spans: Sequence[Span]) -> datetime:
    """When so much of merged spans has passed since a moment; behind the last span time counts as it passes."""
    left = time_spent
    for span in spans:
        start = max(moment, span.starts)
        if start >= span.ends:
            continue
        if left <= span.ends - start:
            return start + left
        left -= span.ends - start
        moment = span.ends
    return moment + left


def before(moment: datetime, time_spent: timedelta, spans: Sequence[Span]) -> datetime:
    """From when on so much of merged spans lies before a moment; before the first span, as time passes."""
    left = time_spent
    for span in reversed(spans):
        end = min(moment, span.ends)
        if end <= span.starts:
            continue
        if left <= end - span.starts:
            return end - left
        left -= end - span.starts
        moment = span.starts
    return moment - left


def office_hours(
    since: datetime, until: datetime, zone: ZoneInfo, opens: time, closes: time, days: WorkDays = CHINA
) -> tuple[Span, ...]:
    """The office hours of every working day that touch the time between two moments. Local times."""
    day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    spans = []
    while day <= last:
        if days.is_working(day):
            spans.append(Span(at(day, opens, zone), at(day, closes, zone)))
        day += timedelta(days=1)
    return merged(spans)


def end_of_working_day(since: datetime, count: int, zone: ZoneInfo, closes: time, days: WorkDays = CHINA) -> datetime:
    """When offices close on the n-th working day after the day of a moment, which itself does not count."""
    return at(days.after(since.astimezone(zone).date(), count), closes, zone)


def at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """A local time of day as a moment in UTC."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
