"""The service clocks of a case: started with a promise, met when it is kept, paused, moved.

Whoever calls holds the case locked, or else it is locked here. What happens when time runs out is in
handlers/escalating.py.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from handlers import routing
from handlers.rules import service
from handlers.rules.hours import Span, after, end_of_working_day, merged, office_hours, without, worked
from handlers.rules.roster import covers
from handlers.rules.service import Kind, Plan
from handlers.turn import House
from storage.tables import Case, CaseStatus, Clock, Staff, Transfer
from storage.unit_of_work import UnitOfWork

AHEAD = timedelta(days=60)
"""How far beyond a due moment the roster and the calendar are looked up."""
PAUSED = (Kind.FIRST_ANSWER, Kind.REOPENING, Kind.RESULT)
"""What stands still while the villager is waited for."""


def plan_of(kind: str, case: Case, house: House, *, extended: bool = False) -> Plan:
    """How a promise on this case is watched."""
    settings = house.settings
    allowed = settings.urgent_answer if case.urgent else settings.first_answer
    return service.plan(kind, settings.service, urgent=case.urgent, first_answer=allowed, extended=extended)


async def time_that_counts(
    plan: Plan, village_id: int | None, urgent: bool, house: House, uow: UnitOfWork, since: datetime, until: datetime
) -> tuple[Span, ...]:
    """The time that counts for a promise. Behind the last duty that is planned, office hours do; for what is urgent,
    all of it.
    """
    until += AHEAD
    if plan.measure == "plain":
        return (Span(since, until),)
    settings = house.settings
    if plan.measure == "office":
        return office_hours(since, until, settings.zone, settings.service.opens, settings.service.closes, settings.days)
    spans = await duty_time(village_id, house, uow, since, until)
    end = spans[-1].ends if spans else since
    if urgent or end >= until:
        return spans
    office = office_hours(end, until, settings.zone, settings.service.opens, settings.service.closes, settings.days)
    return merged([*spans, *without(office, [Span(since - AHEAD, end)])])


async def duty_time(
    village_id: int | None, house: House, uow: UnitOfWork, since: datetime, until: datetime
) -> tuple[Span, ...]:
    """When somebody whom a village's cases reach is on duty, leave taken off; being on call does not count."""
    village = await uow.county.village(village_id)
    town_id = village.town_id if village is not None else None
    near = {staff.id for staff in await uow.county.within_reach(village_id)}
    planned = await routing.duties(uow, house, since, until, near)
    return merged(
        Span(max(row.starts, since), min(row.ends or until, until))
        for row in planned
        if not row.on_call and covers(row, village_id, town_id)
    )


async def spans_of(
    clock: Clock, plan: Plan, case: Case, house: House, uow: UnitOfWork, now: datetime
) -> tuple[Span, ...]:
    """The time that counts for a clock, from its start to well behind now."""
    until = max(clock.due, now)
    return await time_that_counts(plan, case.village_id, case.urgent, house, uow, clock.started_at, until)


async def promised(village_id: int | None, urgent: bool, house: House, uow: UnitOfWork, now: datetime) -> datetime:
    """By when a villager who asks now is promised a first answer."""
    settings = house.settings
    allowed = settings.urgent_answer if urgent else settings.first_answer
    plan = service.plan(Kind.FIRST_ANSWER, settings.service, urgent=urgent, first_answer=allowed)
    return service.due(plan, now, await time_that_counts(plan, village_id, urgent, house, uow, now, now))


async def start(
    kind: Kind, case: Case, house: House, uow: UnitOfWork, now: datetime, *, due: datetime | None = None
) -> Clock:
    """Start a clock in the case's present round; `due` where it was promised already."""
    plan = plan_of(kind, case, house)
    spans = await time_that_counts(plan, case.village_id, case.urgent, house, uow, now, due or now)
    if due is None:
        due = _due(kind, plan, case, house, now, spans)
    return await uow.clocks.start(case.id, kind, case.reopened, now, due, service.first_look(plan, due, spans))


def _due(kind: Kind, plan: Plan, case: Case, house: House, now: datetime, spans: tuple[Span, ...]) -> datetime:
    """Days are working days behind the day it starts, up to closing time; hours count at once."""
    settings = house.settings.service
    days = {Kind.RESULT: settings.result_days, Kind.REOPENING: settings.reopening_days}
    if not case.urgent:
        days[Kind.TRANSFER] = settings.transfer_days
    if kind in days:
        return end_of_working_day(now, days[kind], house.settings.zone, settings.closes, house.settings.days)
    return service.due(plan, now, spans)


async def opened(case: Case, house: House, uow: UnitOfWork, now: datetime) -> None:
    """A case was opened: it is to be claimed, answered as promised, and brought to a result."""
    await start(Kind.CLAIM, case, house, uow, now)
    await start(Kind.FIRST_ANSWER, case, house, uow, now, due=case.answer_due)
    await start(Kind.RESULT, case, house, uow, now)
    await _page_at_once(case, house, uow, now)


async def _page_at_once(case: Case, house: House, uow: UnitOfWork, now: datetime) -> None:
    """What is urgent while nobody is on duty goes to whoever is on call, and up, at the next tick."""
    if case.urgent and not worked(await duty_time(case.village_id, house, uow, now, now + AHEAD), now, now + _SOON):
        for clock in await uow.clocks.running(case.id):
            if clock.kind == Kind.CLAIM:
                clock.next_look = now


_SOON = timedelta(seconds=1)


async def met(case: Case, kinds: Collection[Kind], uow: UnitOfWork, now: datetime) -> None:
    """Promises were kept, late or not."""
    for clock in await uow.clocks.running(case.id):
        if clock.kind in kinds:
            clock.met_at, clock.paused_at = now, None


async def claimed(case: Case, staff: Staff, uow: UnitOfWork, now: datetime) -> None:
    """Somebody took the case."""
    await met(case, (Kind.CLAIM,), uow, now)
    await uow.events.record(case.id, "claimed", now, staff_id=staff.id)


async def answered(case: Case, uow: UnitOfWork, now: datetime) -> None:
    """The adviser wrote to the villager."""
    await met(case, (Kind.FIRST_ANSWER, Kind.REOPENING), uow, now)


async def closed(case: Case, uow: UnitOfWork, now: datetime) -> None:
    """The case ended: nothing is owed any more."""
    case.waits_for_villager_since = None
    await transfer_withdrawn(case, uow, now)
    await met(case, tuple(Kind), uow, now)


async def released(
    case: Case, staff: Staff, house: House, uow: UnitOfWork, now: datetime, *, kind: str = "released", reason: str = ""
) -> None:
    """The case waits to be claimed again; the promised answer stays as it is. `kind`: 'released' by its adviser, or
    'walled' off from them; `reason` as kept.
    """
    await uow.events.record(case.id, kind, now, staff_id=staff.id, detail={"reason": reason} if reason else {})
    await transfer_withdrawn(case, uow, now)
    await start(Kind.CLAIM, case, house, uow, now)
    await _page_at_once(case, house, uow, now)


async def reopened(case: Case, house: House, uow: UnitOfWork, now: datetime) -> None:
    """Not solved: the villager is promised an answer anew, within a working day or as urgently as the case is."""
    case.answered_at, case.waits_for_villager_since = None, None
    case.answer_due = (await start(Kind.REOPENING, case, house, uow, now)).due
    await start(Kind.RESULT, case, house, uow, now)
    if case.status == CaseStatus.WAITING:
        await start(Kind.CLAIM, case, house, uow, now)
        await _page_at_once(case, house, uow, now)
    if case.urgent:
        await made_urgent(case, house, uow, now)


async def _locked(case: Case, uow: UnitOfWork) -> None:
    """Hold a case whose row was only read so far, as it is now."""
    await uow.flush()
    await uow.cases.get(case.id, lock=True)


async def made_urgent(case: Case, house: House, uow: UnitOfWork, now: datetime) -> None:
    """What had time has none any more: an answer is due as for an urgent case, and so is the claim."""
    await _locked(case, uow)
    due = await promised(case.village_id, True, house, uow, now)
    running = {clock.kind for clock in await uow.clocks.running(case.id)}
    if not running & {Kind.FIRST_ANSWER, Kind.REOPENING}:
        await start(Kind.FIRST_ANSWER, case, house, uow, now, due=due)
    if case.answered_at is None:
        case.answer_due = min(case.answer_due, due)
    for clock in await uow.clocks.running(case.id):
        if clock.kind in {Kind.FIRST_ANSWER, Kind.REOPENING} and clock.due > due:
            clock.due, clock.step, clock.next_look = due, 0, now
        elif clock.kind in {Kind.CLAIM, Kind.TRANSFER}:
            plan = plan_of(clock.kind, case, house)
            clock.due, clock.step, clock.next_look = min(clock.due, now + plan.allowed), 0, now


async def transfer_asked(case: Case, row: Transfer, house: House, uow: UnitOfWork, now: datetime) -> datetime:
    """A named colleague was asked to take the case over; by when they answer. Who is asked next has their own time."""
    detail = {"transfer": row.id}
    await uow.events.record(case.id, "transfer_asked", now, staff_id=row.to_id, by=row.from_id, detail=detail)
    return (await start(Kind.TRANSFER, case, house, uow, now)).due


async def transfer_decided(
    case: Case, row: Transfer, state: str, uow: UnitOfWork, now: datetime, *, by: Staff | None = None
) -> None:
    """The colleague said yes or no ('accepted', 'refused'), the question was 'withdrawn', or nobody answered in time
    ('lapsed').
    """
    row.state, row.decided_at = state, now
    await met(case, (Kind.TRANSFER,), uow, now)
    await uow.events.record(
        case.id, f"transfer_{state}", now, staff_id=row.to_id, by=by.id if by else None, detail={"transfer": row.id}
    )


async def transfer_withdrawn(case: Case, uow: UnitOfWork, now: datetime) -> None:
    """What a colleague was asked is not asked any more: the case ended, waits again, or is somebody else's."""
    if (asked := await uow.roster.asked_for(case.id)) is not None:
        await transfer_decided(case, asked, "withdrawn", uow, now)


async def pause(case: Case, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> datetime:
    """The villager is waited for; until when at most."""
    until = now + house.settings.service.wait_limit
    case.waits_for_villager_since = now
    for clock in await uow.clocks.running(case.id):
        if clock.kind in PAUSED:
            clock.paused_at, clock.next_look = now, until
    await uow.events.record(case.id, "paused", now, staff_id=staff.id)
    return until


async def resume(case: Case, house: House, uow: UnitOfWork, now: datetime, *, why: str) -> None:
    """The clocks run on with what was left. `why`: 'wrote' or 'limit'. Does nothing for a case that does not wait."""
    if case.waits_for_villager_since is None:
        return
    await _locked(case, uow)
    if case.waits_for_villager_since is None:
        return
    case.waits_for_villager_since = None
    for clock in await uow.clocks.running(case.id):
        if clock.paused_at is not None:
            plan = plan_of(clock.kind, case, house, extended=clock.extended)
            spans = await spans_of(clock, plan, case, house, uow, now)
            if clock.due > clock.paused_at:
                clock.due = after(now, worked(spans, clock.paused_at, clock.due), spans)
            clock.paused_at, clock.next_look = None, now
    await uow.events.record(case.id, "resumed", now, detail={"why": why})


async def next_promise(case: Case, house: House, uow: UnitOfWork) -> tuple[str, datetime] | None:
    """What the villager of an open case is owed next, and by when (local): 'answer', 'result', or 'wait' while their
    own word is waited for.
    """
    if case.status == CaseStatus.CLOSED:
        return None
    if case.waits_for_villager_since is not None:
        return "wait", house.local(case.waits_for_villager_since)
    if case.answered_at is None:
        return "answer", house.local(case.answer_due)
    result = await running_result(case, uow)
    return ("result", house.local(result.due)) if result is not None else None


async def running_result(case: Case, uow: UnitOfWork) -> Clock | None:
    """The clock of the case's result, unless there is one already."""
    return next((clock for clock in await uow.clocks.running(case.id) if clock.kind == Kind.RESULT), None)


async def extended_due(clock: Clock, case: Case, house: House, uow: UnitOfWork, now: datetime) -> datetime:
    """When a result would be due with an extension; pauses so far stay counted out."""
    settings = house.settings.service
    more = (settings.extended_days - settings.result_days) * settings.office_day
    plan = plan_of(Kind.RESULT, case, house)
    return after(clock.due, more, await spans_of(clock, plan, case, house, uow, now))


async def extend(clock: Clock, case: Case, house: House, uow: UnitOfWork, now: datetime) -> None:
    """Move a result to its longest time."""
    clock.due = await extended_due(clock, case, house, uow, now)
    clock.extended, clock.step, clock.breached_at = True, 0, None
    if clock.paused_at is None:
        clock.next_look = now


async def offered_onward(case: Case, uow: UnitOfWork) -> bool:
    """Whether another may take a claimed case over: it was offered, and its adviser still owes what it was for."""
    if case.status != CaseStatus.CLAIMED:
        return False
    last = await uow.events.last(case.id, ("moved_on", "claimed", "transfer_accepted"))
    if last is None or last.kind != "moved_on" or last.staff_id != case.adviser_id:
        return False
    return any(
        clock.kind == last.detail.get("clock") and clock.paused_at is None
        for clock in await uow.clocks.running(case.id)
    )


async def taken_over(case: Case, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> None:
    """Another took the case of somebody silent or away."""
    await claimed(case, staff, uow, now)
    await transfer_withdrawn(case, uow, now)
    await now_with(case, staff, house, uow, now)


async def now_with(case: Case, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> None:
    """Another is the adviser of a claimed case: they get some time before it is offered onward."""
    case.adviser_id = case.owner_id = staff.id
    case.claimed_at = now
    for clock in await uow.clocks.running(case.id):
        if clock.kind in PAUSED and clock.next_look is not None:
            plan = plan_of(clock.kind, case, house, extended=clock.extended)
            spans = await spans_of(clock, plan, case, house, uow, now)
            clock.next_look = max(clock.next_look, after(now, house.settings.service.again, spans))
