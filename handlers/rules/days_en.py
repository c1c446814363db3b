"""Days as people say them in English: patterns in the order in which they are tried, each with its reader."""

from __future__ import annotations

import re
from datetime import date, timedelta

from handlers.rules.day_parts import (
    NotADayError,
    Reader,
    Span,
    about,
    back,
    common_day,
    day_of_month,
    day_or_none,
    feast_days,
    gone,
    last_weekday,
    last_with_number,
    latest,
    months,
    part_of_month,
    this_time,
)

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")  # fmt: skip
MONTH = "|".join(f"{name}|{name[:3]}" for name in _MONTHS) + "|sept"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = "|".join(WEEKDAYS)
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "a couple of": 2, "few": 3, "a few": 3, "half a": 0, "half an": 0,
}  # fmt: skip
_COUNT = rf"\d{{1,3}}|{'|'.join(sorted(_COUNTS, key=len, reverse=True))}"
_FEASTS = {
    "spring festival": "spring", "chinese new year": "spring", "lunar new year": "spring",
    "lantern festival": "lantern", "qingming": "qingming", "tomb sweeping": "qingming", "may day": "may_day",
    "labour day": "may_day", "dragon boat": "dragon_boat", "mid-autumn": "mid_autumn", "mid autumn": "mid_autumn",
    "national day": "national_day", "new year's day": "new_year", "christmas": "christmas",
}  # fmt: skip
_FEAST = "|".join(sorted(_FEASTS, key=len, reverse=True))
_PART = r"(?:the )?(?P<part>early|mid|late|beginning|start|middle|end)-?(?: of)?"


def _feast_time(found: re.Match[str], today: date) -> Span:
    """'before the Spring Festival', 'at Christmas 2025'."""
    year = int(found["y"]) if found["y"] else None
    return latest(lambda year: feast_days(_FEASTS[found["f"]], found["how"] or "", year), year, today)


def _month(name: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name[:3]))


def _day(found: re.Match[str], today: date) -> Span:
    """'15 March 2026', 'March 15th', 'in March', 'early March'."""
    month, day = _month(found["mon"]), found["d"]
    year = int(found["y"]) if found["y"] else None
    if day:
        return latest(common_day(month, int(day)), year, today)
    return latest(lambda year: part_of_month(date(year, month, 1), found["part"]), year, today)


def _either_way(found: re.Match[str], today: date) -> Span:
    """'5/3/2026': the day first, or the month; both where both can be."""
    year, first, second = int(found["y"]), int(found["a"]), int(found["b"])
    days = [day for day in (day_or_none(year, second, first), day_or_none(year, first, second)) if day is not None]
    past = [day for day in days if day <= today] or days
    if not past:
        raise NotADayError
    return min(past), max(past)


def _ago(found: re.Match[str], today: date) -> Span:
    """'3 days ago', 'about two weeks ago', 'half a year ago'."""
    unit, said = found["u"], found["n"]
    if said.startswith("half"):
        day = back(today, 6) if unit == "year" else gone(today, {"month": 15, "week": 4}.get(unit, 1), "day")
        off = timedelta(days={"year": 45, "month": 4}.get(unit, 1))
        return day - off, min(today, day + off)
    if "few" in said:
        return gone(today, 9, unit), gone(today, 2, unit)
    return about(today, _COUNTS.get(said) or int(said), unit)


def _word(found: re.Match[str], today: date) -> Span:
    """'yesterday', 'three days before yesterday', 'the other day'."""
    word = found["w"]
    if word == "the other day":
        return today - timedelta(days=9), today - timedelta(days=1)
    number = {"yesterday": 1, "last night": 1, "the day before yesterday": 2}.get(word, 0)
    if found["n"]:
        number += _COUNTS.get(found["n"]) or int(found["n"])
    return today - timedelta(days=number), today - timedelta(days=number)


def _last(found: re.Match[str], today: date) -> Span:
    """'last week', 'last Friday', 'the end of last month', 'this time last year'."""
    what = found["w"]
    if what == "week":
        monday = today - timedelta(days=today.weekday(), weeks=1)
        return monday, monday + timedelta(days=6)
    if what == "month":
        return part_of_month(back(today.replace(day=1), 1), found["part"])
    if what == "year":
        return this_time(back(today, 12), roughly=True) if found["time"] else months(today.year - 1, 1, 12)
    day = last_weekday(WEEKDAYS.index(what), today - timedelta(days=1))
    # 'Last Friday' said on a Monday may be the Friday of the week before the one just past.
    return (day - timedelta(weeks=1), day) if today.weekday() > WEEKDAYS.index(what) else (day, day)


def _weekday(found: re.Match[str], today: date) -> Span:
    """'on Monday': the last that was."""
    day = last_weekday(WEEKDAYS.index(found["w"]), today)
    return day, day


def _numbered(found: re.Match[str], today: date) -> Span:
    """'the 15th', 'the 15th of last month'."""
    if found["k"]:
        month = today.replace(day=1)
        return day_of_month(back(month, 1) if found["k"] == "last" else month, int(found["d"]))
    return last_with_number(int(found["d"]), today)


def _year(found: re.Match[str], today: date) -> Span:
    return months(int(found["y"]), 1, 12)


READERS: tuple[tuple[str, Reader], ...] = (
    (r"(?<![\d./])(?P<a>\d{1,2})[./-](?P<b>\d{1,2})[./-](?P<y>(?:19|20)\d{2})(?![\d./])", _either_way),
    (r"(?:\b(?P<how>before|after|around|about|at|on|during|last|this) )?(?:the )?"
     rf"(?P<f>{_FEAST})(?: (?:of )?(?P<y>\d{{4}}))?",
     _feast_time),
    (rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<mon>{MONTH})\b\.?,?(?: (?P<y>\d{{4}}))?", _day),
    (rf"\b(?P<mon>{MONTH})\b\.? (?P<d>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?(?:,? (?P<y>\d{{4}}))?", _day),
    (rf"(?:^|\b(?:in|last|around|about) |\b{_PART} ?)(?P<d>)(?P<mon>{MONTH})\b(?:,? (?P<y>\d{{4}}))?", _day),
    (r"\b(?:(?P<n>\d{1,2}|one|two|three|four|five) days before )?"
     r"(?P<w>the day before yesterday|yesterday|today|last night|this morning|this afternoon|just now|the other day)\b",
     _word),
    (rf"\b(?P<n>{_COUNT}) (?P<u>day|week|month|year)s? (?:ago|back)\b", _ago),
    (r"\b(?P<d>\d{1,2})(?:st|nd|rd|th) of (?P<k>last|this) month", _numbered),
    (r"\bthe (?P<d>\d{1,2})(?:st|nd|rd|th)\b(?P<k>)", _numbered),
    (rf"(?:{_PART} |(?P<time>this time) )?\blast (?P<w>week|month|year|{_WEEKDAY})", _last),
    (rf"\b(?:on |this )?(?P<w>{_WEEKDAY})\b", _weekday),
    (r"\b(?:in|during) (?P<y>(?:19|20)\d{2})\b", _year),
)  # fmt: skip
"""A pattern and its reader, in the order in which they are tried."""
