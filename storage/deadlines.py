"""Legal time limits that run for people."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import update
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Case, CaseStatus, RunningDeadline

OPEN = ("asked", "running")
"""States of a limit that is not over."""


class Deadlines:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, limit: RunningDeadline) -> RunningDeadline:
        """Keep a new limit and give it its id."""
        self._session.add(limit)
        await self._session.flush()
        return limit

    async def get(self, limit_id: int, *, lock: bool = False) -> RunningDeadline | None:
        """The limit with this id; None when there is none. `lock` holds it for this transaction."""
        if not 0 < limit_id < 2**31:
            return None
        return await self._session.get(
            RunningDeadline, limit_id, with_for_update={"key_share": True} if lock else None, populate_existing=lock
        )

    async def find(
        self, person_id: int, matter: str, *, question_id: int | None, case_id: int | None
    ) -> RunningDeadline | None:
        """The person's limit of a matter that came up with this question or in this case."""
        same = [
            column == value
            for column, value in (
                (col(RunningDeadline.question_id), question_id),
                (col(RunningDeadline.case_id), case_id),
            )
            if value is not None
        ] or [col(RunningDeadline.question_id).is_(None) & col(RunningDeadline.case_id).is_(None)]
        query = (
            select(RunningDeadline)
            .where(RunningDeadline.person_id == person_id, RunningDeadline.matter == matter, or_(*same))
            .order_by(col(RunningDeadline.id).desc())
        )
        return (await self._session.exec(query)).first()

    async def of_person(self, person_id: int) -> list[RunningDeadline]:
        """The limits of a person that are not over; those whose day is known first, the nearest end first."""
        query = select(RunningDeadline).where(
            RunningDeadline.person_id == person_id, col(RunningDeadline.state).in_(OPEN)
        )
        return _in_order((await self._session.exec(query)).all())

    async def of_case(self, case_id: int) -> list[RunningDeadline]:
        """The limits of a case that are not over."""
        query = select(RunningDeadline).where(RunningDeadline.case_id == case_id, col(RunningDeadline.state).in_(OPEN))
        return _in_order((await self._session.exec(query)).all())

    async def of_adviser(self, staff_id: int, until: date) -> list[RunningDeadline]:
        """Those of an adviser's open cases whose last day is `until` or earlier, the nearest first."""
        query = (
            select(RunningDeadline)
            .join(Case, col(Case.id) == col(RunningDeadline.case_id))
            .where(
                Case.adviser_id == staff_id,
                Case.status != CaseStatus.CLOSED,
                RunningDeadline.state == "running",
                col(RunningDeadline.last_day) <= until,
            )
        )
        return _in_order((await self._session.exec(query)).all())

    async def running(self) -> list[RunningDeadline]:
        """Every limit that is not over."""
        query = select(RunningDeadline).where(col(RunningDeadline.state).in_(OPEN))
        return _in_order((await self._session.exec(query)).all())

    async def into_case(self, question_id: int, case_id: int) -> None:
        """The limits that came up with a question belong to the case that was made of it."""
        done: Any = (
            update(RunningDeadline)
            .where(col(RunningDeadline.question_id) == question_id, col(RunningDeadline.case_id).is_(None))
            .values(case_id=case_id)
        )
        await self._session.exec(done)


def _in_order(rows: Any) -> list[RunningDeadline]:
    return sorted(rows, key=lambda row: (row.last_day is None, row.last_day or date.max, row.id))
