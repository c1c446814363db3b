"""When a legal time limit ends, counted from its first day, with everything that makes the date doubtful.

The day of the trigger is not counted (民法典 201); months and years end on the day of the same number or the month's
last (202); an end on a day off moves to the next working day where the row says so (203, 民事诉讼法 85). Where readings
of the law differ, the earlier date is the date, and the doubt is named. Whole days, local to the county.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from faq.deadlines import Deadline, Unit, last_day
from handlers.rules.holidays import is_working_day, next_working_day, settled

Doubt = Literal[
    "holiday", "make_up", "unpublished", "longest", "unproven", "fixed", "late_demand", "held_up", "still_held",
    "not_held", "untold",
]  # fmt: skip
"""Why a date is doubtful; each names a sentence of `deadline.doubt`.

`holiday`: the end is a day off, and the row leaves open whether it moves. `make_up`: it would be later if weekends
worked for a holiday were days off. `unpublished`: weekends alone were counted. `longest`: the longest limit ends on a
day off and is not moved. `unproven`: a demand that restarted it must be proved. `fixed`: a demand does not restart this
limit. `late_demand`: one came after the end, and restarts nothing by itself. `held_up`: the end moved for an obstacle
that a court must accept. `still_held`: one goes on, and is not counted yet. `not_held`: one does not move the end.
`untold`: counted from when the right became known, for somebody who was not told of it.
"""
Obstacle = tuple[date, date | None]
"""The first day of an obstacle, and the day on which it was over; None while it goes on."""
URGENT_DAYS = 7
"""With fewer days left a person is needed, whatever the answer (法律援助法 44 lets aid start first)."""
REMIND_DAYS = (30, 14, 7, 3, 1)
"""Days before the end, not moved for holidays, on which people are reminded."""
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


class DeadlineError(ValueError):
    """The days that were given cannot be: the message says which."""


@dataclass(frozen=True, slots=True)
class _Run:
    """How a limit runs: counted from `start`, or where nobody told of the right from the day it was `known`; moved for
    the `obstacles` that are over, in order and apart; never past `longest`."""

    row: Deadline
    trigger: date
    start: date
    longest: date | None = None
    known: date | None = None
    obstacles: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A limit worked out, as facts; `deadline.explanation` and `deadline.doubt` put them into words.

    `date` is the last day to act by, `unrolled` the same before moving it for days off. `start` is the day counted
    from: `trigger`, or the last demand that restarted the limit. `known`: the day from which it counts where nobody
    told of the right. `counted`: the end before obstacles moved it, and `held` the last that did. `if_unproven` is the
    date without any demand, obstacle or missing notice, where it differs. `later` is the date by the most generous
    reading, where that differs. `longest` is the outer limit from `longest_from`, and `capped` says that it comes
    first. `reminders` are still ahead. Courts do not raise a limit by themselves (民法典 193), so a past date may be
    late and is no verdict.
    """

    row: Deadline
    trigger: date
    start: date
    today: date
    unrolled: date
    later: date | None
    if_unproven: date | None
    longest_from: date | None
    longest: date | None
    capped: bool
    known: date | None
    counted: date
    held: tuple[date, date] | None
    reminders: tuple[date, ...]
    doubts: tuple[Doubt, ...]
    date: date

    @property
    def days_left(self) -> int:
        """Days from today to the unmoved end; negative once it is past."""
        return (self.unrolled - self.today).days

    @property
    def urgent(self) -> bool:
        """Whether fewer than seven days are left, or none: a person must look."""
        return self.days_left < URGENT_DAYS

    @property
    def past(self) -> bool:
        """Whether the date is over: it may be late, and is a reason to ask at once."""
        return self.today > self.date


def compute(
    row: Deadline,
    trigger: date,
    *,
    today: date,
    longest_from: date | None = None,
    demands: Collection[date] = (),
    obstacles: Collection[Obstacle] = (),
    right_known: date | None = None,
) -> Due:
    """When the limit of a row ends that began to run on `trigger`, seen from `today`.

    `longest_from`: the first day of the row's longest limit, when known. `demands`: days on which the claim was
    provably made or admitted (民法典 195), or on which a proceeding over it ended. `obstacles`: what nobody could help
    and kept from acting (194). `right_known`: for somebody whom no office told of the right, the day they learned of
    it (行政复议法 20). Raises DeadlineError for days that cannot be.
    """
    _check(row, trigger, today, longest_from, demands, obstacles, right_known)
    longest = None
    if row.longest is not None and longest_from is not None:
        longest = _count(longest_from, row.longest.length, row.longest.unit)
    plain = _Run(row, trigger, trigger, longest)
    known = right_known if right_known is not None and right_known > trigger else None
    run = replace(plain, known=known, obstacles=_apart(obstacles) if row.obstacle != "none" else ())
    run, doubts = _restarted(run, demands)
    counted, unrolled, end = (
        _reading(replace(run, obstacles=()), rolls=False),
        _reading(run, rolls=False),
        _reading(run),
    )
    generous = _reading(replace(run, longest=longest and _roll(longest, make_up=False)), rolls=True, make_up=False)
    unproven, held = _reading(plain), _held(run)
    return Due(
        row=row,
        trigger=trigger,
        start=run.start,
        today=today,
        unrolled=unrolled,
        later=generous if generous > end else None,
        if_unproven=unproven if unproven != end else None,
        longest_from=longest_from,
        longest=longest,
        capped=longest is not None and longest < _reading(replace(run, longest=None)),
        known=known,
        counted=counted,
        held=held,
        reminders=reminders(unrolled, after=max(today, trigger)),
        doubts=(
            *_doubts(run), *doubts, *_of_obstacles(run, obstacles, held), *(("untold",) if known is not None else ())
        ),
        date=end,
    )  # fmt: skip


def reminders(end: date, *, after: date) -> tuple[date, ...]:
    """The days on which to remind of an end not moved for holidays, earliest first, those after `after`."""
    days = (end - timedelta(days=before) for before in REMIND_DAYS)
    return tuple(day for day in days if day > after)


def articles(row: Deadline) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The laws of a row in its order, each once, with the numbers of their articles."""
    laws: dict[str, tuple[str, ...]] = {}
    for source in row.sources:
        laws[source.law] = (*laws.get(source.law, ()), source.article)
    return tuple(laws.items())


def _check(
    row: Deadline,
    trigger: date,
    today: date,
    longest_from: date | None,
    demands: Collection[date],
    obstacles: Collection[Obstacle],
    right_known: date | None,
) -> None:
    """Raises DeadlineError for days that cannot be."""
    told = [day for obstacle in obstacles for day in obstacle if day is not None]
    told += [right_known] if right_known is not None else []
    for day in (trigger, longest_from or trigger, *demands, *told):
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise DeadlineError(f"{day} is not between {_FIRST_YEAR} and {_LAST_YEAR}")
    if longest_from is not None and row.longest is None:
        raise DeadlineError(f"{row.id} has no longest limit")
    if right_known is not None and row.untold is None:
        raise DeadlineError(f"{row.id} runs the same for those whom nobody told of it")
    if longest_from is not None and longest_from > trigger:
        raise DeadlineError(f"the longest limit cannot begin on {longest_from}, after the first day {trigger}")
    if coming := [day for day in demands if day > today]:
        raise DeadlineError(f"a demand on {min(coming)} has not happened yet")
    if coming := [day for day in told if day > today]:
        raise DeadlineError(f"{min(coming)} has not come yet")
    if wrong := [since for since, over in obstacles if over is not None and over < since]:
        raise DeadlineError(f"an obstacle from {min(wrong)} on cannot be over before that day")


def _count(start: date, length: int, unit: Unit, *, make_up: bool = True) -> date:
    """The last day of a limit, not moved."""
    if unit != "working_day":
        return last_day(start, length, unit)
    for _ in range(length):
        start = next_working_day(start, make_up=make_up)
    return start


def _roll(day: date, *, make_up: bool = True) -> date:
    return day if is_working_day(day, make_up=make_up) else next_working_day(day, make_up=make_up)


def _reading(run: _Run, *, rolls: bool | None = None, make_up: bool = True) -> date:
    """The end by one reading of the law: moved for days off as the row says unless `rolls` is given, and never past
    the longest limit. `make_up`: whether a weekend worked for a holiday is a working day, which never gives a later
    end."""
    row = run.row
    end = _count(run.known or run.start, row.length, row.unit, make_up=make_up)
    if run.known is not None and row.untold is not None:
        end = min(end, _count(run.trigger, row.untold.length, row.untold.unit, make_up=make_up))
    for obstacle in run.obstacles:
        end = _after(obstacle, end, run)
    if row.holiday == "rolls" if rolls is None else rolls:
        end = _roll(end, make_up=make_up)
    return end if run.longest is None else min(end, run.longest)


def _apart(obstacles: Collection[Obstacle]) -> tuple[tuple[date, date], ...]:
    """The obstacles that are over, in order, those that overlap made one."""
    found: list[tuple[date, date]] = []
    for since, over in sorted((since, over) for since, over in obstacles if over is not None):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], over))
        else:
            found.append((since, over))
    return tuple(found)


def _after(obstacle: tuple[date, date], end: date, run: _Run) -> date:
    """The end as an obstacle moves it. One that began after the end, itself moved for days off, came too late."""
    since, over = max(obstacle[0], (run.known or run.start) + timedelta(days=1)), obstacle[1]
    if over <= since or since > (_roll(end) if run.row.holiday == "rolls" else end):
        return end
    if run.row.obstacle == "six_months":
        return max(end, last_day(over, 6, "month"))
    # It goes on from the day on which the obstacle was over: that day counts.
    return end + (over - since)


def _held(run: _Run) -> tuple[date, date] | None:
    """The last obstacle that moved the end."""
    end = _reading(run, rolls=False)
    for number in range(len(run.obstacles) - 1, -1, -1):
        if _reading(replace(run, obstacles=run.obstacles[:number]), rolls=False) < end:
            return run.obstacles[number]
    return None


def _restarted(run: _Run, demands: Collection[date]) -> tuple[_Run, tuple[Doubt, ...]]:
    """The limit as counted after every demand that came in time, and what is doubtful about that."""
    after = sorted(day for day in demands if day > run.trigger)
    if run.row.nature == "fixed":
        return run, ("fixed",) if after else ()
    late = False
    for day in after:
        if day <= _reading(run):
            run = replace(run, start=day)
        else:
            late = True
    doubts: tuple[Doubt, ...] = ("unproven",) if run.start != run.trigger else ()
    return run, (*doubts, "late_demand") if late else doubts


def _of_obstacles(run: _Run, obstacles: Collection[Obstacle], held: tuple[date, date] | None) -> tuple[Doubt, ...]:
    """What is doubtful about obstacles. One that goes on is not reckoned with: the earlier date is shown."""
    doubts: tuple[Doubt, ...] = ("held_up",) if held is not None else ()
    if run.row.obstacle != "none" and any(over is None and since <= _reading(run) for since, over in obstacles):
        return (*doubts, "still_held")
    return doubts if held is not None or not obstacles else ("not_held",)


def _doubts(run: _Run) -> tuple[Doubt, ...]:
    """What is doubtful about the end itself."""
    row, longest = run.row, run.longest
    unrolled, end = _reading(run, rolls=False), _reading(run)
    found: list[Doubt] = []
    if row.holiday == "doubtful" and _reading(run, rolls=True) > end:
        found.append("holiday")
    if _reading(run, make_up=False) > end:
        found.append("make_up")
    counts_days_off = row.holiday == "rolls" or row.unit == "working_day"
    first = run.start if row.unit == "working_day" else unrolled
    if counts_days_off and unrolled != longest and not _all_settled(first, end):
        found.append("unpublished")
    capped = longest is not None and longest < _reading(replace(run, longest=None))
    if capped and longest is not None and _roll(longest, make_up=False) > longest:
        found.append("longest")
    return tuple(found)


def _all_settled(first: date, last: date) -> bool:
    return all(settled(first + timedelta(days=number)) for number in range((last - first).days + 1))
