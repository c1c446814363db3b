"""What the readers of days in Chinese and English share: numerals, years, months, feasts, and times gone by.

A reader takes a match of its pattern and today, and gives the first and the last day that may be meant.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

from handlers.rules.lunar import feast, feast_day, lunar_day

Span = tuple[date, date]
Reader = Callable[[re.Match[str], date], Span]

_AROUND = 15
"""Days that 'around' and 'after' a feast may mean, and 'this time last year'."""
_BEFORE = 30
_DIGITS = {sign: str(number) for number, sign in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0", "两": "2"}
_PARTS_OF_MONTH = {
    "初": (1, 10), "头": (1, 10), "上旬": (1, 10), "中": (11, 20), "中旬": (11, 20), "底": (21, 31), "末": (21, 31),
    "尾": (21, 31), "下旬": (21, 31), "early": (1, 10), "beginning": (1, 10), "start": (1, 10), "mid": (11, 20),
    "middle": (11, 20), "late": (21, 31), "end": (21, 31),
}  # fmt: skip
_BEFORE_IT = r"(?:以|之)?前|before"
_AROUND_IT = r"前后|左右|那会儿?|那阵子?|那几天|around|about"
_THAT_DAY = r"那天|当天|当日|这天"


class NotADayError(Exception):
    """A day was named that does not exist."""


def number_of(text: str) -> int:
    """A numeral of at most four signs. Raises NotADayError for what is none."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    if "十" in text:
        tens, _, ones = text.partition("十")
        parts = [_DIGITS.get(tens, tens) or "1", _DIGITS.get(ones, ones) or "0"]
        if all(part.isdigit() and len(part) == 1 for part in parts):
            return int(parts[0]) * 10 + int(parts[1])
        raise NotADayError(text)
    digits = "".join(_DIGITS.get(sign, sign) for sign in text)
    if not digits.isdigit():
        raise NotADayError(text)
    return int(digits)


def year_of(said: str | None, today: date) -> int | None:
    """The year that was said; None for none."""
    if not said:
        return None
    back = {"今年": 0, "去年": 1, "上年": 1, "头年": 1, "前年": 2, "大前年": 3}.get(said)
    if back is not None:
        return today.year - back
    number = number_of(said)
    return number if number >= 100 else 2000 + number if number <= today.year % 100 else 1900 + number


def day_or_none(year: int, month: int, day: int) -> date | None:
    """None for a day that does not exist."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def one(day: date | None) -> Span | None:
    """The span of a single day."""
    return None if day is None else (day, day)


def latest(make: Callable[[int], Span | None], year: int | None, today: date) -> Span:
    """What was said, in that year; without a year, the last time it was. Raises NotADayError where it never was."""
    # A leap month comes back after up to 19 years.
    years = range(today.year, today.year - 20, -1) if year is None else [year]
    for candidate in years:
        found = make(candidate)
        if found is not None and (year is not None or found[0] <= today):
            return found
    raise NotADayError


def months(year: int, first: int, last: int) -> Span:
    """Whole months of a year."""
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def back(day: date, months: int) -> date:
    """The day of the same number some months earlier, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        raise NotADayError
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def part_of_month(month: date, part: str | None) -> Span:
    """Its first, second or last ten days; without a part all of it."""
    first, last = _PARTS_OF_MONTH.get(part or "", (1, 31))
    whole = calendar.monthrange(month.year, month.month)[1]
    return month.replace(day=first), month.replace(day=min(last, whole))


def day_of_month(month: date, number: int) -> Span:
    """Raises NotADayError for a day that this month does not have."""
    day = day_or_none(month.year, month.month, number)
    if day is None:
        raise NotADayError
    return day, day


def last_with_number(number: int, today: date) -> Span:
    """'The 15th': the last one that was."""
    if not 1 <= number <= 31:
        raise NotADayError
    for gone in range(3):
        month = back(today.replace(day=1), gone)
        day = day_or_none(month.year, month.month, number)
        if day is not None and day <= today:
            return day, day
    raise NotADayError


def last_weekday(weekday: int, today: date) -> date:
    """The last day of a weekday that was, today included; Monday is 0."""
    return today - timedelta(days=(today.weekday() - weekday) % 7)


def gone(today: date, number: int, unit: str) -> date:
    """The day `number` units ago; unit: 'day', 'week', 'month' or 'year'. Raises NotADayError before all years."""
    try:
        if unit == "day":
            return today - timedelta(days=number)
        if unit == "week":
            return today - timedelta(weeks=number)
    except OverflowError:
        raise NotADayError from None
    return back(today, number * (12 if unit == "year" else 1))


def about(today: date, number: int, unit: str, *, half: bool = False) -> Span:
    """What '3 months ago' may mean: days are counted, longer units are rounded, so each may be half of one off; `half`
    adds half a unit."""
    day = gone(today, number, unit)
    if half:
        day = back(day, 6) if unit == "year" else day - timedelta(days={"month": 15, "week": 4}.get(unit, 0))
    if unit == "day":
        return day, day
    if unit == "year":
        return back(day, 6), min(today, back(day, -6))
    off = timedelta(days={"week": 3, "month": 15}[unit])
    return day - off, min(today, day + off)


def this_time(day: date, *, roughly: bool) -> Span:
    """'This day last year', or 'this time last year'."""
    off = timedelta(days=_AROUND if roughly else 0)
    return day - off, day + off


def feast_days(name: str, how: str, year: int, *, off: tuple[int, int] | None = None) -> Span | None:
    """The days of a feast, or before, around, after it; `off`: from so many days before it (negative) or after it to so
    many. None where the year has no such feast."""
    days = feast(name, year)
    if days is None:
        return None
    first, last = days
    if off is not None:
        from_day = feast_day(name, year) or first if off[0] < 0 else last
        return from_day + timedelta(days=off[0]), from_day + timedelta(days=off[1])
    if re.fullmatch(_BEFORE_IT, how):
        return first - timedelta(days=_BEFORE), first - timedelta(days=1)
    if re.fullmatch(_AROUND_IT, how):
        return first - timedelta(days=_AROUND), first + timedelta(days=_AROUND)
    if re.fullmatch(_THAT_DAY, how):
        return one(feast_day(name, year))
    if how and how not in {"期间", "的时候", "at", "on", "during", "last", "this"}:
        return last + timedelta(days=1), last + timedelta(days=_AROUND)
    return first, last


def farmers_day(month: int, day: int, *, leap: bool = False) -> Callable[[int], Span | None]:
    """A day of the farmers' calendar in a year of it."""
    return lambda year: one(lunar_day(year, month, day, leap=leap))


def common_day(month: int, day: int) -> Callable[[int], Span | None]:
    """A day of the common calendar in a year."""
    return lambda year: one(day_or_none(year, month, day))
