"""A clock's next look came: who is told that something is due or late, and who may take a silent adviser's case over.

Run by the ticker, one transaction a clock. After downtime several steps are due at once: each is recorded, the last
one is acted on. Nothing is said twice, whatever the clock of the machine does: a step once taken is never taken again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers import advising, casework, clocks, lapsing
from handlers.chain import Chain, chain
from handlers.messages import Content, Option, Outcome, Priority
from handlers.notices import to_staff, to_villager
from handlers.rules import service
from handlers.rules.clocks import in_words, is_quiet, outside_quiet
from handlers.rules.service import Kind, Step
from handlers.turn import House
from storage.tables import Case, CaseStatus, Clock, Staff
from storage.unit_of_work import UnitOfWork

ANSWERS = (Kind.FIRST_ANSWER, Kind.REOPENING)
BACKUP_TOLD = 2
"""The count of steps from which an answer's case is offered onward."""


@dataclass(frozen=True, slots=True)
class _Look:
    """A clock under the eye, and everything needed to act on it."""

    clock: Clock
    case: Case
    people: Chain
    house: House
    now: datetime

    @property
    def key(self) -> str:
        """Unique to this look at this clock."""
        return f"clock:{self.clock.id}:{self.clock.step}:{self.now.timestamp():.0f}"

    @property
    def waiting(self) -> bool:
        return self.case.status == CaseStatus.WAITING

    @property
    def late(self) -> bool:
        return self.now >= self.clock.due


async def look(clock: Clock, case: Case, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """Do what is due for a clock, and set when to look again. The caller holds clock and case locked."""
    if case.status == CaseStatus.CLOSED:
        clock.met_at = now
        return Outcome()
    if clock.paused_at is not None:
        return await _waited_too_long(clock, case, house, uow, now)
    plan = clocks.plan_of(clock.kind, case, house, extended=clock.extended)
    spans = await clocks.spans_of(clock, plan, case, house, uow, now)
    found = service.look(plan, clock.due, clock.step, now, spans)
    seen = _Look(clock, case, await chain(case, house, uow, now), house, now)
    gone = seen.people.holder_gone and clock.kind in ANSWERS
    steps, count, next_look = found.steps, found.count, found.next_look
    if not case.urgent and (quiet := _quiet_until(house, now)) is not None:
        # What is not urgent wakes nobody: the steps of the night are taken together in the morning.
        steps, count, next_look = (), clock.step, quiet
    if gone and count < BACKUP_TOLD:
        steps, count = (*steps, Step.BACKUP), BACKUP_TOLD
    clock.step, clock.next_look = count, next_look
    if not steps and not (clock.kind == Kind.CLAIM and case.urgent and not seen.people.present):
        return Outcome()
    await _record_breach(seen, uow)
    if clock.kind == Kind.CLAIM and case.urgent:
        return await _page_urgent(seen, uow)
    await _overtaken(steps[:-1], steps[-1], clock, uow, now)
    return await _act(steps[-1], seen, uow)


async def _overtaken(steps: tuple[Step, ...], by: Step, clock: Clock, uow: UnitOfWork, now: datetime) -> None:
    """Keep on record the steps that were due but are not acted on any more."""
    for step in steps:
        detail = {"clock": clock.kind, "step": step.value, "overtaken": by.value}
        await uow.events.record(clock.case_id, "warned", now, detail=detail)


def _quiet_until(house: House, now: datetime) -> datetime | None:
    settings = house.settings
    if not settings.quiet_hours or not is_quiet(now, settings.zone, settings.quiet_start, settings.quiet_end):
        return None
    return outside_quiet(now, settings.zone, settings.quiet_start, settings.quiet_end)


async def _record_breach(seen: _Look, uow: UnitOfWork) -> None:
    if seen.late and seen.clock.breached_at is None:
        seen.clock.breached_at = seen.now
        due = seen.clock.due.isoformat()
        await uow.events.record(seen.case.id, "breached", seen.now, detail={"clock": seen.clock.kind, "due": due})


async def _act(step: Step, seen: _Look, uow: UnitOfWork) -> Outcome:
    """Tell whoever this step is for."""
    if seen.clock.kind == Kind.TRANSFER:
        return await lapsing.unanswered(step, seen.clock, seen.case, seen.people, seen.house, uow, seen.now)
    if seen.waiting and seen.clock.kind != Kind.CLAIM and step is not Step.VILLAGER:
        # Nobody has it yet: the claim's own clock calls the same people, and sooner.
        return Outcome()
    onward = await _offer_onward(step, seen, uow)
    told = _recipients(step, seen)
    outcome = Outcome()
    for staff in told:
        outcome += await _tell(staff, seen, uow, onward=onward)
        detail = {"clock": seen.clock.kind, "step": step.value}
        await uow.events.record(seen.case.id, "warned", seen.now, staff_id=staff.id, detail=detail)
    if not told:
        detail = {"clock": seen.clock.kind, "step": step.value, "told": "nobody"}
        await uow.events.record(seen.case.id, "warned", seen.now, detail=detail)
    if step is Step.VILLAGER:
        outcome += await _tell_villager(seen, told, uow)
    return outcome


def _recipients(step: Step, seen: _Look) -> tuple[Staff, ...]:
    """Whom a step tells; where there is nobody of that kind, the next ones up."""
    people = seen.people
    holder = () if people.holder is None or people.holder_gone else (people.holder,)
    backup = () if people.backup is None else (people.backup,)
    others = {staff.id: staff for staff in (*backup, *people.directors, *people.county)}
    if people.holder is not None:
        others.pop(people.holder.id, None)
    order: tuple[tuple[Staff, ...], ...]
    match step:
        case Step.OWNER:
            order = (holder, backup, people.directors, people.county)
        case Step.BACKUP:
            order = (backup, people.directors, people.county, holder)
        case Step.DIRECTOR:
            order = (people.directors, people.county, backup, holder)
        case Step.COUNTY:
            order = (people.county, people.directors, backup, holder)
        case _:
            return (*holder, *others.values())
    held = people.holder.id if people.holder is not None and step is not Step.OWNER and not seen.waiting else None
    for group in order:
        if found := tuple(staff for staff in group if staff.id != held):
            return found
    return ()


async def _offer_onward(step: Step, seen: _Look, uow: UnitOfWork) -> bool:
    """Whether the case is now for another to take; once it is, that is kept on record."""
    case, clock = seen.case, seen.clock
    if case.status != CaseStatus.CLAIMED or step is Step.OWNER or clock.kind not in (*ANSWERS, Kind.RESULT):
        return False
    if clock.kind == Kind.RESULT and not seen.late and not seen.people.holder_gone:
        return False
    if not await clocks.offered_onward(case, uow):
        await uow.events.record(
            case.id, "moved_on", seen.now, staff_id=case.adviser_id,
            detail={"clock": clock.kind, "why": "absent" if seen.people.holder_gone else "silent"},
        )  # fmt: skip
    return True


async def _tell(staff: Staff, seen: _Look, uow: UnitOfWork, *, onward: bool) -> Outcome:
    """What is late, since when, whose it is, and a button to take it."""
    case, clock, house, people = seen.case, seen.clock, seen.house, seen.people
    village = await uow.county.village(case.village_id)
    holder = people.holder.name if people.holder is not None and not seen.waiting else ""
    own = people.holder is not None and people.holder.id == staff.id and not seen.waiting
    text = house.wording.say(
        "service.warning", staff.language, number=case.id, kind=clock.kind, village=village.name if village else "",
        since=house.local(clock.started_at), by=house.local(clock.due), late=seen.late,
        span=in_words(abs(seen.now - clock.due)), adviser=holder, own=own, absent=people.holder_gone,
    )  # fmt: skip
    key = "advise.claim_button" if seen.waiting else "service.take_over_button"
    button = Option(f"case:{case.id}:claim", house.wording.say(key, staff.language, number=case.id))
    may_take = (seen.waiting or (onward and not own)) and await advising.open_to(case.id, staff, uow) is not None
    choices = (button,) if may_take else ()
    return await to_staff(
        staff, Content(text, choices), house, uow, seen.now, dedup=f"{seen.key}:{staff.id}", about_case=case.id,
        priority=Priority.EMERGENCY if case.urgent else Priority.NORMAL,
    )  # fmt: skip


async def _tell_villager(seen: _Look, told: tuple[Staff, ...], uow: UnitOfWork) -> Outcome:
    """Say plainly that a promise was broken, who knows of it, and whom to call."""
    case, house = seen.case, seen.house
    person = await uow.people.person(case.person_id)
    if person.contact == "none" or seen.clock.kind not in (*ANSWERS, Kind.RESULT):
        return Outcome()
    names = [staff.name for staff in told]
    text = house.wording.say(
        "service.broken", case.language, number=case.id, kind=seen.clock.kind, by=house.local(seen.clock.due),
        today=house.local(seen.now).date(), told=names[:3], legal=house.settings.numbers["legal"],
    )  # fmt: skip
    return to_villager(case, Content(text), dedup=f"{seen.key}:broken")


async def _page_urgent(seen: _Look, uow: UnitOfWork) -> Outcome:
    """Call everybody who can come, again and again until somebody claims; one person at most once an interval, with all
    that waits.
    """
    people, house, now = seen.people, seen.house, seen.now
    called = [*people.present]
    if seen.clock.step >= 1 or not people.present:
        called += people.on_call
    if seen.clock.step >= BACKUP_TOLD or not people.present:
        called += [*people.directors, *people.county]
    if not called and people.holder is not None:
        called = [people.holder]
    urgent = [case for case in await uow.cases.waiting() if case.urgent]
    # Who has come on duty since gets the whole case first, and the call that nobody has it an interval later.
    outcome = await casework.page(seen.case, house, uow, now)
    paged = {say.conversation_id for say in outcome.replies}
    for staff in sorted({row.id: row for row in called}.values(), key=lambda row: row.id):
        theirs = [case.id for case in urgent if await advising.open_to(case.id, staff, uow)]
        content = Content(
            house.wording.say("service.urgent", staff.language, numbers_waiting=theirs[:8] or [seen.case.id]),
            tuple(
                Option(f"case:{number}:claim", house.wording.say("advise.claim_button", staff.language, number=number))
                for number in theirs[:8]
            ),
        )
        prefix = f"urgent:{staff.id}"
        page = await to_staff(
            staff, content, house, uow, now, dedup=f"{prefix}:{seen.key}", about_case=seen.case.id,
            priority=Priority.EMERGENCY,
        )  # fmt: skip
        # Asked after `to_staff` has locked their conversation: of two workers the second sees the first one's page.
        newly_paged = any(say.conversation_id in paged for say in page.replies)
        if newly_paged or await uow.outbox.said_since(prefix, now - house.settings.service.page_every):
            continue
        outcome += page
        detail = {"clock": seen.clock.kind, "step": Step.AGAIN.value}
        await uow.events.record(seen.case.id, "warned", now, staff_id=staff.id, detail=detail)
    return outcome


async def _waited_too_long(clock: Clock, case: Case, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """The villager has not written for as long as a case may wait: its time runs again, and its adviser is told."""
    waited = now - clock.paused_at if clock.paused_at else house.settings.service.wait_limit
    await clocks.resume(case, house, uow, now, why="limit")
    clock.paused_at, clock.next_look = None, now
    adviser = await uow.county.staff(case.adviser_id)
    if adviser is None:
        return Outcome()
    text = house.wording.say("service.wait_over", adviser.language, number=case.id, span=in_words(waited))
    key = f"clock:{clock.id}:waited:{now.timestamp():.0f}"
    return await to_staff(adviser, Content(text), house, uow, now, dedup=key, about_case=case.id)
