"""How late a promised answer is, spans in words, and moments outside quiet hours."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo


def late_by(due: datetime, answered: datetime | None, now: datetime) -> timedelta | None:
    """How long a promised first answer is overdue; None when it was given or there is still time."""
    return now - due if answered is None and now > due else None


def in_words(span: timedelta) -> tuple[int, Literal["minutes", "hours", "days"]]:
    """A span as people say it: minutes up to an hour, hours up to two days, else days; begun ones do not count."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return minutes, "minutes"
    return (minutes // 60, "hours") if minutes < 48 * 60 else (minutes // (24 * 60), "days")


def is_quiet(moment: datetime, zone: ZoneInfo, start: time, end: time) -> bool:
    """Whether a moment lies in the quiet hours from `start` (inclusive) to `end` (exclusive), local time.

    The hours may span midnight; equal times mean that no hour is quiet.
    """
    local = moment.astimezone(zone).time()
    if start <= end:
        return start <= local < end
    return local >= start or local < end


def outside_quiet(moment: datetime, zone: ZoneInfo, start: time, end: time) -> datetime:
    """The moment itself, or the end of the quiet hours it lies in."""
    if not is_quiet(moment, zone, start, end):
        return moment
    local = moment.astimezone(zone)
    day = local.date() + timedelta(days=1) if local.time() >= end else local.date()
    # In the hour that comes twice when clocks go back, the end must not be the earlier one: that is past.
    return datetime.combine(day, end.replace(fold=local.fold), tzinfo=zone).astimezone(moment.tzinfo)
