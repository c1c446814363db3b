"""Ties that staff declare: a relative, a client, a village committee (律师法 39). What they have already moves on."""

from __future__ import annotations

from datetime import datetime

from handlers import walling
from handlers.messages import Content, Outcome
from handlers.rostering import Refused, member
from handlers.rules.conflict import LONGEST_NAME, cleaned, same
from handlers.turn import House
from storage.tables import Wall
from storage.unit_of_work import UnitOfWork

TIES = ("relative", "client", "committee")


async def declare(
    staff_id: int,
    tie: str,
    name: str,
    village_id: int | None,
    house: House,
    uow: UnitOfWork,
    now: datetime,
    *,
    key: str,
) -> tuple[Wall, Outcome]:
    """Keep a tie, and move on what its holder has and may not have any more. Raises Refused."""
    staff = await member(staff_id, uow)
    plain = cleaned(name)
    if tie not in TIES:
        raise Refused("plan.no_tie")
    if tie == "committee" and village_id is None:
        raise Refused("plan.whose_committee")
    if len(name.strip()) > LONGEST_NAME or (not plain and tie != "committee"):
        raise Refused("plan.no_name")
    for kept in await uow.roster.walls():
        known = (kept.staff_id, kept.tie, kept.village_id) == (staff.id, tie, village_id)
        if known and (tie == "committee" or same(kept.name, plain)):
            raise Refused("plan.tie_twice", name=plain or house.wording.say("plan.tie", staff.language, name=tie))
    wall = Wall(staff_id=staff.id, tie=tie, name=plain, village_id=village_id)
    await uow.roster.add(wall)
    outcome = Outcome()
    concerned = [row.id for row in [*await uow.cases.of_adviser(staff.id), *await uow.roster.owned_waiting(staff.id)]]
    concerned += [row.case_id for row in await uow.roster.asked_of(staff.id)]
    for number in dict.fromkeys(concerned):
        if (case := await uow.cases.get(number, lock=True)) is not None:
            outcome += await walling.enforce(case, house, uow, now, key=f"{key}:{number}")
    shown = plain or house.wording.say("plan.tie", staff.language, name=tie)
    return wall, outcome + Outcome(answer=Content(house.wording.say("plan.tie_noted", staff.language, name=shown)))


async def take_back(wall_id: int, uow: UnitOfWork) -> Wall:
    """The tie is over. Raises Refused for one that is not there."""
    wall = await uow.roster.remove_wall(wall_id)
    if wall is None:
        raise Refused("plan.no_such_tie", number=wall_id)
    return wall
