"""Who stands behind a case: those on duty and on call whom it reaches, the station's directors, the county desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers import advising, routing
from handlers.rules.duty import least_loaded
from handlers.turn import House
from storage.tables import Case, Role, Staff
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Chain:
    """People who may open a case and are not on leave. `holder`: its adviser, else its owner, else the first on duty;
    `holder_gone` when its adviser no longer works here or is on leave (then still the holder).
    """

    holder: Staff | None
    holder_gone: bool
    present: tuple[Staff, ...]
    on_call: tuple[Staff, ...]
    directors: tuple[Staff, ...]
    county: tuple[Staff, ...]
    backup: Staff | None


async def chain(case: Case, house: House, uow: UnitOfWork, now: datetime) -> Chain:
    """Everybody who can be asked to see to a case at a moment."""
    seen = await routing.board(house, uow, now)
    ranking = await routing.rank(case, seen, uow)
    directors = await uow.county.with_role(Role.DIRECTOR, case.village_id)
    county = await uow.county.with_role(Role.COUNTY, case.village_id)
    everybody = {staff.id: staff for staff in [*directors, *county]}
    holder_id = case.adviser_id or case.owner_id
    leaves = await uow.county.leaves(now, [*everybody, *([holder_id] if holder_id else [])])
    absent = {row.staff_id for row in leaves if row.starts <= now}
    there = {
        staff.id: staff for staff in everybody.values()
        if staff.id not in absent and await advising.open_to(case.id, staff, uow) is not None
    }  # fmt: skip
    present = tuple(seen.staff[row.staff_id] for row in ranking.reached)
    holder = await uow.county.staff(holder_id) or (present[0] if present else None)
    others = [staff.id for staff in present if holder is None or staff.id != holder.id]
    backup = least_loaded(others, await uow.cases.load()) if others else None
    return Chain(
        holder=holder,
        holder_gone=case.adviser_id is not None and (holder is None or not holder.active or holder.id in absent),
        present=present,
        on_call=tuple(seen.staff[row.staff_id] for row in ranking.order if row.presence == "on_call"),
        directors=tuple(there[row.id] for row in directors if row.id in there),
        county=tuple(there[row.id] for row in county if row.id in there),
        backup=seen.staff[backup] if backup is not None else None,
    )
