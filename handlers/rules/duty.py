"""A duty, and which of several on duty answers first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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


def least_loaded(staff_ids: Collection[int], open_cases: Mapping[int, int]) -> int | None:
    """Who has the fewest open cases; of equals, the first named."""
    return min(staff_ids, key=lambda staff_id: open_cases.get(staff_id, 0), default=None)
