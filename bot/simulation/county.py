"""The simulated county: towns, villages, advisers, directors, a county desk; and its roster, published week by week."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from bot.simulation.plan import TOWN_VILLAGES, Plan
from storage.tables import Leave, Role, Shift, Staff, Swap
from storage.unit_of_work import UnitOfWork

CHANNEL = "web"
SERVED = 5
"""The most villages an adviser serves."""

OPENS, CLOSES, NIGHT = time(8, 30), time(17, 30), time(21, 0)


@dataclass(slots=True)
class Member:
    """A member of staff. `silent`: answers no page; `away`: times in which they do nothing at all."""

    staff_id: int
    chat: str
    role: Role
    town: int | None
    silent: bool = False
    away: list[tuple[datetime, datetime]] = field(default_factory=list)


@dataclass(slots=True)
class County:
    """Who is there. `codes`: the villages' codes in order."""

    codes: list[str]
    names: list[str]
    members: list[Member]

    def of(self, role: Role) -> list[Member]:
        return [member for member in self.members if member.role is role]


async def make_county(plan: Plan, uow: UnitOfWork) -> County:
    """Put a county of the plan's size into an empty database. Commits nothing."""
    chance = plan.stream("county")
    county = County([f"v{number}" for number in range(plan.villages)], [], [])
    for number, code in enumerate(county.codes):
        town = number // TOWN_VILLAGES
        county.names.append(f"第{number + 1}村")
        await uow.county.add_village(code, county.names[-1], f"第{town + 1}镇")
    villages = [village for village, _ in await uow.county.villages()]
    for first in range(0, plan.villages, SERVED):
        served = [village.id for village in villages[first : first + SERVED]]
        member = await _member(f"顾问{first // SERVED + 1}", Role.ADVISER, villages[first].town_id, served, uow)
        member.silent = chance.random() < 0.04
        await _absences(member, plan, chance, uow)
        county.members.append(member)
    for first in range(0, plan.villages, TOWN_VILLAGES):
        served = [village.id for village in villages[first : first + TOWN_VILLAGES]]
        name = f"主任{first // TOWN_VILLAGES + 1}"
        county.members.append(await _member(name, Role.DIRECTOR, villages[first].town_id, served, uow))
    for number in range(max(2, plan.villages // 50)):
        county.members.append(await _member(f"县局{number + 1}", Role.COUNTY, None, [], uow))
    return county


async def _member(name: str, role: Role, town: int | None, served: list[int], uow: UnitOfWork) -> Member:
    row = Staff(name=name, role=role, serves_all=role is Role.COUNTY, town_id=town)
    staff = await uow.county.add_staff(row, served)
    chat = f"staff-{staff.id}"
    await uow.county.set_address(staff.id, CHANNEL, chat)
    return Member(staff.id, chat, role, town)


async def _absences(member: Member, plan: Plan, chance: Random, uow: UnitOfWork) -> None:
    """Some take leave for days, some fall ill in the middle of a shift."""
    for reason, share, most, at in (("leave", 0.15, 5, time(0)), ("sick", 0.15, 2, time(11))):
        if plan.days < 2 or chance.random() >= share:
            continue
        starts = plan.moment(chance.randrange(plan.days), at)
        ends = starts + timedelta(days=chance.randint(1, most))
        member.away.append((starts, ends))
        uow.session.add(Leave(staff_id=member.staff_id, starts=starts, ends=ends, reason=reason))


async def publish_week(plan: Plan, county: County, monday: int, uow: UnitOfWork) -> int:
    """Put the week from day `monday` on the roster, with the swaps that were agreed. Returns how many swaps."""
    chance = plan.stream(f"week:{monday}")
    desk, swaps = county.of(Role.COUNTY), 0
    for day in range(monday, min(monday + 7, plan.days + 7)):
        weekend = day % 7 >= 5
        on_call = desk[day % len(desk)]
        if weekend:
            _shift(on_call, plan.moment(day, OPENS), plan.moment(day + 1, OPENS), uow, on_call=True)
            continue
        _shift(on_call, plan.moment(day, CLOSES), plan.moment(day + 1, OPENS), uow, on_call=True)
        for director in county.of(Role.DIRECTOR):
            _shift(director, plan.moment(day, OPENS), plan.moment(day, NIGHT), uow)
        for adviser in county.of(Role.ADVISER):
            holder = adviser
            others = [one for one in county.of(Role.ADVISER) if one.town == adviser.town and one is not adviser]
            starts, ends = plan.moment(day, OPENS), plan.moment(day, CLOSES)
            if others and chance.random() < 0.02:
                holder, swaps = chance.choice(others), swaps + 1
                _swap(adviser, holder, starts, ends, uow)
            _shift(holder, starts, ends, uow)
    return swaps


def _shift(member: Member, starts: datetime, ends: datetime, uow: UnitOfWork, *, on_call: bool = False) -> None:
    uow.session.add(Shift(staff_id=member.staff_id, starts=starts, ends=ends, on_call=on_call))


def _swap(asks: Member, takes: Member, starts: datetime, ends: datetime, uow: UnitOfWork) -> None:
    asked = starts - timedelta(days=2)
    uow.session.add(
        Swap(
            staff_id=asks.staff_id,
            with_id=takes.staff_id,
            starts=starts,
            ends=ends,
            state="accepted",
            asked_at=asked,
            decided_at=asked + timedelta(hours=1),
        )
    )
