"""By when a colleague answers who is asked to take a case over."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.rules.workdays import CHINA, WorkDays

URGENT_TRANSFER = timedelta(hours=1)
"""Shandong 12348 rules: an urgent matter in an hour, any other in a working day."""


def transfer_due(now: datetime, urgent: bool, zone: ZoneInfo, days: WorkDays = CHINA) -> datetime:
    """An hour from now; where it is not urgent, the same time of the next working day."""
    if urgent:
        return now + URGENT_TRANSFER
    local = now.astimezone(zone)
    day = days.after(local.date())
    return datetime.combine(day, local.time(), tzinfo=zone).astimezone(now.tzinfo)
