"""When a legal time limit ends, counted from its first day, with everything that makes the date doubtful.

The day of the trigger is not counted (民法典 201); months and years end on the day of the same number or the month's
last (202); an end on a day off moves to the next working day where the row says so (203, 民事诉讼法 85). Where readings
of the law differ, the earlier date is the date, and the doubt is named. Whole days, local to the county.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from faq.deadlines import Deadline, Unit, last_day
from handlers.rules.holidays import is_working_day, next_working_day, settled

Doubt = Literal["holiday", "make_up", "unpublished", "longest", "unproven", "fixed", "late_demand"]
"""Why a date is doubtful; each names a sentence of `deadline.doubt`.

`holiday`: the end is a day off, and the row leaves open whether it moves. `make_up`: it would be later if weekends
worked for a holiday were days off. `unpublished`: weekends alone were counted. `longest`: the longest limit ends on a
day off and is not moved. `unproven`: a demand that restarted it must be proved. `fixed`: a demand does not restart this
limit. `late_demand`: one came after the end, and restarts nothing by itself.
"""
URGENT_DAYS = 7
"""With fewer days left a person is needed, whatever the answer (法律援助法 44 lets aid start first)."""
REMIND_DAYS = (30, 14, 7, 3, 1)
"""Days before the end, not moved for holidays, on which people are reminded."""
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


class DeadlineError(ValueError):
    """The days that were given cannot be: the message says which."""


@dataclass(frozen=True, slots=True)
class Due:
    """A limit worked out, as facts; `deadline.explanation` and `deadline.doubt` put them into words.

    `date` is the last day to act by, `unrolled` the same before moving it for days off. `start` is the day counted
    from: `trigger`, or the last demand that restarted the limit, and then `if_unproven` is the date without any demand.
    `later` is the date by the most generous reading, where that differs. `longest` is the outer limit from
    `longest_from`, and `capped` says that it comes first. `reminders` are still ahead. Courts do not raise a limit by
    themselves (民法典 193), so a past date may be late and is no verdict.
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
) -> Due:
    """When the limit of a row ends that began to run on `trigger`, seen from `today`.

    `longest_from`: the first day of the row's longest limit, when known. `demands`: days on which the claim was
    provably made or admitted (民法典 195), or on which a proceeding over it ended. Raises DeadlineError for days that
    cannot be.
    """
    _check(row, trigger, today, longest_from, demands)
    longest = None
    if row.longest is not None and longest_from is not None:
        longest = _count(longest_from, row.longest.length, row.longest.unit)
    start, doubts = _restarted(row, trigger, demands, longest)
    unrolled, end = _reading(row, start, longest, rolls=False), _reading(row, start, longest)
    generous = _reading(row, start, longest and _roll(longest, make_up=False), rolls=True, make_up=False)
    capped = longest is not None and longest < _reading(row, start, None)
    return Due(
        row=row,
        trigger=trigger,
        start=start,
        today=today,
        unrolled=unrolled,
        later=generous if generous > end else None,
        if_unproven=_reading(row, trigger, longest) if start != trigger else None,
        longest_from=longest_from,
        longest=longest,
        capped=capped,
        reminders=reminders(unrolled, after=max(today, trigger)),
        doubts=(*_doubts(row, start, longest, capped=capped), *doubts),
        date=end,
    )


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


def _check(row: Deadline, trigger: date, today: date, longest_from: date | None, demands: Collection[date]) -> None:
    """Raises DeadlineError for days that cannot be."""
    for day in (trigger, longest_from or trigger, *demands):
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise DeadlineError(f"{day} is not between {_FIRST_YEAR} and {_LAST_YEAR}")
    if longest_from is not None and row.longest is None:
        raise DeadlineError(f"{row.id} has no longest limit")
    if longest_from is not None and longest_from > trigger:
        raise DeadlineError(f"the longest limit cannot begin on {longest_from}, after the first day {trigger}")
    if coming := [day for day in demands if day > today]:
        raise DeadlineError(f"a demand on {min(coming)} has not happened yet")


def _count(start: date, length: int, unit: Unit, *, make_up: bool = True) -> date:
    """The last day of a limit, not moved."""
    if unit != "working_day":
        return last_day(start, length, unit)
    for _ in range(length):
        start = next_working_day(start, make_up=make_up)
    return start


def _roll(day: date, *, make_up: bool = True) -> date:
    return day if is_working_day(day, make_up=make_up) else next_working_day(day, make_up=make_up)


def _reading(
    row: Deadline, start: date, longest: date | None, *, rolls: bool | None = None, make_up: bool = True
) -> date:
    """The end by one reading of the law: moved for days off as the row says unless `rolls` is given, and never past
    `longest`. `make_up`: whether a weekend worked for a holiday is a working day, which never gives a later end."""
    end = _count(start, row.length, row.unit, make_up=make_up)
    if row.holiday == "rolls" if rolls is None else rolls:
        end = _roll(end, make_up=make_up)
    return end if longest is None else min(end, longest)


def _restarted(
    row: Deadline, trigger: date, demands: Collection[date], longest: date | None
) -> tuple[date, tuple[Doubt, ...]]:
    """The day the limit is counted from, after every demand that came in time, and what is doubtful about that."""
    after = sorted(day for day in demands if day > trigger)
    if row.nature == "fixed":
        return trigger, ("fixed",) if after else ()
    start, late = trigger, False
    for day in after:
        if day <= _reading(row, start, longest):
            start = day
        else:
            late = True
    doubts: tuple[Doubt, ...] = ("unproven",) if start != trigger else ()
    return start, (*doubts, "late_demand") if late else doubts


def _doubts(row: Deadline, start: date, longest: date | None, *, capped: bool) -> tuple[Doubt, ...]:
    """What is doubtful about the end itself."""
    unrolled, end = _reading(row, start, longest, rolls=False), _reading(row, start, longest)
    found: list[Doubt] = []
    if row.holiday == "doubtful" and _reading(row, start, longest, rolls=True) > end:
        found.append("holiday")
    if _reading(row, start, longest, make_up=False) > end:
        found.append("make_up")
    counts_days_off = row.holiday == "rolls" or row.unit == "working_day"
    first = start if row.unit == "working_day" else unrolled
    if counts_days_off and unrolled != longest and not _all_settled(first, end):
        found.append("unpublished")
    if capped and longest is not None and _roll(longest, make_up=False) > longest:
        found.append("longest")
    return tuple(found)


def _all_settled(first: date, last: date) -> bool:
    return all(settled(first + timedelta(days=number)) for number in range((last - first).days + 1))
