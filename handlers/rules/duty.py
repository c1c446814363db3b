"""Who is on duty, who is next, and which of several answers first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Duty:
    """One shift: `starts` inclusive, `ends` exclusive; without an end, until further notice. Times are aware.

    For one village, one town or all that its holder serves; `topic` '' for every topic; `on_call`: for what cannot
    wait.
    """

    staff_id: int
    starts: datetime
    ends: datetime | None
    village_id: int | None = None
    town_id: int | None = None
    topic: str = ""
    on_call: bool = False


def on_duty(shifts: Iterable[Duty], now: datetime, serving: Collection[int]) -> tuple[int, ...]:
    """Staff ids on duty now among those who serve, each once, in order of their shifts' beginning."""
    current = (
        shift.staff_id
        for shift in sorted(shifts, key=lambda shift: shift.starts)
        if shift.staff_id in serving and shift.starts <= now and (shift.ends is None or now < shift.ends)
    )
    return tuple(dict.fromkeys(current))


def next_duty(shifts: Iterable[Duty], now: datetime, serving: Collection[int]) -> Duty | None:
    """The shift that begins next among those who serve; None when none is planned."""
    coming = [shift for shift in shifts if shift.staff_id in serving and shift.starts > now]
    return min(coming, key=lambda shift: shift.starts, default=None)


def least_loaded(staff_ids: Collection[int], open_cases: Mapping[int, int]) -> int | None:
    """Who has the fewest open cases; of equals, the first named."""
    return min(staff_ids, key=lambda staff_id: open_cases.get(staff_id, 0), default=None)
