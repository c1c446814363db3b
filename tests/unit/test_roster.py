"""Who is on duty, minute by minute, against what the plan says in so many words; and who gets a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.rules.duty import Duty
from handlers.rules.hours import Span
from handlers.rules.roster import Away, Pattern, Place, expand, gaps, slots, without, works_on
from handlers.rules.routing import REACHES, Candidate, ranked

ZONE = ZoneInfo("Asia/Shanghai")
BEGIN = datetime(2026, 9, 28, 16, tzinfo=UTC)  # local midnight; the National Day holiday with its make-up days follows
HOUR = timedelta(hours=1)
DAYS = 12

hours = st.integers(0, 24 * DAYS - 1)
staff = st.integers(1, 3)
clock_times = st.integers(0, 23).map(time)
patterns = st.builds(
    Pattern,
    staff_id=staff,
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    begins=clock_times,
    ends=clock_times,
    first_day=st.integers(0, 4).map(lambda days: date(2026, 9, 27) + timedelta(days=days)),
    last_day=st.none() | st.integers(5, 9).map(lambda days: date(2026, 9, 27) + timedelta(days=days)),
    working_days=st.booleans(),
)
shifts = st.builds(
    lambda who, first, length, open_end: Duty(
        who, BEGIN + first * HOUR, None if open_end else BEGIN + (first + length) * HOUR
    ),
    staff, hours, st.integers(1, 30), st.booleans(),
)  # fmt: skip
leaves = st.builds(
    lambda who, first, length: Away(who, BEGIN + first * HOUR, BEGIN + (first + length) * HOUR),
    staff, hours, st.integers(0, 60),
)  # fmt: skip


def is_on(who: int, moment: datetime, planned: Sequence[Pattern], once: Sequence[Duty], away: Sequence[Away]) -> bool:
    """The plan read literally: on leave nobody is on duty; else a shift runs, or a pattern of today or last night."""
    if any(row.staff_id == who and row.starts <= moment < row.ends for row in away):
        return False
    if any(row.staff_id == who and row.starts <= moment and (row.ends is None or moment < row.ends) for row in once):
        return True
    local = moment.astimezone(ZONE)
    for row in planned:
        if row.staff_id != who:
            continue
        through_night = row.ends <= row.begins
        today, before = local.date(), local.date() - timedelta(days=1)
        if works_on(row, today) and row.begins <= local.time() and (through_night or local.time() < row.ends):
            return True
        if through_night and works_on(row, before) and local.time() < row.ends:
            return True
    return False


def running(duties: Sequence[Duty], moment: datetime) -> set[int]:
    return {row.staff_id for row in duties if row.starts <= moment and (row.ends is None or moment < row.ends)}


@settings(max_examples=150)
@given(st.lists(patterns, max_size=4), st.lists(shifts, max_size=4), st.lists(leaves, max_size=4), hours)
def test_at_each_hour_those_are_on_duty_whom_the_plan_names(
    planned: list[Pattern], once: list[Duty], away: list[Away], hour: int
) -> None:
    until = BEGIN + timedelta(days=DAYS)
    whole = expand(planned, once, away, BEGIN, until, ZONE)
    moment = BEGIN + hour * HOUR + timedelta(minutes=30)
    literally = {who for who in (1, 2, 3) if is_on(who, moment, planned, once, away)}
    assert running(whole, moment) == literally
    # A narrow look finds the same people as a wide one.
    assert running(expand(planned, once, away, moment, moment + timedelta(seconds=1), ZONE), moment) == literally


@given(shifts, st.lists(leaves, max_size=6))
def test_leave_takes_away_what_it_covers_and_nothing_else(duty: Duty, away: list[Away]) -> None:
    left = without(duty, away)
    for one, other in pairwise(left):
        assert one.ends is not None
        assert one.ends <= other.starts
    for hour in range(24 * DAYS + 90):
        moment = BEGIN + hour * HOUR
        here = duty.starts <= moment and (duty.ends is None or moment < duty.ends)
        gone = any(row.staff_id == duty.staff_id and row.starts <= moment < row.ends for row in away)
        assert any(row.starts <= moment and (row.ends is None or moment < row.ends) for row in left) is (
            here and not gone
        )


@given(st.lists(shifts, max_size=6), st.lists(st.tuples(hours, st.integers(1, 12)), max_size=5))
def test_gaps_and_duties_share_out_the_opening_hours(duties: list[Duty], opening: list[tuple[int, int]]) -> None:
    spans = [Span(BEGIN + first * HOUR, BEGIN + (first + length) * HOUR) for first, length in opening]
    found = gaps(duties, [Place(7, None, frozenset({1, 2}))], spans)
    for first, length in opening:
        for hour in range(first, first + length):
            moment = BEGIN + hour * HOUR
            missing = any(gap.starts <= moment < gap.ends for gap in found)
            assert missing is not bool(running(duties, moment) & {1, 2})


@given(st.lists(shifts, max_size=6), hours, st.integers(1, 6))
def test_slots_are_to_come_in_order_and_no_more_than_asked_for(duties: list[Duty], hour: int, limit: int) -> None:
    now = BEGIN + hour * HOUR
    found = slots(duties, 1, now, ZONE, limit)
    assert len(found) <= limit
    assert found == sorted(found, key=lambda span: (span.starts, span.ends))
    assert all(now <= span.starts < span.ends for span in found)
    assert all(1 in running(duties, span.starts) for span in found)


candidates = st.builds(
    Candidate,
    staff_id=st.integers(1, 50),
    role=st.sampled_from(["adviser", "director", "county"]),
    reach=st.sampled_from(REACHES),
    presence=st.sampled_from(["now", "on_call", "next", "off"]),
    topic=st.booleans(),
    language=st.booleans(),
    walled=st.sampled_from(["", "", "", "relative", "other_side"]),
    load=st.integers(0, 4),
    idle_since=st.none() | st.integers(0, 9).map(lambda hour: BEGIN - hour * HOUR),
    refused=st.booleans(),
)
people = st.lists(candidates, max_size=7, unique_by=lambda row: row.staff_id)


@given(people, st.booleans())
def test_nobody_behind_the_wall_and_everybody_accounted_for(rows: list[Candidate], urgent: bool) -> None:
    found = ranked(rows, urgent=urgent)
    order = {row.staff_id for row in found.order}
    assert not any(row.walled or row.refused for row in found.order)
    assert order | found.left_out.keys() == {row.staff_id for row in rows}
    assert not order & found.left_out.keys()
    assert (found.owner is None) is (not found.order and found.keeper is None)
    if any(row.walled for row in rows) or found.order:
        assert found.owner is not None


@given(people, st.booleans())
def test_the_order_does_not_depend_on_the_order_given(rows: list[Candidate], urgent: bool) -> None:
    assert ranked(rows, urgent=urgent) == replace(
        ranked(list(reversed(rows)), urgent=urgent), left_out=ranked(rows, urgent=urgent).left_out
    )
    assert ranked(rows, urgent=urgent).left_out == ranked(list(reversed(rows)), urgent=urgent).left_out


@given(people, st.booleans())
def test_whoever_is_there_owns_before_whoever_comes_later(rows: list[Candidate], urgent: bool) -> None:
    found = ranked(rows, urgent=urgent)
    if any(row.presence == "now" for row in found.order):
        assert found.order[0].presence == "now"
        assert found.order[0].staff_id in {row.staff_id for row in found.reached}
    assert all(row.presence == "now" for row in found.reached)
    assert len({row.reach for row in found.reached}) <= 1


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 9), st.integers(0, 9))
def test_among_equals_the_least_loaded_then_the_longest_idle(one: int, other: int, idle: int, longer: int) -> None:
    first = Candidate(1, "adviser", "village", "now", load=one, idle_since=BEGIN - idle * HOUR)
    second = Candidate(2, "adviser", "village", "now", load=other, idle_since=BEGIN - longer * HOUR)
    owner = ranked([second, first], urgent=False).owner
    assert owner is not None
    wanted = min([first, second], key=lambda row: (row.load, row.idle_since, row.staff_id))
    assert owner == wanted
