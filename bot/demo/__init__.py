"""The demonstration county: invented towns, villages and advisers, each marked as such. Only for an empty database."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.tables import Role, Staff
from storage.unit_of_work import UnitOfWork

MARK = "（演示）"
"""Stands behind the names of towns and staff, so that nobody takes them for real ones."""

TOWNS = {
    "青石镇": {"dongpo": "东坡村", "liuwan": "柳湾村", "shiqiao": "石桥村", "baiyang": "白杨村"},
    "河口镇": {"hekou": "河口村", "nantang": "南塘村", "zhuyuan": "竹园村", "xinhe": "新和村"},
    "松岗镇": {"songgang": "松岗村", "meiling": "梅岭村", "lujia": "陆家村", "qianjin": "前进村"},
}
ADVISERS = (
    ("陈明", Role.DIRECTOR, None, True),
    ("王海燕", Role.ADVISER, "青石镇", True),
    ("李建国", Role.ADVISER, "河口镇", True),
    ("赵敏", Role.ADVISER, "松岗镇", True),
    ("孙德福", Role.MEDIATOR, "青石镇", False),
    ("周丽", Role.LEGAL_WORKER, "松岗镇", False),
)
"""Name, role, town served (None: all), and whether on duty until further notice; the others for four weeks of days."""

SHIFT_DAYS = 28


async def load_demo(uow: UnitOfWork, now: datetime) -> None:
    """Write the county and the marker `demo`: the staff id to sign in with."""
    villages: dict[str, list[int]] = {}
    for town, rows in TOWNS.items():
        for code, name in rows.items():
            await uow.county.add_village(code, name, town + MARK)
            village = await uow.county.village_by_code(code)
            villages.setdefault(town, []).append(village.id if village else 0)
    for name, role, town_served, always in ADVISERS:
        staff = Staff(name=name + MARK, role=role, serves_all=town_served is None)
        served = villages[town_served] if town_served else []
        member = await uow.county.add_staff(staff, served)
        if role is Role.DIRECTOR:
            await uow.people.set_marker("demo", str(member.id))
        if always:
            await uow.county.add_shift(member.id, now, None)
            continue
        for day in range(SHIFT_DAYS):
            await uow.county.add_shift(member.id, now + timedelta(days=day), now + timedelta(days=day, hours=8))
