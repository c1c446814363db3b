"""Reminders of legal time limits, day by day: on each midnight it is written down which are due that day.

A limit that is changed, ended or silenced in the course of the day owes nothing; every other one is reminded of once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from storage.tables import Person, RunningDeadline

REMINDER_DAYS = (30, 14, 7, 3, 1)
"""How many days before the last day of a legal time limit it is reminded of."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A limit that is to be reminded of on a day."""

    limit: int
    last_day: date
    day: date


class Reminders:
    """What is owed today, and what was heard: (limit, its last day, local day of the reminder)."""

    def __init__(self) -> None:
        self._owed: list[Owed] = []
        self._heard: dict[tuple[int, date], list[date]] = {}
        self.kept = 0

    def heard(self, dedup: str, day: date) -> tuple[date, int] | None:
        """A villager was told something; of a reminder, the last day and how many days before it that is."""
        parts = dedup.split("/")[0].split(":")
        if parts[0] != "deadline" or len(parts) != 4:
            return None
        last_day = date.fromisoformat(parts[2])
        self._heard.setdefault((int(parts[1]), last_day), []).append(day)
        return last_day, int(parts[3])

    def settle(self, limits: Mapping[int, RunningDeadline], people: Mapping[int, Person]) -> Iterator[tuple[Owed, int]]:
        """At midnight: what was owed and still stands, with how often it was heard on its day."""
        for owed in self._owed:
            limit = limits[owed.limit]
            if self._stands(limit, people) and limit.last_day == owed.last_day:
                times = self._heard.get((owed.limit, owed.last_day), []).count(owed.day)
                self.kept += times == 1
                yield owed, times

    def begin(self, day: date, limits: Sequence[RunningDeadline], people: Mapping[int, Person]) -> None:
        """Write down what is owed on the day that begins."""
        self._owed = [
            Owed(limit.id, limit.last_day, day)
            for limit in limits
            if limit.last_day is not None
            and self._stands(limit, people)
            and limit.last_day - day in {timedelta(days=before) for before in REMINDER_DAYS}
        ]

    @staticmethod
    def _stands(limit: RunningDeadline, people: Mapping[int, Person]) -> bool:
        person = people[limit.person_id]
        return limit.state == "running" and not person.reminders_stopped and person.contact != "none"
