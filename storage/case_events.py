"""What was decided about cases, in order; never changed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import CaseEvent


class CaseEvents:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def record(
        self,
        case_id: int,
        kind: str,
        at: datetime,
        *,
        staff_id: int | None = None,
        by: int | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Keep that something was decided: whom it concerns, and by whom if not by the clock."""
        self._session.add(
            CaseEvent(case_id=case_id, kind=kind, at=at, staff_id=staff_id, by_staff_id=by, detail=detail or {})
        )
        await self._session.flush()

    async def of_case(self, case_id: int, kinds: Collection[str] = ()) -> list[CaseEvent]:
        """A case's events, oldest first; of these kinds, or all."""
        query = select(CaseEvent).where(CaseEvent.case_id == case_id)
        if kinds:
            query = query.where(col(CaseEvent.kind).in_(list(kinds)))
        return list((await self._session.exec(query.order_by(col(CaseEvent.id)))).all())

    async def last(self, case_id: int, kinds: Collection[str]) -> CaseEvent | None:
        """The newest of a case's events of these kinds."""
        query = (
            select(CaseEvent)
            .where(CaseEvent.case_id == case_id, col(CaseEvent.kind).in_(list(kinds)))
            .order_by(col(CaseEvent.id).desc())
        )
        return (await self._session.exec(query)).first()
