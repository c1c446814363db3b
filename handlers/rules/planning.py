"""What an adviser writes to plan something: dates of performance, and when to remind."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

MOST_DATES = 24
"""Dates of performance in one command: two years of monthly payments."""
LONGEST_AHEAD = timedelta(days=5 * 366)
LONGEST_WORDS = 1000
"""Characters of an adviser's own words."""
MORNING = time(9)
"""Local time of a reminder for a day."""
EVENING = time(18)
"""Local time at which it is asked whether what was due on a day was done."""

Fault = Literal["no_date", "past", "too_far", "too_many", "no_words", "too_long"]

_DATE = re.compile(
    r"([0-9]{4})\s?[-/.年]\s?([0-9]{1,2})\s?[-/.月]\s?([0-9]{1,2})(?:\s?日|\s?号)?(?![0-9])[\s,，、;；]*"
)
_SPAN = re.compile(
    r"([0-9]{1,4})\s?(h|d|w|hours?|days?|weeks?|小时|天|周|个?星期)(?![a-z])[\s,，、:：]*", re.IGNORECASE
)
_HOURS = {"h": 1, "小": 1, "d": 24, "天": 24, "w": 168, "周": 168, "星": 168, "个": 168}


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates of performance, each once in order, and what is to be done."""

    days: tuple[date, ...]
    what: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """When to write (aware), and the adviser's words."""

    at: datetime
    words: str


def read_performance(text: str, today: date) -> Dates | Fault:
    """'2026-12-20 2027-01-20 3000 yuan each': one date or several, then words, which may be missing."""
    found, rest = _dates(text.strip())
    if not found:
        return "no_date"
    if len(found) > MOST_DATES:
        return "too_many"
    if min(found) < today:
        return "past"
    if max(found) - today > LONGEST_AHEAD:
        return "too_far"
    return "too_long" if len(rest) > LONGEST_WORDS else Dates(tuple(sorted(set(found))), rest)


def read_reminder(text: str, now: datetime, zone: ZoneInfo) -> Reminder | Fault:
    """'3d bring the contract' or '2026-12-01 bring the contract'."""
    text = text.strip()
    today = now.astimezone(zone).date()
    found, rest = _dates(text, most=1)
    if found:
        if found[0] < today:
            return "past"
        if found[0] - today > LONGEST_AHEAD:
            return "too_far"
        at = max(now, datetime.combine(found[0], MORNING, tzinfo=zone).astimezone(now.tzinfo))
    elif span := _SPAN.match(text):
        ahead = timedelta(hours=int(span.group(1)) * _HOURS[span.group(2)[0].lower()])
        if ahead > LONGEST_AHEAD:
            return "too_far"
        at, rest = now + ahead, text[span.end() :].strip()
    else:
        return "no_date"
    if not any(character.isalnum() for character in rest):
        return "no_words"
    return "too_long" if len(rest) > LONGEST_WORDS else Reminder(at, rest)


def asked_on(day: date, zone: ZoneInfo) -> datetime:
    """When it is asked whether what was due on a day was done."""
    return datetime.combine(day, EVENING, tzinfo=zone)


def is_money(topics: Collection[str], money_topics: Collection[str]) -> bool:
    """Whether a case is about money that may or may not come in the months after it is closed."""
    return not set(topics).isdisjoint(money_topics)


def _dates(text: str, most: int = MOST_DATES + 1) -> tuple[list[date], str]:
    """The dates a text begins with, and the rest. A date that does not exist is left in the rest."""
    found: list[date] = []
    while len(found) < most and (match := _DATE.match(text)):
        try:
            found.append(date(*(int(part) for part in match.groups())))
        except ValueError:
            break
        text = text[match.end() :]
    return found, text.strip()
