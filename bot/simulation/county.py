"""The simulated county: towns, villages, advisers, directors, a county desk; and its roster, published week by week."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from bot.simulation.plan import FIRST_DAY, TOWN_VILLAGES, Plan
from storage.tables import Leave, Role, Shift, ShiftPattern, Staff
from storage.unit_of_work import UnitOfWork

CHANNEL = "web"
SERVED = 5
"""The most villages an adviser serves."""

OPENS, CLOSES, NIGHT = time(8, 30), time(17, 30), time(21, 0)


@dataclass(slots=True)
class Member:
    """A member of staff. `silent`: answers no page; `away`: times in which they do nothing at all; `relief`: has no
    duty of their own, and takes those of the town's advisers over.
    """

    staff_id: int
    chat: str
    role: Role
    town: int | None
    silent: bool = False
    relief: bool = False
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
        town, served = villages[first].town_id, [village.id for village in villages[first : first + TOWN_VILLAGES]]
        number = first // TOWN_VILLAGES + 1
        relief = await _member(f"机动顾问{number}", Role.ADVISER, town, served, uow)
        relief.relief = True
        director = await _member(f"主任{number}", Role.DIRECTOR, town, served, uow)
        _weekly(director, uow)
        county.members += [relief, director]
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
    """Some are on leave for days."""
    if plan.days < 2 or chance.random() >= 0.15:
        return
    starts = plan.moment(chance.randrange(plan.days), time(0))
    ends = starts + timedelta(days=chance.randint(1, 5))
    member.away.append((starts, ends))
    uow.session.add(Leave(staff_id=member.staff_id, starts=starts, ends=ends, reason="leave"))


def _weekly(member: Member, uow: UnitOfWork) -> None:
    """A director is there on every working day, well into the evening."""
    uow.session.add(
        ShiftPattern(
            staff_id=member.staff_id,
            weekdays=[0, 1, 2, 3, 4],
            begins=f"{OPENS:%H:%M}",
            ends=f"{NIGHT:%H:%M}",
            first_day=FIRST_DAY,
        )
    )


def publish_week(plan: Plan, county: County, monday: int, uow: UnitOfWork) -> None:
    """Put the week from day `monday` on the roster."""
    desk = county.of(Role.COUNTY)
    for day in range(monday, min(monday + 7, plan.days + 7)):
        weekend = day % 7 >= 5
        on_call = desk[day % len(desk)]
        _shift(on_call, plan.moment(day, OPENS if weekend else CLOSES), plan.moment(day + 1, OPENS), uow, on_call=True)
        if not weekend:
            for adviser in county.of(Role.ADVISER):
                if not adviser.relief:
                    _shift(adviser, plan.moment(day, OPENS), plan.moment(day, CLOSES), uow)


def _shift(member: Member, starts: datetime, ends: datetime, uow: UnitOfWork, *, on_call: bool = False) -> None:
    uow.session.add(Shift(staff_id=member.staff_id, starts=starts, ends=ends, on_call=on_call))
