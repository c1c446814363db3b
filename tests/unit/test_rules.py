"""The rules: who is on duty, when things are due, what is courtesy, who may open what, which number to call."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.config import NumbersConfig
from handlers.rules.access import may_open
from handlers.rules.clocks import is_quiet, outside_quiet
from handlers.rules.courtesy import courtesy
from handlers.rules.duty import least_loaded
from handlers.rules.numbers import STANDARD, card

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

moments = st.integers(0, 16 * 365 * 24 * 60).map(
    lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
zones = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"]).map(ZoneInfo)
times = st.times(time(0), time(23, 59)).map(lambda moment: moment.replace(second=0, microsecond=0))


@given(st.lists(st.integers(1, 9), unique=True), st.dictionaries(st.integers(1, 9), st.integers(0, 5)))
def test_nobody_has_fewer_cases_than_the_least_loaded(staff: list[int], load: dict[int, int]) -> None:
    found = least_loaded(staff, load)
    assert (found is None) == (not staff)
    if found is not None:
        fewest = [one for one in staff if load.get(one, 0) == min(load.get(other, 0) for other in staff)]
        assert found == fewest[0]


@pytest.mark.parametrize(
    ("local", "start", "end", "quiet"),
    [
        ("20:59", "21:00", "08:00", False),
        ("21:00", "21:00", "08:00", True),
        ("00:00", "21:00", "08:00", True),
        ("07:59", "21:00", "08:00", True),
        ("08:00", "21:00", "08:00", False),
        ("12:30", "12:00", "14:00", True),
        ("14:00", "12:00", "14:00", False),
        ("03:00", "09:00", "09:00", False),
        ("09:00", "09:00", "09:00", False),
    ],
)
def test_quiet_hours_begin_with_their_first_minute_and_may_span_midnight(
    local: str, start: str, end: str, quiet: bool
) -> None:
    moment = datetime.fromisoformat(f"2026-11-24T{local}").replace(tzinfo=SHANGHAI)
    assert is_quiet(moment, SHANGHAI, time.fromisoformat(start), time.fromisoformat(end)) is quiet


@given(moments, zones, times, times)
@example(datetime(2026, 10, 25, 1, 10, tzinfo=UTC), ZoneInfo("Europe/Berlin"), time(21, 0), time(2, 30))
@example(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin"), time(21, 0), time(2, 30))
def test_what_is_put_off_goes_out_soon_after_the_quiet_hours_and_never_before_now(
    moment: datetime, zone: ZoneInfo, start: time, end: time
) -> None:
    later = outside_quiet(moment, zone, start, end)
    assert later >= moment
    assert later - moment <= timedelta(hours=25)
    assert not is_quiet(later, zone, start, end)
    assert (later == moment) == (not is_quiet(moment, zone, start, end))
    assert outside_quiet(later, zone, start, end) == later


def test_the_end_of_the_night_is_the_county_s_own_morning() -> None:
    evening = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    assert outside_quiet(evening, SHANGHAI, time(21), time(8)) == datetime(2026, 11, 25, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("words", ["谢谢", "谢谢您！", " 好的，谢谢。", "THANKS!!", "ok 👍", "嗯嗯~"])
def test_thanks_are_thanks_with_any_marks_around(words: str) -> None:
    assert courtesy(words) == "thanks"


@pytest.mark.parametrize("words", ["您好", "在吗？", "Hello!", "有人吗？？", "good morning"])
def test_greetings_are_greetings(words: str) -> None:
    assert courtesy(words) == "greeting"


@given(st.sampled_from(["谢谢", "您好", "好的", "ok"]), st.sampled_from(["老板不给钱", "土地被占", "离婚怎么办", "12"]))
def test_courtesy_with_a_matter_in_it_is_not_courtesy(polite: str, matter: str) -> None:
    assert courtesy(f"{polite}，{matter}") is None
    assert courtesy(f"{matter}。{polite}") is None


@given(st.text())
def test_any_text_can_be_looked_at_for_courtesy(text: str) -> None:
    assert courtesy(text) in {"thanks", "greeting", None}
    assert courtesy(text) == courtesy(f"  {text}！\n")


def test_a_case_is_open_to_its_adviser_its_village_s_staff_and_the_county() -> None:
    for adviser, serves_all, role, villages, village in product(
        (True, False), (True, False), ("adviser", "county", "judge"), ((), (1,), (2, 3)), (None, 1, 3)
    ):
        allowed = adviser or serves_all or role == "county" or village is None or village in villages
        assert may_open(role=role, serves_all=serves_all, villages=villages, case_village=village, adviser=adviser) is (
            allowed
        )


def test_a_county_s_own_number_stands_in_for_the_standard_one() -> None:
    assert card(["110", "12348"], {"legal": "0513-12345678"}) == (("police", "110"), ("legal", "0513-12345678"))
    assert card(["999"], {"police": "1"}) == (("", "999"),)


def test_every_standard_number_can_be_set_and_is_the_default() -> None:
    assert {name: number for number, name in STANDARD.items()} == NumbersConfig().model_dump()
