"""What the desk's pages show of a case and of what was said in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bot.desk.service import clock_lines
from handlers.rules.clocks import in_words, late_by
from handlers.turn import House
from storage.tables import Case, CaseStatus, Message, Outbox
from storage.unit_of_work import UnitOfWork

SECTIONS = ("waiting", "mine", "closed")
"""The lists of the desk; each is also a filter."""
BEGINNING = 80
"""How many characters of the villager's first words a list shows."""


def in_order(cases: Iterable[Case]) -> list[Case]:
    """Urgent ones first; then those without an answer yet, the one promised soonest first."""
    return sorted(cases, key=lambda case: (not case.urgent, case.answered_at is not None, case.answer_due))


async def card(case: Case, house: House, uow: UnitOfWork, now: datetime) -> dict[str, Any]:
    """A case at a glance."""
    village = await uow.county.village(case.village_id)
    said = [row for row in await uow.people.of_case(case.id) if row.author == "villager" and row.text]
    closed = case.status == CaseStatus.CLOSED
    late = None if closed else late_by(case.answer_due, case.answered_at, now)
    return {
        "number": case.id,
        "urgent": case.urgent and not closed,
        "status": case.status,
        "village": village.name if village else "",
        "age": in_words(now - ((case.closed_at if closed else None) or case.opened_at)),
        "ending": case.outcome,
        "due": house.local(case.answer_due) if not closed and case.answered_at is None else None,
        "clocks": await clock_lines(case, uow, now),
        "late": in_words(late) if late is not None else None,
        "begins": said[0].text[:BEGINNING] + ("…" if len(said[0].text) > BEGINNING else "") if said else "",
    }


def row(message: Message, delivery: Outbox | None, house: House) -> dict[str, Any]:
    """One message of a case's history, with what became of it when it was ours."""
    return {
        "author": {"villager": "villager", "staff": "adviser"}.get(message.author, "bot"),
        "kind": message.kind,
        "text": message.text,
        "changed": message.edit_of is not None,
        "said": house.local(message.said_at),
        "file": message.blob_id,
        "file_kind": message.blob_kind,
        "file_name": message.blob_name,
        "delivery": (delivery.outcome, delivery.unknown) if delivery else None,
    }
