"""What people write for weekdays, hours and days, and duties that say the same time twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.rules.duty import Duty
from handlers.rules.roster import Pattern
from handlers.rules.roster_words import day_said, hour_said, pattern_clash, shift_clash, weekdays_said

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
JULY = date(2026, 7, 1)
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("Mon, Wed ,fri", {0, 2, 4}),
        ("1-5", {0, 1, 2, 3, 4}),
        ("周一至周五", {0, 1, 2, 3, 4}),
        ("周一、周三", {0, 2}),
        ("一三五", {0, 2, 4}),
        ("星期天", {6}),
        ("sat-mon", {5, 6, 0}),
        ("fri-fri", {4}),
        ("daily", set(range(7))),
        ("每天", set(range(7))),
        ("", set()),
        ("someday", set()),
        ("mon,funday", set()),
        ("mon-wed-fri", set()),
        ("8", set()),
        ("mon,", set()),
        ("-", set()),
    ],
)
def test_weekdays(text: str, days: set[int]) -> None:
    assert weekdays_said(text) == days


@given(st.text(max_size=20))
def test_any_words_are_days_hours_or_nothing(text: str) -> None:
    assert weekdays_said(text) <= set(range(7))
    assert hour_said(text) is None or ":" in text or "：" in text
    day_said(text, NOON.date(), timedelta(days=60))


@pytest.mark.parametrize("text", ["24:00", "9", "09:60", "09:00:00", "9am", "", "-1:00", "٠٩:٠٠"])
def test_no_hour(text: str) -> None:
    assert hour_said(text) is None


def test_hours_and_days() -> None:
    assert hour_said(" 9:05 ") == time(9, 5)
    assert hour_said("09：30") == time(9, 30)
    today, reach = date(2026, 12, 20), timedelta(days=60)
    assert day_said("2026-12-31", today, reach) == date(2026, 12, 31)
    assert day_said("1月5日", today, reach) == date(2027, 1, 5)
    for text in ("12-19", "2026-12-19", "2027-03-01", "02-30", "tomorrow"):
        assert day_said(text, today, reach) is None


def duty(staff: int = 1, start: int = 0, hours: int | None = 8, **post: object) -> Duty:
    begin = NOON + start * HOUR
    return Duty(staff, begin, None if hours is None else begin + hours * HOUR, **post)  # type: ignore[arg-type]


def test_a_shift_twice() -> None:
    assert shift_clash(duty(), [duty(start=7)])
    assert shift_clash(duty(hours=None), [duty(start=100)])
    assert shift_clash(duty(start=100), [duty(hours=None)])
    assert not shift_clash(duty(), [duty(start=8)])
    assert not shift_clash(duty(), [duty(staff=2)])
    assert not shift_clash(duty(), [duty(village_id=3), duty(topic="land"), duty(on_call=True)])


def weekly(days: str, begins: str, ends: str, first: date = date(2026, 1, 1), last: date | None = None) -> Pattern:
    hours = (time.fromisoformat(begins), time.fromisoformat(ends))
    return Pattern(1, weekdays_said(days), *hours, first_day=first, last_day=last)


@pytest.mark.parametrize(
    ("one", "other", "twice"),
    [
        (weekly("mon-fri", "09:00", "17:00"), weekly("fri", "16:00", "18:00"), True),
        (weekly("mon-fri", "09:00", "17:00"), weekly("fri", "17:00", "18:00"), False),
        (weekly("mon-fri", "09:00", "17:00"), weekly("sat,sun", "09:00", "17:00"), False),
        (weekly("sun", "22:00", "06:00"), weekly("mon", "05:00", "09:00"), True),
        (weekly("sun", "22:00", "06:00"), weekly("mon", "06:00", "09:00"), False),
        (weekly("mon", "09:00", "09:00"), weekly("tue", "08:00", "10:00"), True),
        (weekly("mon", "09:00", "17:00", last=JULY - DAY), weekly("mon", "09:00", "17:00", JULY), False),
        (weekly("mon", "09:00", "17:00", last=JULY), weekly("mon", "09:00", "17:00", JULY), True),
    ],
)  # fmt: skip
def test_a_weekly_duty_twice(one: Pattern, other: Pattern, twice: bool) -> None:
    assert pattern_clash(one, [other]) is twice
    assert pattern_clash(other, [one]) is twice
