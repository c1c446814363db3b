"""Cases: opened, claimed by one adviser, closed, reopened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Case, CaseStatus


class Cases:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open(self, case: Case) -> Case:
        """Keep a new case and give it its number."""
        self._session.add(case)
        await self._session.flush()
        return case

    async def get(self, number: int, *, lock: bool = False) -> Case | None:
        """The case with this number; None when there is none. `lock` holds it for this transaction."""
        if not 0 < number < 2**31:
            return None
        return await self._session.get(
            Case, number, with_for_update={"key_share": True} if lock else None, populate_existing=lock
        )

    async def open_of(self, person_id: int) -> Case | None:
        """The person's case that is not closed, the newest if several."""
        query = (
            select(Case)
            .where(Case.person_id == person_id, Case.status != CaseStatus.CLOSED)
            .order_by(col(Case.id).desc())
        )
        return (await self._session.exec(query)).first()

    async def all_of(self, person_id: int) -> list[Case]:
        """All cases of a person, newest first."""
        query = select(Case).where(Case.person_id == person_id).order_by(col(Case.id).desc())
        return list((await self._session.exec(query)).all())

    async def claim(self, number: int, staff_id: int, now: datetime) -> bool:
        """Give a waiting case to an adviser; False when somebody has it already. Of two at once, one wins."""
        done: Any = await self._session.exec(
            update(Case)
            .where(col(Case.id) == number, col(Case.status) == CaseStatus.WAITING, col(Case.adviser_id).is_(None))
            .values(status=CaseStatus.CLAIMED, adviser_id=staff_id, claimed_at=now)
        )
        return bool(done.rowcount)

    async def release(self, case: Case) -> None:
        """Put a claimed case back to those that wait. The caller holds it locked."""
        case.status, case.adviser_id, case.claimed_at = CaseStatus.WAITING, None, None
        await self._session.flush()

    async def waiting(self) -> list[Case]:
        """Cases nobody has claimed, urgent ones first, then oldest."""
        query = (
            select(Case).where(Case.status == CaseStatus.WAITING).order_by(col(Case.urgent).desc(), col(Case.opened_at))
        )
        return list((await self._session.exec(query)).all())

    async def of_adviser(self, staff_id: int) -> list[Case]:
        """The cases an adviser has claimed and not closed, oldest first."""
        query = (
            select(Case)
            .where(Case.adviser_id == staff_id, Case.status == CaseStatus.CLAIMED)
            .order_by(col(Case.opened_at))
        )
        return list((await self._session.exec(query)).all())

    async def closed(self, limit: int = 50) -> list[Case]:
        """The cases closed last."""
        query = select(Case).where(Case.status == CaseStatus.CLOSED).order_by(col(Case.closed_at).desc()).limit(limit)
        return list((await self._session.exec(query)).all())

    async def listed(self) -> list[Case]:
        return list((await self._session.exec(select(Case).order_by(col(Case.id)))).all())

    async def load(self) -> dict[int, int]:
        """How many open cases each adviser has, by staff id."""
        query = (
            select(Case.adviser_id, func.count())
            .where(Case.status == CaseStatus.CLAIMED, col(Case.adviser_id).is_not(None))
            .group_by(col(Case.adviser_id))
        )
        return {adviser: count for adviser, count in (await self._session.exec(query)).all() if adviser is not None}

    async def counts(self) -> dict[str, int]:
        rows = await self._session.exec(select(Case.status, func.count()).group_by(Case.status))
        return dict(rows.all())
