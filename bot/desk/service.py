"""What the desk shows of a case's service clocks, and of what was decided about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from handlers import advising
from handlers.rules.clocks import in_words
from handlers.rules.service import Kind
from handlers.turn import House
from storage.tables import Case, Staff
from storage.unit_of_work import UnitOfWork

SHOWN = frozenset(
    {
        "warned", "breached", "moved_on", "claimed", "released", "paused", "resumed", "extend_asked", "extended",
        "extend_refused",
    }
)  # fmt: skip
"""The kinds of events that stand on a case's page."""


async def clock_lines(case: Case, uow: UnitOfWork, now: datetime) -> list[dict[str, Any]]:
    """The promises that run, the one due soonest first; a late first answer is marked on the card already."""
    lines = []
    for clock in await uow.clocks.running(case.id):
        state = "paused" if clock.paused_at is not None else "late" if clock.due < now else "running"
        if state == "late" and clock.kind != Kind.RESULT and case.answered_at is None and clock.due >= case.answer_due:
            continue
        lines.append({"kind": clock.kind, "state": state, "span": in_words(abs(clock.due - now))})
    return lines


async def event_lines(case: Case, house: House, uow: UnitOfWork) -> list[dict[str, Any]]:
    """What was decided about a case, oldest first: when, and the values of its wording."""
    lines = []
    for event in await uow.events.of_case(case.id):
        if event.kind not in SHOWN:
            continue
        name, by = await uow.county.staff(event.staff_id), await uow.county.staff(event.by_staff_id)
        detail = event.detail
        values = {
            "kind": event.kind, "name": name.name if name else "", "by": by.name if by else "",
            "clock_kind": detail.get("clock", Kind.CLAIM), "step": detail.get("step", ""),
            "reason": detail.get("reason") or detail.get("why", ""),
        }  # fmt: skip
        lines.append({"at": house.local(event.at), "words": values})
    return lines


async def late_cases(staff: Staff, uow: UnitOfWork, now: datetime) -> list[Case]:
    """The cases with a broken promise that this member of staff may see, the longest late first, each once."""
    found = {case.id: case for _, case in await uow.clocks.late(now)}
    return [case for case in found.values() if await advising.open_to(case.id, staff, uow) is not None]
