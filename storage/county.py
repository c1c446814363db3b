"""The county: towns, villages, staff, where staff are written to, and their shifts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, or_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Leave, Role, Shift, ShiftPattern, Staff, StaffAddress, StaffVillage, Town, Village


class County:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def town(self, name: str) -> Town:
        """The town of this name; made on first use."""
        found = (await self._session.exec(select(Town).where(Town.name == name))).first()
        if found is None:
            found = Town(name=name)
            self._session.add(found)
            await self._session.flush()
        return found

    async def add_village(self, code: str, name: str, town: str) -> bool:
        """Add a village, or give the one with this code a new name or town. True when it is new."""
        town_id = (await self.town(town)).id
        found = await self.village_by_code(code)
        if found is None:
            self._session.add(Village(code=code, name=name, town_id=town_id))
        else:
            found.name, found.town_id = name, town_id or found.town_id
        await self._session.flush()
        return found is None

    async def village_by_code(self, code: str) -> Village | None:
        return (await self._session.exec(select(Village).where(Village.code == code))).first()

    async def village(self, village_id: int | None) -> Village | None:
        return None if village_id is None else await self._session.get(Village, village_id)

    async def villages(self) -> list[tuple[Village, str]]:
        """Every village with its town's name."""
        query = select(Village, Town.name).join(Town, col(Town.id) == Village.town_id).order_by(col(Village.id))
        return [(village, town) for village, town in (await self._session.exec(query)).all()]

    async def add_staff(self, staff: Staff, villages: Iterable[int] = ()) -> Staff:
        """Keep a member of staff and the villages they serve."""
        self._session.add(staff)
        await self._session.flush()
        self._session.add_all(StaffVillage(staff_id=staff.id, village_id=village) for village in villages)
        await self._session.flush()
        return staff

    async def set_served(self, staff_id: int, villages: Iterable[int]) -> None:
        """The villages on a member of staff's list, instead of those before."""
        await self._session.exec(delete(StaffVillage).where(col(StaffVillage.staff_id) == staff_id))
        self._session.add_all(
            StaffVillage(staff_id=staff_id, village_id=village) for village in dict.fromkeys(villages)
        )
        await self._session.flush()

    async def set_address(self, staff_id: int, channel: str, chat: str) -> None:
        """Say where a member of staff is written to. Raises ValueError when the chat is somebody else's."""
        query = select(StaffAddress).where(StaffAddress.channel == channel, StaffAddress.chat == chat)
        taken = (await self._session.exec(query)).first()
        if taken is not None and taken.staff_id != staff_id:
            raise ValueError(f"{channel} {chat} belongs to staff {taken.staff_id} already")
        own = (
            await self._session.exec(
                select(StaffAddress).where(StaffAddress.staff_id == staff_id, StaffAddress.channel == channel)
            )
        ).first()
        if own is None:
            self._session.add(StaffAddress(staff_id=staff_id, channel=channel, chat=chat))
        else:
            own.chat = chat
        await self._session.flush()

    async def staff(self, staff_id: int | None) -> Staff | None:
        if staff_id is None or not 0 < staff_id < 2**31:
            return None
        return await self._session.get(Staff, staff_id)

    async def staff_at(self, channel: str, chat: str) -> Staff | None:
        """The active member of staff who is written to in this chat."""
        query = (
            select(Staff)
            .join(StaffAddress, col(StaffAddress.staff_id) == Staff.id)
            .where(StaffAddress.channel == channel, StaffAddress.chat == chat, col(Staff.active).is_(True))
        )
        return (await self._session.exec(query)).first()

    async def addresses(self, staff_id: int) -> list[StaffAddress]:
        return list((await self._session.exec(select(StaffAddress).where(StaffAddress.staff_id == staff_id))).all())

    async def all_staff(self) -> list[Staff]:
        return list((await self._session.exec(select(Staff).order_by(col(Staff.id)))).all())

    async def served(self, staff_id: int) -> list[Village]:
        """The villages on a member of staff's list (empty for those who serve all)."""
        query = (
            select(Village)
            .join(StaffVillage, col(StaffVillage.village_id) == Village.id)
            .where(StaffVillage.staff_id == staff_id)
            .order_by(col(Village.id))
        )
        return list((await self._session.exec(query)).all())

    async def serving(self, village_id: int | None) -> list[Staff]:
        """Active staff who serve this village; for an unknown village, those who serve all, else everybody active."""
        query = select(Staff).where(col(Staff.active).is_(True)).order_by(col(Staff.id))
        serves_all = col(Staff.serves_all).is_(True)
        if village_id is not None:
            listed = select(StaffVillage.staff_id).where(StaffVillage.village_id == village_id)
            return list((await self._session.exec(query.where(or_(serves_all, col(Staff.id).in_(listed))))).all())
        for_all = (await self._session.exec(query.where(serves_all))).all()
        return list(for_all or (await self._session.exec(query)).all())

    async def within_reach(self, village_id: int | None) -> list[Staff]:
        """Active staff whom a case of this village may go to: who serve it or its town, have duty for one of them, and
        the county desk; for an unknown village, as `serving`, and the county desk.
        """
        county = col(Staff.role) == Role.COUNTY
        village = await self.village(village_id)
        if village is None:
            desk = (await self._session.exec(select(Staff).where(col(Staff.active).is_(True), county))).all()
            return list({row.id: row for row in [*await self.serving(None), *desk]}.values())
        listed = select(StaffVillage.staff_id).where(StaffVillage.village_id == village.id)
        named = [
            select(table.staff_id).where(
                or_(col(table.village_id) == village.id, col(table.town_id) == village.town_id)
            )
            for table in (Shift, ShiftPattern)
        ]
        near = [county, col(Staff.serves_all).is_(True), col(Staff.town_id) == village.town_id]
        near += [col(Staff.id).in_(ids) for ids in (listed, *named)]
        query = select(Staff).where(col(Staff.active).is_(True), or_(*near)).order_by(col(Staff.id))
        return list((await self._session.exec(query)).all())

    async def with_role(self, role: str, village_id: int | None) -> list[Staff]:
        """Active staff of a role who serve this village; for the county desk its own, else those who serve all."""
        if role != Role.COUNTY:
            return [staff for staff in await self.serving(village_id) if staff.role == role]
        query = select(Staff).where(col(Staff.active).is_(True)).order_by(col(Staff.id))
        desk = (await self._session.exec(query.where(Staff.role == Role.COUNTY))).all()
        return list(desk or (await self._session.exec(query.where(col(Staff.serves_all).is_(True)))).all())

    async def leaves(self, since: datetime, staff_ids: Iterable[int]) -> list[Leave]:
        """Times in which these staff are on no duty, as far as they have not ended at `since`."""
        query = select(Leave).where(col(Leave.ends) > since, col(Leave.staff_id).in_(list(staff_ids)))
        return list((await self._session.exec(query.order_by(col(Leave.starts)))).all())

    async def add_shift(self, staff_id: int, starts: datetime, ends: datetime | None) -> Shift:
        shift = Shift(staff_id=staff_id, starts=starts, ends=ends)
        self._session.add(shift)
        await self._session.flush()
        return shift

    async def remove_shift(self, shift_id: int) -> Shift | None:
        """Take a shift off the roster; the shift as it was, or None when there is none."""
        shift = await self._session.get(Shift, shift_id) if 0 < shift_id < 2**31 else None
        if shift is not None:
            await self._session.delete(shift)
        return shift

    async def shifts(self, since: datetime, staff_ids: Iterable[int] | None = None) -> list[Shift]:
        """Shifts that have not ended at `since`, earliest first; of these staff, or of all."""
        query = select(Shift).where(or_(col(Shift.ends).is_(None), col(Shift.ends) > since))
        if staff_ids is not None:
            query = query.where(col(Shift.staff_id).in_(list(staff_ids)))
        return list((await self._session.exec(query.order_by(col(Shift.starts)))).all())

    async def is_empty(self) -> bool:
        """Whether no county has been set up: no village and no staff."""
        villages = (await self._session.exec(select(func.count()).select_from(Village))).one()
        staff = (await self._session.exec(select(func.count()).select_from(Staff))).one()
        return not villages and not staff
