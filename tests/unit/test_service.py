"""Service promises: the time that counts, when something is due, and which step a look finds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.rules.holidays import is_working_day
from handlers.rules.hours import Span, after, before, end_of_working_day, merged, office_hours, without, worked
from handlers.rules.service import Kind, Plan, Service, Step, due, first_look, look, plan, remaining

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SERVICE = Service()

moments = st.integers(0, 20_000).map(lambda minutes: NOON + minutes * MINUTE)
lengths = st.integers(0, 3_000).map(lambda minutes: minutes * MINUTE)
spans = st.lists(st.tuples(moments, lengths), max_size=6).map(
    lambda rows: merged(Span(start, start + length) for start, length in rows)
)
plans = st.sampled_from(
    [
        plan(kind, SERVICE, urgent=urgent, first_answer=5 * HOUR, extended=extended)
        for kind in Kind for urgent in (False, True) for extended in (False, True)
    ]
)  # fmt: skip


@given(spans)
def test_merged_spans_are_in_order_and_apart(found: tuple[Span, ...]) -> None:
    assert all(span.starts < span.ends for span in found)
    assert all(one.ends < other.starts for one, other in pairwise(found))


@given(spans, spans, moments, moments)
def test_time_is_either_taken_off_or_left(
    have: tuple[Span, ...], gaps: tuple[Span, ...], a: datetime, b: datetime
) -> None:
    left = worked(without(have, gaps), a, b)
    both = worked(merged([*have, *gaps]), a, b)
    assert left == both - worked(gaps, a, b)


@given(spans, moments, lengths)
def test_after_so_much_time_so_much_has_been_worked(
    found: tuple[Span, ...], moment: datetime, length: timedelta
) -> None:
    end = after(moment, length, found)
    assert end >= moment
    beyond = max(timedelta(), end - max(moment, found[-1].ends)) if found else end - moment
    assert worked(found, moment, end) + beyond == length


@given(spans, moments, lengths)
def test_before_undoes_after(found: tuple[Span, ...], moment: datetime, length: timedelta) -> None:
    end = after(moment, length, found)
    if found and end <= found[-1].ends and length:
        assert worked(found, before(end, length, found), end) == length


@given(plans, spans, moments, st.lists(moments, min_size=1, max_size=12))
def test_each_step_is_found_once_in_order_whatever_the_clock_does(
    found: Plan, open_: tuple[Span, ...], started: datetime, looks: list[datetime]
) -> None:
    due_at = due(found, started, open_)
    count, taken = 0, []
    for now in looks:
        seen = look(found, due_at, count, now, open_)
        assert seen.count >= count
        assert seen.next_look > now
        taken += [step for step in seen.steps if step is not Step.AGAIN]
        count = seen.count
        again = look(found, due_at, count, now, open_)
        assert not again.steps
        assert again.count == count
    assert taken == [step for _, step in found.steps][: len(taken)]


@given(plans, spans, moments, moments)
def test_a_look_in_time_finds_what_downtime_would(
    found: Plan, open_: tuple[Span, ...], started: datetime, end: datetime
) -> None:
    """Step by step or all at once: the same steps are taken, and the count is the same."""
    due_at = due(found, started, open_)
    late = look(found, due_at, 0, end, open_)
    steps: list[Step] = []
    now, count = first_look(found, due_at, open_), 0
    for _ in range(200):
        if now > end:
            break
        seen = look(found, due_at, count, now, open_)
        steps += seen.steps
        count, now = seen.count, seen.next_look
    else:
        return
    assert count == late.count
    assert tuple(step for step in steps if step is not Step.AGAIN) == tuple(
        s for s in late.steps if s is not Step.AGAIN
    )


def test_first_answer_in_duty_time() -> None:
    found = plan(Kind.FIRST_ANSWER, SERVICE, urgent=False, first_answer=5 * HOUR)
    duty = (Span(NOON, NOON + HOUR), Span(NOON + 20 * HOUR, NOON + 28 * HOUR))
    due_at = due(found, NOON, duty)
    assert due_at == NOON + 24 * HOUR
    assert remaining(due_at, NOON + 10 * HOUR, duty) == 4 * HOUR
    assert remaining(due_at, due_at + HOUR, duty) == timedelta()
    marks = {step: after(NOON, share * 5 * HOUR, duty) for share, step in found.steps}
    assert marks[Step.OWNER] == NOON + 21.5 * HOUR
    assert look(found, due_at, 0, marks[Step.OWNER] - MINUTE, duty).steps == ()
    assert look(found, due_at, 0, marks[Step.OWNER], duty).steps == (Step.OWNER,)
    assert look(found, due_at, 4, due_at, duty).steps == (Step.VILLAGER,)


def test_claim_goes_up_every_ten_minutes_then_comes_again() -> None:
    found = plan(Kind.CLAIM, SERVICE, urgent=False, first_answer=HOUR)
    duty = (Span(NOON, NOON + 100 * HOUR),)
    due_at, count, said = due(found, NOON, duty), 0, []
    for minutes in range(160):
        seen = look(found, due_at, count, NOON + minutes * MINUTE, duty)
        count = seen.count
        said += [(minutes, step) for step in seen.steps]
    assert said == [(10, Step.BACKUP), (20, Step.DIRECTOR), (30, Step.COUNTY), (90, Step.AGAIN), (150, Step.AGAIN)]


def test_urgent_claim_calls_at_the_interval_day_and_night() -> None:
    found = plan(Kind.CLAIM, SERVICE, urgent=True, first_answer=HOUR)
    due_at, count, said = due(found, NOON, ()), 0, []
    for minutes in range(13):
        seen = look(found, due_at, count, NOON + minutes * MINUTE, ())
        count = seen.count
        said += [minutes] if seen.steps else []
    assert said == [3, 6, 9, 12]


@pytest.mark.parametrize(
    ("started", "days", "last"),
    [
        ("2026-11-24T17:00", 1, date(2026, 11, 25)),
        ("2026-11-27T10:00", 1, date(2026, 11, 30)),
        ("2026-09-30T10:00", 1, date(2026, 10, 8)),  # the autumn holidays
        ("2026-11-24T10:00", 5, date(2026, 12, 1)),
        ("2026-11-28T10:00", 5, date(2026, 12, 4)),
        ("2026-11-24T10:00", 15, date(2026, 12, 15)),
    ],
)
def test_working_days_end_when_offices_close(started: str, days: int, last: date) -> None:
    since = datetime.fromisoformat(started).replace(tzinfo=ZONE)
    end = end_of_working_day(since, days, ZONE, SERVICE.closes)
    assert end == datetime.combine(last, SERVICE.closes, tzinfo=ZONE)


@given(st.dates(date(2026, 1, 1), date(2026, 11, 1)), st.integers(1, 20))
def test_so_many_working_days_lie_between(day: date, days: int) -> None:
    since = datetime.combine(day, time(12), tzinfo=ZONE)
    end = end_of_working_day(since, days, ZONE, SERVICE.closes).astimezone(ZONE).date()
    counted = sum(is_working_day(day + timedelta(days=n)) for n in range(1, (end - day).days + 1))
    assert counted == days
    assert is_working_day(end)


def test_office_hours_leave_out_days_off() -> None:
    found = office_hours(
        datetime(2026, 9, 30, 0, 0, tzinfo=ZONE),
        datetime(2026, 10, 8, 23, 0, tzinfo=ZONE),
        ZONE,
        time(8, 30),
        time(17, 30),
    )
    assert [span.starts.astimezone(ZONE).date() for span in found] == [date(2026, 9, 30), date(2026, 10, 8)]
    assert SERVICE.office_day == 9 * HOUR


def test_warnings_of_a_result_move_with_its_due_moment() -> None:
    found = plan(Kind.RESULT, SERVICE, urgent=False, first_answer=HOUR)
    office = office_hours(NOON - DAY, NOON + 60 * DAY, ZONE, SERVICE.opens, SERVICE.closes)
    due_at = end_of_working_day(NOON, 5, ZONE, SERVICE.closes)
    assert look(found, due_at, 0, due_at - timedelta(minutes=1), office).steps[-1] is Step.COUNTY
    later = after(due_at, 9 * HOUR, office)
    assert worked(office, first_look(found, due_at, office), first_look(found, later, office)) == 9 * HOUR
