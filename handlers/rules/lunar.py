"""The farmers' calendar: its days as days of the common one, and the feasts people date things by."""

from __future__ import annotations

from datetime import date, timedelta

from lunar_python import Lunar, Solar

FIRST_YEAR, LAST_YEAR = 1900, 2199


def lunar_day(year: int, month: int, day: int, *, leap: bool = False) -> date | None:
    """The day of the common calendar; None for a day that the farmers' calendar does not have in that year.

    `year` is the one that begins with the Spring Festival: the 12th month of 2025 lies in 2026.
    """
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= 30):
        return None
    try:
        found = Lunar.fromYmd(year, -month if leap else month, day)
    except Exception:  # the library raises plain Exception for a day or a leap month that is not there
        return None
    solar = found.getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


_LUNAR_FEASTS = {
    "spring": (1, 1, 7), "lantern": (1, 15, 1), "dragon_boat": (5, 5, 1), "sevens": (7, 7, 1), "mid_autumn": (8, 15, 1),
    "double_ninth": (9, 9, 1), "laba": (12, 8, 1), "ghosts": (7, 15, 1),
}  # fmt: skip
"""Month, first day and length in days, by the farmers' calendar."""
_FEASTS = {
    "new_year": (1, 1, 1), "womens_day": (3, 8, 1), "qingming": (4, 4, 3), "may_day": (5, 1, 5),
    "childrens_day": (6, 1, 1), "army_day": (8, 1, 1), "national_day": (10, 1, 7), "christmas": (12, 25, 1),
}  # fmt: skip
"""The same by the common calendar; Qingming is a day of 4 to 6 April, but people mean the days off around it."""
_TERMS = {"qingming": "清明", "winter_solstice": "冬至"}
"""Feasts that the sun sets."""
FEASTS = (*_LUNAR_FEASTS, *_FEASTS, "eve", "little_new_year", "winter_solstice")


def feast(name: str, year: int) -> tuple[date, date] | None:
    """First and last day of a feast in a year of the common calendar; None where it cannot be told.

    The eve is the day before the Spring Festival; little new year is kept on the 23rd or 24th of the 12th month.
    """
    if name in _FEASTS:
        month, day, length = _FEASTS[name]
        return _span(date(year, month, day), length)
    if name == "winter_solstice":
        return _span(_term(name, year), 1)
    if name == "eve":
        spring = lunar_day(year, 1, 1)
        return None if spring is None else _span(spring - timedelta(days=1), 1)
    if name == "little_new_year":
        return _span(lunar_day(year - 1, 12, 23), 2)
    month, day, length = _LUNAR_FEASTS[name]
    # The 12th month lies in the next year, but for its first days in some years.
    for began in (year, year - 1):
        start = lunar_day(began, month, day)
        if start is not None and start.year == year:
            return _span(start, length)
    return None


def feast_day(name: str, year: int) -> date | None:
    """The very day of a feast, its first where it has several; None where it cannot be told."""
    days = feast(name, year)
    return _term(name, year) if name in _TERMS else days and days[0]


def _term(name: str, year: int) -> date:
    """The day of a term of the sun: Qingming, in April, or the winter solstice, in December."""
    # A table begins with the solstice before the Spring Festival.
    table = Solar.fromYmd(year + (name == "winter_solstice"), 6, 1).getLunar().getJieQiTable()
    solar = table[_TERMS[name]]
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def _span(start: date | None, length: int) -> tuple[date, date] | None:
    return None if start is None else (start, start + timedelta(days=length - 1))
