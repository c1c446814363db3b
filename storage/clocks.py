"""Service clocks. A clock is changed only by whoever holds its case locked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Case, CaseStatus, Clock, Leave, Staff


class Clocks:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def start(
        self, case_id: int, kind: str, round_: int, started: datetime, due: datetime, next_look: datetime
    ) -> Clock:
        """Start a clock; one of this kind and round that was met runs anew, one that runs goes on as it is."""
        query = select(Clock).where(Clock.case_id == case_id, Clock.kind == kind, Clock.round == round_)
        clock = (await self._session.exec(query)).first()
        if clock is None:
            clock = Clock(case_id=case_id, kind=kind, round=round_, started_at=started, due=due, next_look=next_look)
            self._session.add(clock)
        elif clock.met_at is not None:
            clock.started_at, clock.due, clock.next_look = started, due, next_look
            clock.step, clock.met_at, clock.breached_at, clock.paused_at = 0, None, None, None
            clock.extended = False
        await self._session.flush()
        return clock

    async def running(self, case_id: int) -> list[Clock]:
        """The clocks of a case whose promise is not kept yet, the one due soonest first."""
        query = (
            select(Clock)
            .where(Clock.case_id == case_id, col(Clock.met_at).is_(None))
            .order_by(col(Clock.due), col(Clock.id))
        )
        return list((await self._session.exec(query)).all())

    async def take_due(self, now: datetime) -> tuple[Clock, Case] | None:
        """Lock, for this transaction, the clock that has waited longest for a look, and its case; or one whose adviser
        has gone. None when there is none, or other workers have them all.
        """
        for condition in (self._due(now), self._gone(now)):
            query = (
                select(Clock, Case)
                .join(Case, col(Case.id) == Clock.case_id)
                .where(condition)
                .order_by(col(Clock.next_look), col(Clock.id))
                .limit(1)
                .with_for_update(of=[Clock, Case], skip_locked=True, key_share=True)
                .execution_options(populate_existing=True)
            )
            if found := (await self._session.exec(query)).first():
                return found
        return None

    async def is_due(self, now: datetime) -> bool:
        """Whether any clock waits for a look."""
        due = select(Clock.id).where(self._due(now)).limit(1)
        gone = select(Clock.id).join(Case, col(Case.id) == Clock.case_id).where(self._gone(now)).limit(1)
        for query in (due, gone):
            if (await self._session.exec(query)).first() is not None:
                return True
        return False

    def _due(self, now: datetime) -> ColumnElement[bool]:
        """Its next look has come."""
        return and_(col(Clock.met_at).is_(None), col(Clock.next_look) <= now)

    def _gone(self, now: datetime) -> ColumnElement[bool]:
        """An answer is owed by somebody who has left or is on leave, and nobody else has been asked (step 2) yet."""
        inactive = select(Staff.id).where(col(Staff.active).is_(False))
        absent = select(Leave.staff_id).where(col(Leave.starts) <= now, col(Leave.ends) > now)
        return and_(
            col(Clock.met_at).is_(None),
            col(Clock.kind).in_(["first_answer", "reopening"]),
            col(Clock.step) < 2,
            col(Case.status) == CaseStatus.CLAIMED,
            or_(col(Case.adviser_id).in_(inactive), col(Case.adviser_id).in_(absent)),
        )

    async def put_off(self, clock_id: int, until: datetime) -> None:
        """Look later at a clock that cannot be worked on now."""
        clock = await self._session.get(Clock, clock_id, with_for_update=True)
        if clock is not None:
            clock.next_look = until

    async def late(self, now: datetime) -> list[tuple[Clock, Case]]:
        """Promises that are broken and still not kept, the oldest first; those that wait for the villager are not."""
        query = (
            select(Clock, Case)
            .join(Case, col(Case.id) == Clock.case_id)
            .where(
                col(Clock.met_at).is_(None), col(Clock.paused_at).is_(None), col(Clock.due) < now,
                Case.status != CaseStatus.CLOSED,
            )
            .order_by(col(Clock.due), col(Clock.id))
        )  # fmt: skip
        return list((await self._session.exec(query)).all())

    async def counts(self, now: datetime) -> dict[tuple[str, str], int]:
        """How many run, by kind and by 'running', 'late' or 'paused'."""
        running = [col(Clock.met_at).is_(None)]
        states: dict[str, Sequence[ColumnElement[bool]]] = {
            "running": [col(Clock.paused_at).is_(None), col(Clock.due) >= now],
            "late": [col(Clock.paused_at).is_(None), col(Clock.due) < now],
            "paused": [col(Clock.paused_at).is_not(None)],
        }
        found: dict[tuple[str, str], int] = {}
        for state, conditions in states.items():
            query = select(Clock.kind, func.count()).where(*running, *conditions).group_by(Clock.kind)
            found |= {(kind, state): count for kind, count in (await self._session.exec(query)).all()}
        return found
