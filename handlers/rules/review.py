"""Who may publish an entry, what stands in the way, and how an entry has done. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from faq.laws import answers_on_old_law
from faq.model import Entry

DECIDING_ROLES = frozenset({"adviser", "legal_worker", "director", "county"})
"""Who confirms an entry, or takes it out of use; everybody on the staff may draft."""
SOON = timedelta(days=30)
"""How long before its review date an entry is marked."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of an entry. `kind` names a text of `knowledge.fault`; `found` what was there."""

    field: str
    kind: str
    found: str = ""


def may_decide(role: str) -> bool:
    """Whether this role approves, withdraws and restores."""
    return role in DECIDING_ROLES


def against_approval(*, status: str, role: str, is_author: bool) -> str:
    """Why somebody may not approve a version: the key of a refusal, '' when they may. Four eyes see every entry."""
    if status != "review":
        return "not_in_review"
    if not may_decide(role):
        return "not_a_lawyer"
    return "own_draft" if is_author else ""


def year_on(day: date) -> date:
    """The same day a year on; 29 February becomes the 28th."""
    last = calendar.monthrange(day.year + 1, day.month)[1]
    return date(day.year + 1, day.month, min(day.day, last))


def restores_at_once(*, status: str, approved: bool, review_by: date, today: date) -> bool:
    """Whether an older version comes back without another look: a second lawyer has seen it, and its date holds."""
    return status == "published" and approved and today <= review_by


def review_mark(review_by: date, today: date) -> Literal["past", "soon", ""]:
    """Whether an entry no longer answers because its review date is past, or soon will not."""
    if today > review_by:
        return "past"
    return "soon" if today > review_by - SOON else ""


def faults(entry: Entry, *, known: Collection[str], deadlines: Collection[str], today: date) -> tuple[Fault, ...]:
    """What keeps a well-formed entry from being published. `known`: ids of other entries; `deadlines`: of the table."""
    found = [Fault("related", "no_entry", other) for other in entry.related if other not in {*known, entry.id}]
    found += [Fault("deadlines", "no_deadline", name) for name in entry.deadlines if name not in deadlines]
    if entry.review_by < today:
        found.append(Fault("review_by", "past", entry.review_by.isoformat()))
    if entry.checked_on > today + timedelta(days=1):
        found.append(Fault("checked_on", "future", entry.checked_on.isoformat()))
    if answers_on_old_law(entry):
        found.append(Fault("risk", "old_law"))
    return tuple(found)


@dataclass(slots=True)
class Month:
    """How an entry did in one month: how often asked, and of these solved, not solved, handed to a person."""

    asked: int = 0
    solved: int = 0
    not_solved: int = 0
    handed_over: int = 0


def by_month(questions: Iterable[tuple[date, bool | None, bool]]) -> dict[tuple[int, int], Month]:
    """Each question as (local day, solved or unknown, handed over) -> by (year, month), newest first."""
    months: dict[tuple[int, int], Month] = {}
    for day, solved, handed_over in questions:
        month = months.setdefault((day.year, day.month), Month())
        month.asked += 1
        month.solved += solved is True
        month.not_solved += solved is False
        month.handed_over += handed_over
    return dict(sorted(months.items(), reverse=True))
