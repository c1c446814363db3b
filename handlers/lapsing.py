"""A colleague who was asked to take a case over does not answer: who is told meanwhile, and that it stays where it is.

Of a transfer the colleague owes the answer, so they are the first to be told; then the adviser who asked, who can ask
somebody else; then the station's directors; then the county desk. When the time is up the question lapses: the case was
its adviser's all along, and still is (首问负责).
"""

from __future__ import annotations

from datetime import datetime

from handlers import clocks, handing
from handlers.chain import Chain
from handlers.messages import Content, Outcome, Priority
from handlers.notices import to_staff
from handlers.rules.clocks import in_words
from handlers.rules.service import Step
from handlers.turn import House
from storage.tables import Case, Clock, Staff, Transfer
from storage.unit_of_work import UnitOfWork


async def unanswered(
    step: Step, clock: Clock, case: Case, people: Chain, house: House, uow: UnitOfWork, now: datetime
) -> Outcome:
    """Take a step of a transfer's clock. The caller holds case and clock locked."""
    asked = await uow.roster.asked_for(case.id)
    giver = await uow.county.staff(case.adviser_id)
    colleague = await uow.county.staff(asked.to_id) if asked is not None else None
    if asked is None or giver is None or colleague is None:
        await clocks.transfer_withdrawn(case, uow, now)
        clock.met_at = clock.met_at or now
        return Outcome()
    lapsed = step is Step.VILLAGER
    if lapsed:
        await clocks.transfer_decided(case, asked, "lapsed", uow, now)
    outcome = Outcome()
    for staff in await _told(step, giver, colleague, people, uow, now):
        outcome += await _tell(staff, lapsed, asked, clock, case, giver, colleague, house, uow, now)
        detail = {"clock": clock.kind, "step": step.value}
        await uow.events.record(case.id, "warned", now, staff_id=staff.id, detail=detail)
    return outcome


async def _told(
    step: Step, giver: Staff, colleague: Staff, people: Chain, uow: UnitOfWork, now: datetime
) -> tuple[Staff, ...]:
    """Whom a step tells: where there is nobody of that kind, the adviser who asked."""
    away = not colleague.active or any(row.starts <= now for row in await uow.county.leaves(now, [colleague.id]))
    sides = {giver.id, colleague.id}
    directors = tuple(staff for staff in people.directors if staff.id not in sides)
    county = tuple(staff for staff in people.county if staff.id not in sides)
    match step:
        case Step.OWNER:
            return (giver,) if away else (colleague,)
        case Step.DIRECTOR:
            return directors or county or (giver,)
        case Step.COUNTY:
            return county or directors or (giver,)
        case Step.VILLAGER:
            return (giver, *(() if away else (colleague,)), *(directors or county))
        case _:
            return (giver,)


async def _tell(
    staff: Staff, lapsed: bool, asked: Transfer, clock: Clock, case: Case, giver: Staff, colleague: Staff,
    house: House, uow: UnitOfWork, now: datetime,
) -> Outcome:  # fmt: skip
    """How the transfer stands, in the words for the one who was asked, who asked, or who sees to it."""
    to = "asked" if staff.id == colleague.id else "asking" if staff.id == giver.id else "other"
    text = house.wording.say(
        "hand.lapsed" if lapsed else "hand.unanswered", staff.language, to=to, number=case.id, giver=giver.name,
        name=colleague.name, by=house.local(clock.due), span=in_words(abs(clock.due - now)),
    )  # fmt: skip
    choices = handing.buttons(asked, colleague, house) if to == "asked" and not lapsed else ()
    return await to_staff(
        staff, Content(text, choices), house, uow, now, about_case=case.id,
        dedup=f"transfer:{asked.id}:{clock.step}:{staff.id}",
        priority=Priority.EMERGENCY if case.urgent else Priority.NORMAL,
    )  # fmt: skip
