"""When time limits end: every row's worked example, cases by hand, what always holds, and the command."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from bot.cli import doorstep
from faq.deadlines import Deadline, last_day, load_deadlines
from handlers.rules.deadlines import REMIND_DAYS, DeadlineError, Doubt, Due, articles, compute
from handlers.rules.holidays import is_working_day, next_working_day, published, settled
from handlers.wording import LANGUAGES, Wording

TABLE = {row.id: row for row in load_deadlines()}
LAST = max(year for year in range(2004, 2100) if published(year))
"""The last year with a published schedule; no test but that of 2026 depends on which it is."""
say = Wording().say

rows = st.sampled_from(list(TABLE.values()))
days = st.dates(date(2003, 1, 1), date(2032, 12, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


def due(matter: str, trigger: str, **days: Any) -> Due:
    return compute(TABLE[matter], day(trigger), **{"today": day(trigger), **days})


def row_of(unit: str, length: int, holiday: str = "rolls") -> Deadline:
    return TABLE["appeal-judgment"].model_copy(update={"unit": unit, "length": length, "holiday": holiday})


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_the_worked_example_of_every_row(row: Deadline) -> None:
    found = compute(row, row.example.start, today=row.example.start)
    assert (found.unrolled, found.date) == (row.example.unrolled, row.example.date)


@pytest.mark.parametrize(
    ("matter", "trigger", "unrolled", "moved"),
    [
        ("administrative-suit", "2025-08-31", "2026-02-28", "2026-02-28"),  # no 31 February; a make-up Saturday
        ("administrative-suit", "2023-08-29", "2024-02-29", "2024-02-29"),  # a leap year has the day
        ("guarantee-period", "2025-03-31", "2025-09-30", "2025-09-30"),
        ("labour-arbitration", "2024-02-29", "2025-02-28", "2025-02-28"),
        ("civil-claim", "2020-02-29", "2023-02-28", "2023-02-28"),
        ("enforcement", "2022-02-28", "2024-02-28", "2024-02-28"),  # the day of the same number, not the month's last
        ("possession", "2023-12-31", "2024-12-31", "2024-12-31"),
        ("defence", "2026-01-31", "2026-02-15", "2026-02-24"),  # Spring Festival 2026: 15 to 23 February
        ("appeal-judgment", "2026-02-08", "2026-02-23", "2026-02-24"),  # its last day off
        ("appeal-ruling", "2026-02-04", "2026-02-14", "2026-02-14"),  # the Saturday worked for it
        ("appeal-judgment", "2025-01-13", "2025-01-28", "2025-02-05"),  # Spring Festival 2025 begins
        ("appeal-judgment", "2025-09-16", "2025-10-01", "2025-10-09"),  # National Day with Mid-Autumn, 8 days
        ("appeal-judgment", "2026-09-22", "2026-10-07", "2026-10-08"),
        ("appeal-judgment", "2026-09-05", "2026-09-20", "2026-09-20"),  # the Sunday worked for it
        ("appeal-judgment", "2026-09-25", "2026-10-10", "2026-10-10"),
        ("appeal-judgment", "2026-12-04", "2026-12-19", "2026-12-21"),  # an ordinary weekend
        ("traffic-review", "2026-02-12", "2026-02-24", "2026-02-24"),  # 13, 14 (make-up), 24
        ("traffic-review", "2026-11-25", "2026-11-30", "2026-11-30"),
        ("fine-hearing", "2025-09-25", "2025-10-09", "2025-10-09"),  # 26, 28 (make-up), 29, 30, 9 October
        ("work-injury-employer", "2026-09-01", "2026-10-01", "2026-10-01"),  # doubtful: not moved
    ],
)
def test_cases_by_hand(matter: str, trigger: str, unrolled: str, moved: str) -> None:
    found = due(matter, trigger)
    assert (found.unrolled, found.date) == (day(unrolled), day(moved))


def test_what_is_doubtful_is_named_when_it_matters_and_only_then() -> None:
    for matter, trigger, doubts, later in (
        ("appeal-ruling", "2026-02-04", ("make_up",), "2026-02-24"),
        ("appeal-judgment", "2026-09-01", (), None),
        ("traffic-review", "2026-02-12", ("make_up",), "2026-02-25"),
        ("work-injury-employer", "2026-09-01", ("holiday",), "2026-10-08"),
        ("work-injury-employer", "2026-08-31", (), None),
        ("appeal-judgment", "2038-02-10", ("unpublished",), None),
        ("appeal-judgment", f"{LAST}-12-15", ("unpublished",), None),
        ("traffic-review", f"{LAST}-12-25", ("unpublished",), None),
        ("work-injury-employer", "2038-03-01", (), None),
    ):
        found = due(matter, trigger)
        assert (found.doubts, found.later) == (doubts, later and day(later))


def test_an_unpublished_year_moves_for_weekends_alone() -> None:
    found = due("appeal-judgment", "2038-04-16")
    assert (found.unrolled, found.date, found.doubts) == (day("2038-05-01"), day("2038-05-03"), ("unpublished",))
    assert due("appeal-judgment", "2038-09-16").date == day("2038-10-01")


def test_the_longest_limit_comes_first_and_is_not_moved() -> None:
    within = due("civil-claim", "2023-06-01", longest_from=day("2006-06-10"))
    assert (within.date, within.longest, within.capped) == (day("2026-06-01"), day("2026-06-10"), False)
    capped = due("civil-claim", "2024-06-01", longest_from=day("2006-06-20"))
    assert (capped.date, capped.unrolled, capped.later) == (day("2026-06-20"), day("2026-06-20"), day("2026-06-22"))
    assert capped.doubts == ("longest",)
    leap = due("civil-claim", "2023-06-01", longest_from=day("2004-02-29"))
    assert (leap.date, leap.doubts) == (day("2024-02-29"), ())
    between = due("civil-claim", "2023-05-02", longest_from=day("2006-05-04"))
    assert (between.unrolled, between.date, between.doubts) == (day("2026-05-02"), day("2026-05-04"), ("longest",))
    assert due("reconsideration", "2026-01-05", longest_from=day("2021-01-20")).date == day("2026-01-20")
    with pytest.raises(DeadlineError, match="has no longest limit"):
        due("possession", "2026-01-05", longest_from=day("2021-01-20"))
    with pytest.raises(DeadlineError, match="after the first day"):
        due("civil-claim", "2026-01-05", longest_from=day("2026-01-06"))


def test_a_demand_restarts_what_is_interruptible_and_nothing_else() -> None:
    today = day("2026-11-25")
    found = due("labour-arbitration", "2025-03-31", today=today, demands=[day("2026-03-01")])
    assert (found.start, found.date, found.if_unproven) == (day("2026-03-01"), day("2027-03-01"), day("2026-03-31"))
    assert found.doubts[-1] == "unproven"
    chain = due("labour-arbitration", "2023-03-31", today=today, demands=[day("2025-03-03"), day("2024-03-05")])
    assert chain.date == day("2026-03-03")
    late = due("labour-arbitration", "2023-03-31", today=today, demands=[day("2025-03-03"), day("2026-11-02")])
    assert (late.date, late.doubts) == (day("2024-04-01"), ("late_demand",))
    on_the_moved_day = due("labour-arbitration", "2023-03-31", today=today, demands=[day("2024-04-01")])
    assert on_the_moved_day.date == day("2025-04-01")
    fixed = due("possession", "2025-06-20", today=today, demands=[day("2025-07-01")])
    assert (fixed.date, fixed.doubts) == (day("2026-06-22"), ("fixed",))
    before = due("labour-arbitration", "2025-03-31", today=today, demands=[day("2025-03-31"), day("2025-01-01")])
    assert (before.date, before.doubts) == (day("2026-03-31"), ())
    with pytest.raises(DeadlineError, match="has not happened yet"):
        due("labour-arbitration", "2025-03-31", today=today, demands=[day("2026-11-26")])


def test_a_demand_does_not_pass_the_longest_limit() -> None:
    found = due(
        "civil-claim",
        "2024-06-03",
        today=day("2026-06-01"),
        demands=[day("2026-05-06")],
        longest_from=day("2007-01-10"),
    )
    assert (found.date, found.capped, found.start) == (day("2027-01-10"), True, day("2026-05-06"))


@pytest.mark.parametrize(
    ("matter", "trigger", "obstacles", "unrolled", "moved", "doubt"),
    [
        # 民法典 194: the last six months begin on 2 November 2025; six months after the obstacle is over
        ("civil-claim", "2023-05-02", [("2026-03-01", "2026-04-10")], "2026-10-10", "2026-10-10", "held_up"),
        ("civil-claim", "2023-05-02", [("2025-01-01", "2025-12-01")], "2026-06-01", "2026-06-01", "held_up"),
        ("civil-claim", "2023-05-02", [("2025-01-01", "2025-11-02")], "2026-05-02", "2026-05-06", "not_held"),
        ("civil-claim", "2023-05-02", [("2025-01-01", "2025-11-03")], "2026-05-03", "2026-05-06", "held_up"),
        # the period ends on the moved day: what began on it still counts, what began after it does not
        ("civil-claim", "2023-05-02", [("2026-05-06", "2026-05-20")], "2026-11-20", "2026-11-20", "held_up"),
        ("civil-claim", "2023-05-02", [("2026-05-07", "2026-05-20")], "2026-05-02", "2026-05-06", "not_held"),
        # one after another, and two that overlap; 31 August plus six months is the month's last day
        ("civil-claim", "2023-05-02", [("2026-08-01", "2026-08-31"), ("2026-03-01", "2026-04-10")],
         "2027-02-28", "2027-03-01", "held_up"),
        ("enforcement", "2024-04-04", [("2026-01-01", "2026-03-31"), ("2026-02-01", "2026-02-10")],
         "2026-09-30", "2026-09-30", "held_up"),
        # still going on: the earlier date
        ("civil-claim", "2023-05-02", [("2026-03-01", None)], "2026-05-02", "2026-05-06", "still_held"),
        # 劳动争议调解仲裁法 27, 行政复议法 20, 行政诉讼法 48: days lost are not counted
        ("labour-arbitration", "2025-03-31", [("2025-06-01", "2025-07-01")], "2026-04-30", "2026-04-30", "held_up"),
        ("reconsideration", "2026-03-02", [("2026-04-01", "2026-04-11")], "2026-05-11", "2026-05-11", "held_up"),
        ("reconsideration", "2026-03-02", [("2026-02-01", "2026-03-13")], "2026-05-11", "2026-05-11", "held_up"),
        ("reconsideration", "2026-03-02", [("2026-04-01", "2026-04-06"), ("2026-04-04", "2026-04-11")],
         "2026-05-11", "2026-05-11", "held_up"),
        ("reconsideration", "2026-03-02", [("2026-02-01", "2026-03-03")], "2026-05-01", "2026-05-06", "not_held"),
        ("administrative-suit", "2025-08-31", [("2026-02-28", "2026-03-10")], "2026-03-10", "2026-03-10", "held_up"),
        # a period that nothing suspends (民法典 199)
        ("possession", "2025-06-20", [("2026-01-01", "2026-06-01")], "2026-06-20", "2026-06-22", "not_held"),
    ],
)  # fmt: skip
def test_obstacles_that_nobody_could_help(
    matter: str,
    trigger: str,
    obstacles: list[tuple[str, str | None]],
    unrolled: str,
    moved: str,
    doubt: str,
) -> None:
    spans = [(day(since), over and day(over)) for since, over in obstacles]
    found = due(matter, trigger, today=day("2026-11-25"), obstacles=spans)
    assert (found.unrolled, found.date) == (day(unrolled), day(moved))
    assert doubt in found.doubts
    assert (found.held is not None) == (doubt == "held_up")
    plain = due(matter, trigger).date
    assert found.if_unproven == (plain if plain != found.date else None)


def test_an_obstacle_does_not_pass_the_longest_limit_and_a_demand_after_it_counts() -> None:
    today = day("2026-11-25")
    held = [(day("2026-03-01"), day("2026-04-10"))]
    capped = due("civil-claim", "2023-05-02", today=today, obstacles=held, longest_from=day("2006-06-20"))
    assert (capped.date, capped.capped) == (day("2026-06-20"), True)
    demanded = due("civil-claim", "2023-05-02", today=today, obstacles=held, demands=[day("2026-09-30")])
    assert (demanded.start, demanded.date, demanded.held) == (day("2026-09-30"), day("2029-10-01"), None)
    too_late = due("civil-claim", "2023-05-02", today=today, demands=[day("2026-09-30")])
    assert (too_late.date, too_late.doubts) == (day("2026-05-06"), ("late_demand",))


def test_who_was_not_told_of_the_right_has_longer_but_not_past_a_year() -> None:
    today = day("2026-11-25")
    for matter, trigger, known, end, plain in (
        ("reconsideration", "2026-01-05", "2026-06-01", "2026-07-31", "2026-03-06"),
        ("reconsideration", "2026-01-05", "2026-11-25", "2027-01-05", "2026-03-06"),  # the year ends first
        ("administrative-suit", "2026-01-05", "2026-04-30", "2026-10-30", "2026-07-06"),
        ("administrative-suit", "2026-01-05", "2026-09-10", "2027-01-05", "2026-07-06"),
    ):
        found = due(matter, trigger, today=today, right_known=day(known))
        assert (found.date, found.if_unproven, found.doubts[-1]) == (day(end), day(plain), "untold")
    at_once = due("reconsideration", "2026-01-05", today=today, right_known=day("2026-01-05"))
    assert (at_once.date, at_once.known, "untold" in at_once.doubts) == (day("2026-03-06"), None, False)
    held = [(day("2026-06-10"), day("2026-06-20"))]
    both = due("reconsideration", "2026-01-05", today=today, right_known=day("2026-06-01"), obstacles=held)
    assert both.date == day("2026-08-10")
    old = due(
        "reconsideration", "2026-01-05", today=today, right_known=day("2026-11-25"), longest_from=day("2021-11-30")
    )
    assert (old.date, old.capped) == (day("2026-11-30"), True)
    with pytest.raises(DeadlineError, match="runs the same"):
        due("possession", "2026-01-05", today=today, right_known=day("2026-06-01"))
    with pytest.raises(DeadlineError, match="has not come yet"):
        due("reconsideration", "2026-01-05", today=today, right_known=day("2026-11-26"))
    with pytest.raises(DeadlineError, match="cannot be over"):
        due("reconsideration", "2026-01-05", today=today, obstacles=[(day("2026-02-02"), day("2026-02-01"))])


def test_urgent_is_under_seven_days_before_the_unmoved_end_and_past_is_after_the_moved_one() -> None:
    for today, left, urgent, past in (
        ("2025-09-24", 7, False, False),
        ("2025-09-25", 6, True, False),
        ("2025-10-01", 0, True, False),
        ("2025-10-09", -8, True, False),
        ("2025-10-10", -9, True, True),
    ):
        found = due("appeal-judgment", "2025-09-16", today=day(today))
        assert (found.days_left, found.urgent, found.past) == (left, urgent, past)


def test_reminders_that_are_ahead() -> None:
    found = due("civil-claim", "2023-05-02", today=day("2026-04-18"))
    assert found.reminders == tuple(map(day, ("2026-04-25", "2026-04-29", "2026-05-01")))
    assert due("appeal-ruling", "2026-05-21", today=day("2026-05-01")).reminders == (
        day("2026-05-24"), day("2026-05-28"), day("2026-05-30"),
    )  # fmt: skip
    assert due("appeal-ruling", "2026-05-21", today=day("2026-05-30")).reminders == ()


@pytest.mark.parametrize("trigger", [date.min, date.max, date(1899, 12, 31), date(2200, 1, 1)])
def test_a_day_far_off_is_refused(trigger: date) -> None:
    with pytest.raises(DeadlineError, match="not between 1900 and 2199"):
        compute(TABLE["civil-claim"], trigger, today=date(2026, 1, 1))


def test_holidays_of_2026_as_the_state_council_published_them() -> None:
    off = {"01": range(1, 4), "02": range(15, 24), "04": range(4, 7), "05": range(1, 6), "06": range(19, 22),
           "09": range(25, 28), "10": range(1, 8)}  # fmt: skip
    holidays = {day(f"2026-{month}-{number:02}") for month, numbers in off.items() for number in numbers}
    make_up = set(map(day, ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10")))
    for number in range(365):
        today = day("2026-01-01") + timedelta(days=number)
        assert is_working_day(today) == (today in make_up or (today.weekday() < 5 and today not in holidays))
    assert next_working_day(day("2026-02-13")) == day("2026-02-14")
    assert next_working_day(day("2026-02-14")) == day("2026-02-24")
    assert [year for year in range(1990, 2027) if published(year)] == list(range(2004, 2027))
    assert settled(date(LAST, 12, 28))
    assert not settled(date(LAST, 12, 29))
    assert settled(date(LAST - 1, 12, 31))


@given(rows, days)
def test_the_date_is_a_working_day_not_before_the_unmoved_one(row: Deadline, trigger: date) -> None:
    found = compute(row, trigger, today=trigger)
    assert trigger < found.unrolled <= found.date
    assert found.later is None or found.later > found.date
    if row.holiday == "rolls":
        assert is_working_day(found.date)
        assert not any(
            is_working_day(found.unrolled + timedelta(days=number))
            for number in range((found.date - found.unrolled).days)
        )
    else:
        assert found.date == found.unrolled


@given(rows, days, st.integers(0, 800))
def test_a_later_trigger_never_ends_earlier(row: Deadline, trigger: date, gap: int) -> None:
    first = compute(row, trigger, today=trigger)
    second = compute(row, trigger + timedelta(days=gap), today=trigger)
    assert first.unrolled <= second.unrolled
    assert first.date <= second.date


@given(st.sampled_from(["month", "year"]), st.integers(1, 60), days)
def test_a_year_more_of_trigger_is_a_year_more_of_end(unit: str, length: int, trigger: date) -> None:
    trigger = trigger.replace(day=min(trigger.day, 28))
    row = row_of(unit, length)
    first = compute(row, trigger, today=trigger).unrolled
    second = compute(row, trigger.replace(year=trigger.year + 1), today=trigger).unrolled
    assert second == first.replace(year=first.year + 1)
    assert first.day == trigger.day


@given(st.integers(1, 60), days)
def test_counted_working_days_are_as_many_as_the_limit(length: int, trigger: date) -> None:
    found = compute(row_of("working_day", length), trigger, today=trigger)
    span = [trigger + timedelta(days=number) for number in range(1, (found.date - trigger).days + 1)]
    assert sum(map(is_working_day, span)) == length
    assert found.date == found.unrolled


@given(rows, days, st.integers(-40, 1200))
def test_reminders_come_strictly_before_the_unmoved_end_and_after_today(row: Deadline, trigger: date, gap: int) -> None:
    today = trigger + timedelta(days=gap)
    found = compute(row, trigger, today=today)
    assert all(max(today, trigger) < reminder < found.unrolled for reminder in found.reminders)
    assert list(found.reminders) == sorted(set(found.reminders))
    assert {(found.unrolled - reminder).days for reminder in found.reminders} <= set(REMIND_DAYS)


@given(rows, days, st.lists(st.integers(-10, 1500), max_size=4))
def test_demands_never_shorten_a_limit_and_move_only_interruptible_ones(
    row: Deadline, trigger: date, gaps: list[int]
) -> None:
    demands = [trigger + timedelta(days=gap) for gap in gaps]
    plain = compute(row, trigger, today=trigger)
    found = compute(row, trigger, today=max(trigger, *demands) if demands else trigger, demands=demands)
    assert found.date >= plain.date
    assert found.date == plain.date or row.nature == "interruptible"
    assert found.if_unproven in {None, plain.date}


spans = st.tuples(st.integers(-400, 1500), st.one_of(st.none(), st.integers(0, 500)))


@given(rows, days, st.lists(spans, max_size=4))
def test_obstacles_never_shorten_a_limit_and_move_only_what_they_may(
    row: Deadline, trigger: date, found: list[tuple[int, int | None]]
) -> None:
    starts = [(trigger + timedelta(days=since), length) for since, length in found]
    obstacles = [(since, None if length is None else since + timedelta(days=length)) for since, length in starts]
    today = trigger + timedelta(days=4000)
    plain = compute(row, trigger, today=today)
    held = compute(row, trigger, today=today, obstacles=obstacles)
    lost = sum(length or 0 for _, length in starts)
    assert held.counted == plain.unrolled
    assert held.unrolled >= plain.unrolled
    assert (held.held is not None) == (held.unrolled > plain.unrolled)
    if row.obstacle == "none" or all(over is None for _, over in obstacles):
        assert held.date == plain.date
    elif row.obstacle == "not_counted":
        assert held.unrolled - plain.unrolled <= timedelta(days=lost)
    elif held.held is not None:
        assert held.unrolled == last_day(held.held[1], 6, "month")
    assert compute(row, trigger, today=today, obstacles=obstacles[::-1]).date == held.date


@given(st.sampled_from([row for row in TABLE.values() if row.obstacle != "none"]), days, st.integers(-400, 1500),
       st.integers(0, 400), st.integers(0, 400))  # fmt: skip
def test_an_obstacle_that_lasts_longer_never_ends_a_limit_earlier(
    row: Deadline, trigger: date, since: int, length: int, more: int
) -> None:
    begins, today = trigger + timedelta(days=since), trigger + timedelta(days=4000)
    ends = [begins + timedelta(days=length), begins + timedelta(days=length + more)]
    short, long = (compute(row, trigger, today=today, obstacles=[(begins, end)]).unrolled for end in ends)
    assert short <= long


@given(st.sampled_from([row for row in TABLE.values() if row.untold]), days, st.integers(-10, 900))
def test_who_was_not_told_never_loses_by_it_and_never_passes_the_year(row: Deadline, trigger: date, gap: int) -> None:
    today = trigger + timedelta(days=1000)
    plain = compute(row, trigger, today=today)
    found = compute(row, trigger, today=today, right_known=trigger + timedelta(days=gap))
    assert plain.unrolled <= found.unrolled <= last_day(trigger, 1, "year")


@given(st.sampled_from([row for row in TABLE.values() if row.longest]), days, st.integers(0, 9000))
def test_nothing_ends_after_the_longest_limit(row: Deadline, trigger: date, gap: int) -> None:
    found = compute(row, trigger, today=trigger, longest_from=trigger - timedelta(days=gap))
    assert found.longest is not None
    assert found.unrolled <= found.date <= found.longest
    assert found.capped == (found.date < compute(row, trigger, today=trigger).date)


@given(rows, days, st.integers(-20, 4000), st.sampled_from(LANGUAGES))
def test_words_never_say_too_late_and_a_past_date_says_ask_now(
    row: Deadline, trigger: date, gap: int, language: str
) -> None:
    found = compute(row, trigger, today=trigger + timedelta(days=gap))
    words = say("deadline.explanation", language, due=found) + say("deadline.doubt", language, due=found)
    assert not re.search("too late|太晚|来不及|过期了|没救", words)
    assert "\n" not in words
    asks = {"zh": "可能已经晚了，现在就问", "en": "This may be late: ask now"}[language]
    assert (asks in words) == found.past


def test_every_doubt_has_its_sentence_and_open_rows_say_why() -> None:
    some = due("possession", "2025-06-20")
    for language in LANGUAGES:
        said = set()
        for doubt in get_args(Doubt):
            found = Due(**{**{name: getattr(some, name) for name in Due.__slots__}, "doubts": (doubt,)})
            said.add(say("deadline.doubt", language, due=found))
        assert len(said) == len(get_args(Doubt))
    assert all(row.doubt for row in TABLE.values() if row.holiday == "doubtful")


def test_explanations_in_both_languages() -> None:
    found = due("civil-claim", "2023-05-02", today=day("2026-05-01"))
    assert say("deadline.explanation", "zh", due=found) == (
        "从2023年5月2日的第二天起算3年，最后一天是2026年5月2日。这天不上班，顺延到2026年5月6日。"
        "从权利受到损害的那天起，最长20年。只剩1天，现在就办。"
    )
    assert say("deadline.explanation", "en", due=found) == (
        "3 years counted from the day after 2 May 2023: the last day is 2 May 2026. That is a day off, so it moves to "
        "6 May 2026. At most 20 years from the day the harm was done. Only 1 day left: act now."
    )
    assert say("deadline.article", "en", laws=articles(found.row)).startswith("民法典 188, 189, ")
    capped = due("civil-claim", "2024-06-01", longest_from=day("2006-06-20"))
    assert "20年，最后一天是2026年6月20日" in say("deadline.explanation", "zh", due=capped)


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def call(*words: str) -> Result:
        return CliRunner().invoke(doorstep, ["deadlines", *words], env={"DOORSTEP_DATA_DIR": str(tmp_path)})

    return call


def test_the_command_lists_every_matter(run: Any) -> None:
    listed = json.loads(run("list", "--json").stdout)
    assert [row["matter"] for row in listed] == list(TABLE)
    assert {"name", "trigger", "length", "unit", "article"} <= set(listed[0])
    assert json.loads(run("list", "--json", "--language", "en").stdout)[1]["name"] == "apply for labour arbitration"
    assert "labour-arbitration" in run("list").stdout


def test_the_command_computes_one(run: Any) -> None:
    [found] = json.loads(run("compute", "--matter", "appeal-judgment", "--from", "2025-09-16", "--json").stdout)
    assert (found["date"], found["unrolled"], found["past"]) == ("2025-10-09", "2025-10-01", True)
    assert "2025年10月9日" in found["explanation"]
    assert found["article"] == "《民事诉讼法》第85条、第86条、第171条、第172条、第286条"
    assert "三十天" in found["doubt"]
    text = run("compute", "--matter", "appeal-judgment", "--from", "2025-09-16", "--language", "en").stdout
    assert "date: 2025-10-09" in text
    restarted = run(
        "compute", "--matter", "labour-arbitration", "--from", "2023-03-31", "--demand", "2024-03-05", "--demand",
        "2025-03-03", "--json",
    )  # fmt: skip
    [found] = json.loads(restarted.stdout)
    assert (found["date"], found["restarted_from"], found["if_unproven"]) == ("2026-03-03", "2025-03-03", "2024-04-01")
    held = run(
        "compute", "--matter", "civil-claim", "--from", "2022-05-02", "--obstacle", "2025-03-01..2025-04-10",
        "--obstacle", "2025-09-01..", "--json",
    )  # fmt: skip
    [found] = json.loads(held.stdout)
    assert (found["date"], found["held_until"], found["if_unproven"]) == ("2025-10-10", "2025-04-10", "2025-05-06")
    assert found["doubts"] == ["held_up", "still_held"]
    assert "再给六个月，最后一天是2025年10月10日" in found["explanation"]
    untold = run(
        "compute", "--matter", "reconsideration", "--from", "2025-01-06", "--right-known", "2025-06-02", "--language",
        "en", "--json",
    )  # fmt: skip
    [found] = json.loads(untold.stdout)
    assert (found["date"], found["if_unproven"]) == ("2025-08-01", "2025-03-07")
    assert "counts from 2 June 2025" in found["explanation"]
    assert "then the last day is 7 March 2025" in found["doubt"]


def test_the_command_says_what_is_wrong(run: Any) -> None:
    for words, status, said in (
        (("--matter", "labor-arbitration", "--from", "2025-03-31"), 1, "did you mean labour-arbitration"),
        (("--matter", "行政复议", "--from", "2025-03-31"), 1, "did you mean reconsideration"),
        (("--matter", "zzz", "--from", "2025-03-31"), 1, "see doorstep deadlines list"),
        (("--matter", "retrial", "--from", "2025-02-30"), 2, "'2025-02-30' is not a day such as 2026-03-31"),
        (("--matter", "retrial", "--from", "9999-12-31"), 1, "not between 1900 and 2199"),
        (("--matter", "retrial", "--from", "2025-02-03", "--longest-from", "2025-02-01"), 1, "no longest limit"),
        (("--matter", "retrial"), 2, "--from"),
        (("--matter", "retrial", "--from", "2025-02-03", "--right-known", "2025-03-01"), 1, "runs the same"),
        (
            ("--matter", "retrial", "--from", "2025-02-03", "--obstacle", "2025-03-01"),
            2,
            "such as 2026-03-01..2026-04-10",
        ),
        (("--matter", "retrial", "--from", "2025-02-03", "--obstacle", "2025-03-01..2025-02-10"), 1, "cannot be over"),
    ):
        result = run("compute", *words)
        assert (result.exit_code, said in result.stderr, result.stdout) == (status, True, "")
