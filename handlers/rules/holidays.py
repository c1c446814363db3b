"""Working days in mainland China: weekends, public holidays, and the weekends worked to make up for them.

The days are those the State Council publishes each November for the year after. Years without a published schedule have
weekends only; `settled` says whether a day can still change.
"""

from __future__ import annotations

from datetime import date, timedelta

from chinese_calendar import holidays, workdays

_YEARS = frozenset(day.year for day in holidays)
_BORROWED = 29
"""From this day of December a year's schedule has reached back into the year before (2005, 2012, 2018)."""


def published(year: int) -> bool:
    """Whether the holidays of a year are known, by the installed calendar."""
    return year in _YEARS


def settled(day: date) -> bool:
    """Whether nothing can change about a day: its year is published, and at the end of December the next one too."""
    return published(day.year) and (day.month < 12 or day.day < _BORROWED or published(day.year + 1))


def is_working_day(day: date, *, make_up: bool = True) -> bool:
    """Whether offices work on a day. `make_up`: whether a weekend worked for a holiday counts, as in daily life.

    For an unpublished year every Monday to Friday is a working day.
    """
    if day.weekday() >= 5:
        return make_up and day in workdays
    return day not in holidays


def next_working_day(day: date, *, make_up: bool = True) -> date:
    """The first working day after a day; never the day itself."""
    day += timedelta(days=1)
    while not is_working_day(day, make_up=make_up):
        day += timedelta(days=1)
    return day


def is_day_off(day: date) -> bool:
    """Whether a day is part of a public holiday, whatever day of the week it is."""
    return day in holidays
