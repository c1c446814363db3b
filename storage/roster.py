"""The roster: weekly patterns, shifts, leave, swaps; the conflict wall's ties; and transfers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import (
    Case,
    CaseEvent,
    CaseStatus,
    Leave,
    Shift,
    ShiftPattern,
    Staff,
    StaffVillage,
    Swap,
    Transfer,
    Village,
    Wall,
)

_HAD = ("claimed", "transfer_accepted")


class Roster:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        # Read once a unit of work: they are asked for whenever somebody may get a case, and changed through here only.
        self._patterns: list[ShiftPattern] | None = None
        self._walls: list[Wall] | None = None

    def _changed(self) -> None:
        self._patterns = self._walls = None

    async def add(self, *rows: ShiftPattern | Leave | Swap | Shift | Wall | Transfer) -> None:
        """Keep rows, so that they have ids."""
        self._changed()
        self._session.add_all(rows)
        await self._session.flush()

    async def patterns(self) -> list[ShiftPattern]:
        if self._patterns is None:
            self._patterns = list((await self._session.exec(select(ShiftPattern).order_by(col(ShiftPattern.id)))).all())
        return self._patterns

    async def remove_pattern(self, pattern_id: int) -> ShiftPattern | None:
        """Take a pattern off the roster; as it was, or None when there is none."""
        found = await self._session.get(ShiftPattern, pattern_id) if 0 < pattern_id < 2**31 else None
        if found is not None:
            self._changed()
            await self._session.delete(found)
        return found

    async def shifts(self, since: datetime, until: datetime) -> list[Shift]:
        """Single shifts that lie at least partly between two moments."""
        query = select(Shift).where(Shift.starts < until, or_(col(Shift.ends).is_(None), col(Shift.ends) > since))
        return list((await self._session.exec(query.order_by(col(Shift.starts)))).all())

    async def leaves(self, since: datetime, until: datetime | None = None) -> list[Leave]:
        """Leave that has not ended at `since`, and has begun before `until`."""
        query = select(Leave).where(Leave.ends > since)
        if until is not None:
            query = query.where(Leave.starts < until)
        return list((await self._session.exec(query.order_by(col(Leave.starts), col(Leave.id)))).all())

    async def leave(self, leave_id: int) -> Leave | None:
        return await self._session.get(Leave, leave_id) if 0 < leave_id < 2**31 else None

    async def remove_leave(self, leave: Leave) -> None:
        """Leave that was never taken."""
        await self._session.delete(leave)

    async def end_sickness(self, staff_id: int, now: datetime) -> int:
        """Somebody is well again: their sick leave ends now. How many were running."""
        query = select(Leave).where(Leave.staff_id == staff_id, Leave.reason == "sick", Leave.ends > now)
        rows = (await self._session.exec(query)).all()
        for row in rows:
            row.ends = max(now, row.starts)
        return len(rows)

    async def swap(self, swap_id: int, *, lock: bool = False) -> Swap | None:
        if not 0 < swap_id < 2**31:
            return None
        return await self._session.get(Swap, swap_id, with_for_update=lock or None, populate_existing=lock)

    async def swaps(self, since: datetime) -> list[Swap]:
        """Swaps of times that have not passed."""
        return list((await self._session.exec(select(Swap).where(Swap.ends > since).order_by(col(Swap.starts)))).all())

    async def walls(self) -> list[Wall]:
        if self._walls is None:
            self._walls = list((await self._session.exec(select(Wall).order_by(col(Wall.id)))).all())
        return self._walls

    async def remove_wall(self, wall_id: int) -> Wall | None:
        """Take back a declared tie; as it was, or None when there is none."""
        found = await self._session.get(Wall, wall_id) if 0 < wall_id < 2**31 else None
        if found is not None:
            self._changed()
            await self._session.delete(found)
        return found

    async def active(self) -> list[Staff]:
        return list((await self._session.exec(select(Staff).where(col(Staff.active)).order_by(col(Staff.id)))).all())

    async def served(self) -> dict[int, frozenset[int]]:
        """The villages on everybody's list, by staff id."""
        found: dict[int, set[int]] = {}
        for staff_id, village_id in (
            await self._session.exec(select(StaffVillage.staff_id, StaffVillage.village_id))
        ).all():
            found.setdefault(staff_id, set()).add(village_id)
        return {staff_id: frozenset(villages) for staff_id, villages in found.items()}

    async def towns(self) -> dict[int, int]:
        """The town of each village."""
        rows = (await self._session.exec(select(Village.id, Village.town_id).order_by(col(Village.id)))).all()
        return dict(rows)

    async def load(self) -> dict[int, int]:
        """How many open cases each member of staff has, or must see to while nobody has them."""
        who = func.coalesce(col(Case.adviser_id), col(Case.owner_id))
        query = select(who, func.count()).where(Case.status != CaseStatus.CLOSED, who.is_not(None)).group_by(who)
        return {int(staff_id): count for staff_id, count in (await self._session.exec(query)).all()}

    async def was_offered(self, case_id: int, staff_id: int) -> bool:
        """Whether a case was offered to somebody, or they are asked to take it over."""
        offered = select(CaseEvent.id).where(
            CaseEvent.case_id == case_id, CaseEvent.staff_id == staff_id, col(CaseEvent.kind).in_(["offered", "owned"])
        )
        asked = select(Transfer.id).where(
            Transfer.case_id == case_id, Transfer.to_id == staff_id, Transfer.state == "asked"
        )
        return any([(await self._session.exec(query.limit(1))).first() is not None for query in (offered, asked)])

    async def last_claims(self) -> dict[int, datetime]:
        """When each adviser last took a case."""
        query = (
            select(Case.adviser_id, func.max(Case.claimed_at))
            .where(col(Case.adviser_id).is_not(None), col(Case.claimed_at).is_not(None))
            .group_by(col(Case.adviser_id))
        )
        rows = (await self._session.exec(query)).all()
        return {adviser: at for adviser, at in rows if adviser is not None and at is not None}

    async def opposed(self, case: Case) -> list[tuple[Case, frozenset[int]]]:
        """The cases of the other side, oldest first: their own name is this one's opponent, or their opponent this
        one's own name. Each with everybody who has or had it.
        """
        sides = [
            column == key
            for column, key in ((col(Case.party_key), case.opponent_key), (col(Case.opponent_key), case.party_key))
            if key
        ]
        if not sides:
            return []
        query = select(Case).where(or_(*sides), col(Case.id) != case.id).order_by(col(Case.id))
        cases = (await self._session.exec(query)).all()
        had: dict[int, set[int]] = {row.id: {row.adviser_id} if row.adviser_id else set() for row in cases}
        if cases:
            events = select(CaseEvent.case_id, CaseEvent.staff_id).where(
                col(CaseEvent.case_id).in_(had), col(CaseEvent.kind).in_(_HAD), col(CaseEvent.staff_id).is_not(None)
            )
            for case_id, staff_id in (await self._session.exec(events)).all():
                if staff_id is not None:
                    had[case_id].add(staff_id)
        return [(row, frozenset(had[row.id])) for row in cases]

    async def owned_waiting(self, staff_id: int) -> list[Case]:
        """Cases nobody has claimed that this member of staff must see to."""
        query = select(Case).where(Case.owner_id == staff_id, Case.status == CaseStatus.WAITING).order_by(col(Case.id))
        return list((await self._session.exec(query)).all())

    async def transfer(self, transfer_id: int, *, lock: bool = False) -> Transfer | None:
        if not 0 < transfer_id < 2**31:
            return None
        return await self._session.get(Transfer, transfer_id, with_for_update=lock or None, populate_existing=lock)

    async def asked_of(self, staff_id: int) -> list[Transfer]:
        """Transfers that wait for this member of staff's word."""
        query = select(Transfer).where(Transfer.to_id == staff_id, Transfer.state == "asked").order_by(col(Transfer.id))
        return list((await self._session.exec(query)).all())

    async def asked_for(self, case_id: int) -> Transfer | None:
        """The transfer of a case that waits for an answer; at most one."""
        query = select(Transfer).where(Transfer.case_id == case_id, Transfer.state == "asked")
        return (await self._session.exec(query.order_by(col(Transfer.id).desc()))).first()

    async def by_feed(self, secret: str) -> Staff | None:
        """Whose calendar feed this secret opens; None for an unknown or empty one."""
        if not secret:
            return None
        query = select(Staff).where(Staff.feed == secret, col(Staff.active).is_(True))
        return (await self._session.exec(query)).first()
