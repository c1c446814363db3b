"""Which days people work in the county's country: for duties, office hours and return visits.

Statutory deadlines do not come here: they are Chinese law's, and count by `handlers/rules/holidays.py` everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.rules import holidays


class CalendarError(ValueError):
    """The holidays of a country are not to be had; the text says why."""


@dataclass(frozen=True, slots=True)
class WorkDays:
    """A country's days. `is_holiday`: a public holiday, not an ordinary weekend. `is_working`: offices are open."""

    country: str
    is_holiday: Callable[[date], bool]
    is_working: Callable[[date], bool]

    def after(self, day: date, count: int = 1) -> date:
        """The working day so many working days after a day, which itself does not count."""
        for _ in range(count):
            day += timedelta(days=1)
            while not self.is_working(day):
                day += timedelta(days=1)
        return day


CHINA = WorkDays("CN", holidays.is_public_holiday, holidays.is_working_day)
"""Mainland China, with the weekends worked to make up for holidays."""


EVERY_DAY = WorkDays("", lambda day: False, lambda day: True)
"""No day is free."""


def workdays_of(country: str) -> WorkDays:
    """The days of a country by its ISO 3166 code, such as VN, or of a part of one, such as DE-BY.

    Other countries than China need the extra `abroad`. Raises CalendarError.
    """
    if country == CHINA.country:
        return CHINA
    try:
        from holidays import country_holidays
    except ImportError:
        raise CalendarError(
            "other countries than CN need the package holidays: pip install 'doorstep[abroad]'"
        ) from None
    code, _, part = country.partition("-")
    try:
        days = country_holidays(code, subdiv=part or None)
    except NotImplementedError:
        raise CalendarError(f"no holidays are known for {country!r} (an example: CN)") from None
    return WorkDays(country, days.__contains__, days.is_working_day)
