"""The life of an entry on the desk: drafted, looked at by a second lawyer, published, withdrawn, restored.

What is published or withdrawn lies over the files (see faq/base.py) as soon as it is committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import ValidationError

from faq.deadlines import deadline_ids
from faq.model import Entry
from handlers.rules import entry_form
from handlers.rules.review import Fault, against_approval, faults, may_decide, restores_at_once, year_on
from handlers.turn import House
from storage.tables import EntryStatus, EntryVersion, Staff
from storage.unit_of_work import UnitOfWork

LONGEST_NOTE = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """What came of a step: `said` for whoever took it (`key`: its text), and faults by field if not done."""

    done: bool
    said: str
    row: EntryVersion | None = None
    faults: tuple[Fault, ...] = ()
    key: str = ""


def _step(house: House, staff: Staff, key: str, row: EntryVersion | None = None, **values: object) -> Step:
    return Step(True, house.wording.say(f"knowledge.{key}", staff.language, **values), row, key=key)


def _refusal(house: House, staff: Staff, key: str, **values: object) -> Step:
    return Step(False, house.wording.say(f"knowledge.no_{key}", staff.language, **values))


def _faulty(house: House, staff: Staff, found: tuple[Fault, ...]) -> Step:
    return Step(False, house.wording.say("knowledge.no_faults", staff.language, count=len(found)), None, found)


def today(house: House, now: datetime) -> date:
    """The local day."""
    return house.local(now).date()


def _publishable(entry: Entry, house: House, now: datetime) -> tuple[Fault, ...]:
    known = {other.id for other in house.matcher.entries}
    return faults(entry, known=known, deadlines=deadline_ids(), today=today(house, now))


def entry_of(row: EntryVersion) -> Entry | None:
    """The text of a version; None for a row that was damaged."""
    try:
        return Entry.model_validate(row.body)
    except ValidationError:
        return None


def _version(entry: Entry, author: Staff | None, now: datetime) -> EntryVersion:
    return EntryVersion(
        entry_id=entry.id, language=entry.language, version=entry.version, body=entry.model_dump(mode="json"),
        author_id=author.id if author else None, created_at=now,
    )  # fmt: skip


def _put(row: EntryVersion, entry: Entry) -> None:
    row.version, row.body = entry.version, entry.model_dump(mode="json")


async def _name(staff_id: int | None, uow: UnitOfWork) -> str:
    staff = await uow.county.staff(staff_id)
    return staff.name if staff else ""


async def new_draft(
    fields: Mapping[str, str], staff: Staff, house: House, uow: UnitOfWork, now: datetime, *, fresh: bool
) -> Step:
    """Keep a new draft. `fresh`: from scratch, so that its id must not be taken; else from the present text."""
    entry, found = entry_form.read(fields)
    if entry is None:
        return _faulty(house, staff, found)
    if fresh and any((row.id, row.language) == (entry.id, entry.language) for row in house.matcher.entries):
        return _faulty(house, staff, (Fault("id", "taken", entry.id),))
    return await keep(entry, staff, house, uow, now)


async def keep(entry: Entry, author: Staff | None, house: House, uow: UnitOfWork, now: datetime) -> Step:
    """Keep an entry as a draft; refused while another version of it is open."""
    reader = author or Staff(name="", role="", language="en")
    row = _version(entry, author, now)
    if not await uow.knowledge.add(row):
        other = await uow.knowledge.open_version(entry.id, entry.language)
        return _refusal(
            house, reader, "open_already", id=entry.id, author=await _name(other.author_id if other else None, uow)
        )
    return _step(house, reader, "kept", row)


async def change_draft(
    version_id: int, edits: int, fields: Mapping[str, str], staff: Staff, house: House, uow: UnitOfWork, now: datetime
) -> Step:
    """Save a draft again. `edits` is the count when the form was opened: another window's save is not overwritten."""
    row = await uow.knowledge.get(version_id, lock=True)
    if row is None or row.status != EntryStatus.DRAFT:
        return _refusal(house, staff, "not_a_draft")
    if row.author_id not in {None, staff.id}:
        return _refusal(house, staff, "not_yours", author=await _name(row.author_id, uow))
    if row.edits != edits:
        return _refusal(house, staff, "changed_meanwhile")
    entry, found = entry_form.read({**fields, "id": row.entry_id, "language": row.language})
    if entry is None:
        return _faulty(house, staff, found)
    _put(row, entry)
    row.author_id, row.edits = staff.id, row.edits + 1
    return _step(house, staff, "kept", row)


async def send_to_review(version_id: int, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> Step:
    """Put a draft before a second lawyer, once nothing stands in the way of publishing it."""
    row = await uow.knowledge.get(version_id, lock=True)
    if row is None or row.status != EntryStatus.DRAFT:
        return _refusal(house, staff, "not_a_draft")
    if row.author_id not in {None, staff.id}:
        return _refusal(house, staff, "not_yours", author=await _name(row.author_id, uow))
    entry = entry_of(row)
    found = (Fault("id", "wrong"),) if entry is None else _publishable(entry, house, now)
    if found:
        return _faulty(house, staff, found)
    row.author_id, row.status, row.note = staff.id, EntryStatus.REVIEW, ""
    return _step(house, staff, "sent", row)


async def approve(version_id: int, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> Step:
    """Publish a version, as a lawyer other than its author: it says who confirmed it, and holds for a year."""
    row = await uow.knowledge.get(version_id, lock=True)
    if row is None:
        return _refusal(house, staff, "such_version")
    if refusal := against_approval(status=row.status, role=staff.role, is_author=row.author_id == staff.id):
        return _refusal(house, staff, refusal)
    entry = entry_of(row)
    if entry is None:
        return _faulty(house, staff, (Fault("id", "wrong"),))
    day = today(house, now)
    confirmed = {"reviewed_by": staff.role, "reviewed_on": day, "review_by": year_on(day)}
    # Validated anew, not copied: the hash of the content is cached on the model, and dates must agree.
    entry = Entry.model_validate({**entry.model_dump(), **confirmed})
    if found := _publishable(entry, house, now):
        return _faulty(house, staff, found)
    _put(row, entry)
    row.status, row.reviewer_id, row.note = EntryStatus.PUBLISHED, staff.id, ""
    row.decided_at, row.revision = now, await uow.knowledge.next_revision()
    return _step(house, staff, "published", row)


async def send_back(version_id: int, note: str, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> Step:
    """Give a version back to its author, with a word why; the author may take it back as well."""
    row = await uow.knowledge.get(version_id, lock=True)
    if row is None or row.status != EntryStatus.REVIEW:
        return _refusal(house, staff, "not_in_review")
    note = entry_form.clean(note)[:LONGEST_NOTE]
    if row.author_id != staff.id:
        if not may_decide(staff.role):
            return _refusal(house, staff, "not_a_lawyer")
        if not note:
            return _refusal(house, staff, "note")
    row.status, row.note = EntryStatus.DRAFT, note
    return _step(house, staff, "sent_back", row)


async def discard(version_id: int, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> Step:
    """Throw a draft away: its author, or a lawyer where the author has left."""
    row = await uow.knowledge.get(version_id, lock=True)
    if row is None or row.status != EntryStatus.DRAFT:
        return _refusal(house, staff, "not_a_draft")
    if row.author_id != staff.id and not may_decide(staff.role):
        return _refusal(house, staff, "not_a_lawyer")
    await uow.knowledge.remove(row)
    return _step(house, staff, "discarded")


async def withdraw(entry_id: str, note: str, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> Step:
    """Take an entry out of use in every language, wherever it comes from. One lawyer is enough: it is the safe way."""
    if not may_decide(staff.role):
        return _refusal(house, staff, "not_a_lawyer")
    note = entry_form.clean(note)[:LONGEST_NOTE]
    if not note:
        return _refusal(house, staff, "note")
    last = None
    for entry in [entry for entry in house.matcher.entries if entry.id == entry_id]:
        number = await uow.knowledge.next_revision()
        before = await uow.knowledge.last_decided(entry_id, entry.language)
        if before is not None and before.status == EntryStatus.WITHDRAWN:
            continue
        last = _version((entry_of(before) if before is not None else None) or entry, staff, now)
        last.status, last.revision, last.note = EntryStatus.WITHDRAWN, number, note
        last.reviewer_id, last.decided_at = staff.id, now
        await uow.knowledge.add(last)
    if last is None:
        return _refusal(house, staff, "entry")
    return _step(house, staff, "withdrawn", last)


async def restore(version_id: int, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> Step:
    """Bring an older version back: at once where a second lawyer has seen it and it still holds, else to review."""
    if not may_decide(staff.role):
        return _refusal(house, staff, "not_a_lawyer")
    old = await uow.knowledge.get(version_id)
    entry = entry_of(old) if old is not None and old.revision is not None else None
    if old is None or entry is None:
        return _refusal(house, staff, "such_version")
    row = _version(entry, staff, now)
    if restores_at_once(
        status=old.status, approved=old.reviewer_id is not None and old.reviewer_id != old.author_id,
        review_by=entry.review_by, today=today(house, now),
    ):  # fmt: skip
        if found := _publishable(entry, house, now):
            return _faulty(house, staff, found)
        number = await uow.knowledge.next_revision()
        row.status, row.revision, row.decided_at = EntryStatus.PUBLISHED, number, now
        row.reviewer_id = old.reviewer_id
        await uow.knowledge.add(row)
        return _step(house, staff, "published", row)
    row.status = EntryStatus.REVIEW
    if not await uow.knowledge.add(row):
        other = await uow.knowledge.open_version(entry.id, entry.language)
        return _refusal(
            house, staff, "open_already", id=entry.id, author=await _name(other.author_id if other else None, uow)
        )
    return _step(house, staff, "sent", row)
