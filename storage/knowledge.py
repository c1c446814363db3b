"""Versions of knowledge base entries made on the desk, and what people made of an entry's answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.dialect import insert_new
from storage.tables import Counter, EntryStatus, EntryVersion, Person, Question

COUNTER = "knowledge"
OPEN = (EntryStatus.DRAFT, EntryStatus.REVIEW)


class Knowledge:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def revision(self) -> int:
        """A number that changes with every version published or withdrawn; 0 before the first."""
        return (await self._session.exec(select(Counter.value).where(Counter.name == COUNTER))).first() or 0

    async def next_revision(self) -> int:
        """Count one decision. Holds the counter for this transaction: decisions come one after the other."""
        await self._session.exec(insert_new(self._session, Counter, [{"name": COUNTER, "value": 0}], ["name"]))
        await self._session.exec(
            update(Counter).where(col(Counter.name) == COUNTER).values(value=col(Counter.value) + 1)
        )
        return await self.revision()

    async def add(self, row: EntryVersion) -> bool:
        """Keep a new version. False, and nothing kept, when the entry has an open one already in this language."""
        try:
            async with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            return False
        return True

    async def remove(self, row: EntryVersion) -> None:
        """Forget a draft that nobody wants."""
        await self._session.delete(row)

    async def get(self, version_id: int, *, lock: bool = False) -> EntryVersion | None:
        """The version with this number; None when there is none. `lock` holds it for this transaction."""
        if not 0 < version_id < 2**31:
            return None
        return await self._session.get(EntryVersion, version_id, with_for_update=lock or None, populate_existing=lock)

    async def open_version(self, entry_id: str, language: str) -> EntryVersion | None:
        """The entry's draft, or what is before a second lawyer."""
        query = select(EntryVersion).where(
            EntryVersion.entry_id == entry_id, EntryVersion.language == language, col(EntryVersion.status).in_(OPEN)
        )
        return (await self._session.exec(query)).first()

    async def versions(self, entry_id: str, language: str) -> list[EntryVersion]:
        """Every version of an entry, newest first."""
        query = (
            select(EntryVersion)
            .where(EntryVersion.entry_id == entry_id, EntryVersion.language == language)
            .order_by(col(EntryVersion.id).desc())
        )
        return list((await self._session.exec(query)).all())

    async def decided(self) -> list[EntryVersion]:
        """Everything published or withdrawn, in the order it was decided: of an entry the last one counts."""
        query = select(EntryVersion).where(col(EntryVersion.revision).is_not(None)).order_by(col(EntryVersion.revision))
        return list((await self._session.exec(query)).all())

    async def last_decided(self, entry_id: str, language: str) -> EntryVersion | None:
        """The version of an entry that counts; None when only the files have it."""
        query = (
            select(EntryVersion)
            .where(
                EntryVersion.entry_id == entry_id,
                EntryVersion.language == language,
                col(EntryVersion.revision).is_not(None),
            )
            .order_by(col(EntryVersion.revision).desc())
        )
        return (await self._session.exec(query)).first()

    async def open_versions(self) -> list[EntryVersion]:
        """Drafts, and what waits for a second lawyer, oldest first."""
        query = select(EntryVersion).where(col(EntryVersion.status).in_(OPEN)).order_by(col(EntryVersion.id))
        return list((await self._session.exec(query)).all())

    async def questions_of(self, entry_id: str, since: datetime) -> list[Question]:
        """The questions an entry answered since then, oldest first."""
        query = (
            select(Question)
            .where(Question.entry_id == entry_id, col(Question.asked_at) >= since)
            .order_by(col(Question.id))
        )
        return list((await self._session.exec(query)).all())

    async def unanswered(self, since: datetime, limit: int) -> list[tuple[Question, int | None]]:
        """The last questions that no entry answered, or whose answer solved nothing, each with its asker's village."""
        query = (
            select(Question, Person.village_id)
            .join(Person, col(Person.id) == Question.person_id)
            .where(col(Question.asked_at) >= since, or_(Question.entry_id == "", col(Question.solved).is_(False)))
            .order_by(col(Question.id).desc())
            .limit(limit)
        )
        return list((await self._session.exec(query)).all())

    async def asked_counts(self, since: datetime) -> dict[str, int]:
        """How many questions each entry has answered since then."""
        query = (
            select(Question.entry_id, func.count())
            .where(Question.entry_id != "", col(Question.asked_at) >= since)
            .group_by(Question.entry_id)
        )
        return dict((await self._session.exec(query)).all())
