"""What the commands of the roster share: the options that say what a duty is for, and duties as printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from bot.commands.common import Row, town_named, villages_named
from storage.tables import Leave, Shift, ShiftPattern, Swap
from storage.unit_of_work import UnitOfWork

Command = TypeVar("Command", bound=Callable[..., Any])
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def post(command: Command) -> Command:
    """The options that say what a duty is for."""
    for option in (
        click.option("--on-call", is_flag=True, help="Not at the desk; called for what cannot wait."),
        click.option("--topic", default="", help="For this topic alone: labour, land …"),
        click.option("--town", default="", help="For the villages of this town alone."),
        click.option("--village", default="", help="For this village alone: its code or name."),
    ):
        command = option(command)
    return command


async def place(village: str, town: str, uow: UnitOfWork) -> tuple[int | None, int | None]:
    """The ids of a village and a town by name. Raises click.ClickException."""
    if village and town:
        raise click.UsageError("Say either --village or --town.")
    _, found = await villages_named([village], uow) if village else (False, [])
    return (found[0].id if found else None), await town_named(town, uow)


class Names:
    """The names behind the ids of the rows to print."""

    def __init__(self, staff: Mapping[int, tuple[str, str]], places: Mapping[int, str], towns: Mapping[int, str]):
        self._staff, self._places, self._towns = staff, places, towns

    @classmethod
    async def read(cls, uow: UnitOfWork) -> Names:
        villages = await uow.county.villages()
        return cls(
            {row.id: (row.name, row.role) for row in await uow.county.all_staff()},
            {village.id: village.code for village, _ in villages},
            {village.town_id: town for village, town in villages},
        )

    def name(self, staff_id: int) -> str:
        return self._staff.get(staff_id, ("", ""))[0]

    def role(self, staff_id: int) -> str:
        return self._staff.get(staff_id, ("", ""))[1]

    def post(self, row: Shift | ShiftPattern) -> Row:
        return {
            "village": self._places.get(row.village_id or 0, ""),
            "town": self._towns.get(row.town_id or 0, ""),
            "topic": row.topic,
            "on_call": row.on_call,
        }

    def shift(self, row: Shift) -> Row:
        return {
            "id": row.id, "staff": row.staff_id, "name": self.name(row.staff_id), "from": row.starts, "to": row.ends,
        } | self.post(row)  # fmt: skip

    def pattern(self, row: ShiftPattern) -> Row:
        return {
            "id": row.id,
            "staff": row.staff_id,
            "name": self.name(row.staff_id),
            "role": self.role(row.staff_id),
            "weekdays": [WEEK[day] for day in row.weekdays],
            "begins": row.begins,
            "ends": row.ends,
            "overnight": row.ends <= row.begins,
            "holidays": "off" if row.working_days else "on",
            "first_day": row.first_day,
            "last_day": row.last_day,
        } | self.post(row)

    def leave(self, row: Leave) -> Row:
        return {
            "id": row.id, "staff": row.staff_id, "name": self.name(row.staff_id), "from": row.starts, "to": row.ends,
            "reason": row.reason,
        }  # fmt: skip

    def swap(self, row: Swap) -> Row:
        return {
            "id": row.id, "staff": row.staff_id, "name": self.name(row.staff_id), "with": row.with_id,
            "with_name": self.name(row.with_id), "from": row.starts, "to": row.ends, "state": row.state,
            "asked_at": row.asked_at, "decided_at": row.decided_at,
        }  # fmt: skip
