"""When a follow-up may go out: never in quiet hours, on a holiday, before the person's hour or twice a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.rules.clocks import is_quiet
from handlers.rules.contact import (
    CallInstead,
    Drop,
    Hours,
    Planned,
    Send,
    Wait,
    Wishes,
    allowed,
    earliest,
    hour_is_quiet,
    verdict,
)
from handlers.rules.holidays import is_public_holiday

SHANGHAI = ZoneInfo("Asia/Shanghai")
USUAL = Hours(SHANGHAI, True, time(21), time(8))
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LATE = timedelta(days=14)

moments = st.integers(0, 8 * 365 * 24 * 4).map(
    lambda quarters: datetime(2020, 1, 1, tzinfo=UTC) + quarters * timedelta(minutes=15)
)
zones = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Urumqi", "UTC"]).map(ZoneInfo)
quarter_times = st.tuples(st.integers(0, 23), st.sampled_from([0, 15, 30, 45])).map(lambda pair: time(*pair))
hours = st.builds(Hours, zones, st.just(True), quarter_times, quarter_times)
wishes = st.builds(
    Wishes, st.just(False), st.sampled_from(["", "neutral"]), st.none() | st.integers(-3, 30), st.none() | moments
)


@given(moments, wishes, hours)
def test_what_goes_out_disturbs_nobody(moment: datetime, wish: Wishes, house: Hours) -> None:
    found = earliest(moment, wish, house)
    local = found.astimezone(house.zone)
    assert moment <= found <= moment + timedelta(days=14)
    assert allowed(found, wish, house)
    assert not is_quiet(found, house.zone, house.quiet_start, house.quiet_end)
    assert not is_public_holiday(local.date())
    assert wish.last is None or local.date() != wish.last.astimezone(house.zone).date()
    if wish.preferred_hour in range(24) and not hour_is_quiet(wish.preferred_hour or 0, house):
        assert local.hour >= (wish.preferred_hour or 0)


@given(moments, wishes, hours, st.integers(0, 96))
def test_nothing_waits_longer_than_it_must(moment: datetime, wish: Wishes, house: Hours, quarters: int) -> None:
    between = moment + quarters * timedelta(minutes=15)
    if between < earliest(moment, wish, house):
        assert not allowed(between, wish, house)


@given(moments, wishes)
def test_lifted_limits_let_everything_out_at_once(moment: datetime, wish: Wishes) -> None:
    free = Hours(SHANGHAI, False, time(21), time(8))
    assert verdict(Planned("answer", moment, True), wish, free, moment, blocked=False, late_after=LATE) == Send(
        wish.contact == "neutral"
    )


@pytest.mark.parametrize(("blocked", "contact"), [(True, ""), (False, "none")])
def test_nobody_is_called_after_an_answer_without_a_reason(blocked: bool, contact: str) -> None:
    wish, why = Wishes(contact=contact), "blocked" if blocked else "unsafe"
    for call, expected in ((False, Drop(why)), (True, CallInstead(why))):
        planned = Planned("answer", NOON, call=call)
        assert verdict(planned, wish, USUAL, NOON, blocked=blocked, late_after=LATE) == expected


@pytest.mark.parametrize(
    ("kind", "wish", "blocked", "late", "expected"),
    [
        ("answer", Wishes(stopped=True), False, 0, Drop("stopped")),
        ("performance", Wishes(stopped=True), False, 0, CallInstead("stopped")),
        ("closed", Wishes(contact="none"), False, 0, CallInstead("unsafe")),
        ("closed", Wishes(contact="neutral"), False, 0, Send(neutral=True)),
        ("closed", Wishes(), True, 0, CallInstead("blocked")),
        ("closed", Wishes(), False, 14, Send()),
        ("closed", Wishes(), False, 15, Drop("late")),
        ("remind", Wishes(), False, 15, CallInstead("late")),
        ("closed", Wishes(last=NOON - timedelta(hours=3)), False, 0, Wait(datetime(2026, 11, 25, 0, 0, tzinfo=UTC))),
        ("closed", Wishes(preferred_hour=19), False, 0, Wait(datetime(2026, 11, 24, 11, 0, tzinfo=UTC))),
        ("closed", Wishes(preferred_hour=23), False, 0, Send()),
    ],
)
def test_verdicts(kind: str, wish: Wishes, blocked: bool, late: int, expected: object) -> None:
    planned = Planned(kind, NOON - late * DAY)
    assert verdict(planned, wish, USUAL, NOON, blocked=blocked, late_after=LATE) == expected


def test_an_adviser_s_own_words_go_first() -> None:
    tomorrow = Wait(datetime(2026, 11, 25, 0, 0, tzinfo=UTC))
    for kind, expected in (("closed", tomorrow), ("remind", Send())):
        planned = Planned(kind, NOON, own_words_due=True)
        assert verdict(planned, Wishes(), USUAL, NOON, blocked=False, late_after=LATE) == expected


def test_weekends_are_fine_and_holidays_are_not() -> None:
    saturday = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)
    assert earliest(saturday, Wishes(), USUAL) == saturday
    assert is_public_holiday(date(2026, 10, 3))
    assert not is_public_holiday(date(2026, 11, 28))
    holiday = datetime(2026, 10, 1, 4, 0, tzinfo=UTC)
    assert earliest(holiday, Wishes(), USUAL) == datetime(2026, 10, 8, 0, 0, tzinfo=UTC)
