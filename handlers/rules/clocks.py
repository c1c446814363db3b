"""When things are due: the promised first answer, and moments outside quiet hours."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def answer_due(now: datetime, allowed: timedelta, *, somebody_on_duty: bool, next_start: datetime | None) -> datetime:
    """By when a person answers: counted from now, or from when somebody will be on duty if nobody is."""
    if somebody_on_duty or next_start is None:
        return now + allowed
    return next_start + allowed


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
