"""Working days by country: China with its make-up weekends, others from the holidays package, nonsense refused."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.config import Config, ConfigError, load_config
from handlers.rules.hours import end_of_working_day, office_hours
from handlers.rules.roster import WORKING_WEEK, Pattern, works_on
from handlers.rules.workdays import CHINA, CalendarError, workdays_of


def test_china_works_the_weekend_that_makes_up_for_a_holiday() -> None:
    assert CHINA.is_working(date(2026, 2, 14))
    assert CHINA.is_holiday(date(2026, 2, 17))
    assert CHINA.after(date(2026, 2, 14)) == date(2026, 2, 24)
    assert CHINA.after(date(2026, 2, 13), 2) == date(2026, 2, 24)


def test_another_country_has_its_own_holidays() -> None:
    vietnam = workdays_of("VN")
    assert vietnam.is_holiday(date(2026, 9, 2))
    assert not vietnam.is_holiday(date(2026, 10, 1))
    assert vietnam.is_working(date(2026, 10, 1))
    assert not CHINA.is_working(date(2026, 10, 1))
    assert workdays_of("DE-BY").is_holiday(date(2026, 1, 6))
    assert not workdays_of("DE-BE").is_holiday(date(2026, 1, 6))


def test_roster_office_hours_and_transfers_keep_the_country_s_days() -> None:
    zone, vietnam, day = ZoneInfo("Asia/Ho_Chi_Minh"), workdays_of("VN"), date(2026, 10, 1)
    pattern = Pattern(
        staff_id=1, weekdays=WORKING_WEEK, begins=time(8), ends=time(12), first_day=date(2026, 1, 1), working_days=True
    )
    assert works_on(pattern, day, vietnam)
    assert not works_on(pattern, day)
    since, until = datetime(2026, 9, 30, 17, tzinfo=UTC), datetime(2026, 10, 1, 16, tzinfo=UTC)
    assert office_hours(since, until, zone, time(8), time(17), vietnam)
    assert not office_hours(since, until, zone, time(8), time(17))
    asked = datetime(2026, 9, 30, 3, tzinfo=UTC)
    assert end_of_working_day(asked, 1, zone, time(17), vietnam).date() == day
    assert end_of_working_day(asked, 1, zone, time(17)).date() == date(2026, 10, 8)


@pytest.mark.parametrize("country", ["", "XX", "china", "DE-QQ", "../CN", "中国"])
def test_a_country_that_is_none_is_refused_by_name(country: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CalendarError):
        workdays_of(country)
    monkeypatch.setenv("DOORSTEP_COUNTY__HOLIDAYS", country)
    if country:
        with pytest.raises(ConfigError, match="COUNTY__HOLIDAYS: no holidays are known"):
            load_config()


def test_without_the_package_china_alone_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    assert workdays_of(Config().county.holidays) is CHINA
    with pytest.raises(CalendarError, match="abroad"):
        workdays_of("VN")
