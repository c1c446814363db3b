"""The roster by hand: a duty swapped with a colleague, sickness in mid-shift, gaps told before they happen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from handlers import advising, casework, clocks, routing
from handlers.messages import Choice, Command, Content, Later, Option, Outcome
from handlers.notices import to_staff
from handlers.rules.duty import Duty
from handlers.rules.hours import Span, between, office_hours
from handlers.rules.roster import Place, gaps, slots
from handlers.rules.roster_words import day_said
from handlers.rules.workdays import EVERY_DAY
from handlers.turn import House, Turn
from storage.tables import CaseStatus, Leave, Shift, Staff, Swap, Task
from storage.unit_of_work import UnitOfWork

SHOWN = 6
"""How many of one's next duties, and how many colleagues, are put up to choose from."""
LONGEST_SICKNESS = timedelta(days=60)
GAP_DAYS = 14


async def next_slots(staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> list[Span]:
    """The next times in which somebody is on duty, the present one from now."""
    planned = await routing.duties(uow, house, now, now + routing.AHEAD, {staff.id})
    return slots(planned, staff.id, now, house.settings.zone, SHOWN)


async def swap_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/swap`: one's next duties to choose from."""
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    found = await next_slots(turn.staff, turn.house, uow, turn.now)
    if not found:
        return turn.reply(turn.words("roster.no_duty"))
    choices = []
    for span in found:
        start, end = int(span.starts.timestamp()), int(span.ends.timestamp())
        choices.append(turn.option(f"swap:pick:{start}:{end}", "roster.span", **_span(span, turn.house)))
    return turn.reply(turn.words("roster.which_duty"), *choices)


def _span(span: Span | Swap | Leave, house: House) -> dict[str, datetime]:
    return {"starts": house.local(span.starts), "ends": house.local(span.ends)}


async def pressed(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`swap:pick:<from>:<to>`, `swap:ask:<from>:<to>:<staff>`, `swap:yes:<id>`, `swap:no:<id>`; epoch seconds."""
    event = turn.heard.event
    parts = event.id.split(":") if isinstance(event, Choice) else []
    if turn.staff is None or not all(re.fullmatch(r"[0-9]{1,10}", part) for part in parts[2:]):
        return turn.reply(turn.words("common.stale"))
    match parts[1:]:
        case ["pick", start, end]:
            return await _whom(int(start), int(end), turn, turn.staff, uow)
        case ["ask", start, end, staff_id]:
            asked = await ask(turn.staff, int(start), int(end), int(staff_id), turn.house, uow, turn.now)
            return turn.answered(asked)
        case ["yes" | "no" as word, swap_id]:
            decided = await decide(int(swap_id), turn.staff, word == "yes", turn.house, uow, turn.now)
            return turn.answered(decided)
        case _:
            return turn.reply(turn.words("common.stale"))


async def _slot(staff: Staff, start: int, end: int, house: House, uow: UnitOfWork, now: datetime) -> Span | None:
    """The duty a button stands for, as far as it is still to come; None when it is over or no longer theirs."""
    for span in await next_slots(staff, house, uow, now):
        if int(span.ends.timestamp()) == end and start <= int(span.starts.timestamp()) < end:
            return span
    return None


async def _whom(start: int, end: int, turn: Turn, staff: Staff, uow: UnitOfWork) -> Outcome:
    span = await _slot(staff, start, end, turn.house, uow, turn.now)
    if span is None:
        return turn.reply(turn.words("roster.swap_gone"))
    found = await colleagues(staff, span, turn.house, uow)
    if not found:
        return turn.reply(turn.words("roster.nobody_free"))
    choices = [Option(f"swap:ask:{start}:{end}:{member.id}", member.name[:40]) for member in found[:SHOWN]]
    return turn.reply(turn.words("roster.with_whom", **_span(span, turn.house)), *choices)


async def colleagues(staff: Staff, span: Span, house: House, uow: UnitOfWork) -> list[Staff]:
    """Who could take a duty over: free at that time, serving what its holder serves; who serves all of it first."""
    served = await uow.roster.served()
    mine = served.get(staff.id, frozenset())
    active = {row.id: row for row in await uow.roster.active() if row.id != staff.id}
    busy = {row.staff_id for row in await routing.duties(uow, house, span.starts, span.ends, active.keys())}
    busy |= {row.staff_id for row in await uow.roster.leaves(span.starts, span.ends)}
    fit = []
    for row in active.values():
        theirs = served.get(row.id, frozenset())
        shares = row.serves_all or (not staff.serves_all and bool(mine & theirs)) or (staff.serves_all and bool(theirs))
        if row.id not in busy and shares:
            fit.append((not (row.serves_all or (not staff.serves_all and mine <= theirs)), row.id))
    return [active[staff_id] for _, staff_id in sorted(fit)]


async def ask(
    staff: Staff, start: int, end: int, with_id: int, house: House, uow: UnitOfWork, now: datetime
) -> Outcome:
    """Ask a colleague to take a duty over."""
    span = await _slot(staff, start, end, house, uow, now)
    other = await uow.county.staff(with_id)
    if span is None or other is None or other.id not in {row.id for row in await colleagues(staff, span, house, uow)}:
        return advising.refusal(house, staff, "roster.swap_gone")
    say = house.wording.say
    answer = Outcome(answer=Content(say("roster.swap_asked", staff.language, name=other.name)))
    for before in await uow.roster.swaps(now):
        if before.state == "asked" and before.staff_id == staff.id and before.ends == span.ends:
            if before.with_id == other.id:
                return answer
            before.state, before.decided_at = "refused", now
    row = Swap(staff_id=staff.id, with_id=other.id, starts=span.starts, ends=span.ends, state="asked", asked_at=now)
    await uow.roster.add(row)
    text = say("roster.please_swap", other.language, name=staff.name, **_span(row, house))
    choices = (
        Option(f"swap:yes:{row.id}", say("roster.accept", other.language)),
        Option(f"swap:no:{row.id}", say("roster.refuse", other.language)),
    )
    return await to_staff(other, Content(text, choices), house, uow, now, dedup=f"swap:{row.id}") + answer


async def decide(swap_id: int, staff: Staff, accepted: bool, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """The colleague says yes or no. Only a yes changes the roster: both and the director are told."""
    row = await uow.roster.swap(swap_id, lock=True)
    if row is None or row.with_id != staff.id:
        return advising.refusal(house, staff, "common.stale")
    giver = await uow.county.staff(row.staff_id)
    if giver is None or row.state != "asked" or row.ends <= now:
        return advising.refusal(house, staff, "roster.swap_gone")
    say = house.wording.say
    if not accepted:
        row.state, row.decided_at = "refused", now
        text = say("roster.swap_refused", giver.language, name=staff.name, **_span(row, house))
        told = await to_staff(giver, Content(text), house, uow, now, dedup=f"swap:{row.id}:said")
        return told + Outcome(answer=Content(say("roster.you_refused", staff.language)))
    span = Span(max(row.starts, now), row.ends)
    taken = [_cut(duty, span) for duty in await routing.duties(uow, house, span.starts, span.ends, {giver.id})]
    if not taken or staff.id not in {other.id for other in await colleagues(giver, span, house, uow)}:
        return advising.refusal(house, staff, "roster.swap_gone")
    row.state, row.decided_at, row.starts = "accepted", now, span.starts
    await uow.roster.add(
        Leave(staff_id=giver.id, starts=span.starts, ends=span.ends, reason="swap"),
        *(
            Shift(
                staff_id=staff.id,
                starts=duty.starts,
                ends=duty.ends,
                village_id=duty.village_id,
                town_id=duty.town_id,
                topic=duty.topic,
                on_call=duty.on_call,
            )
            for duty in taken
        ),
    )
    outcome = Outcome(answer=Content(say("roster.you_took", staff.language, name=giver.name, **_span(row, house))))
    text = say("roster.swapped", giver.language, name=staff.name, **_span(row, house))
    outcome += await to_staff(giver, Content(text), house, uow, now, dedup=f"swap:{row.id}:said")
    for director in await directors([giver], uow, but={giver.id, staff.id}):
        text = say(
            "roster.director_swap", director.language, name=giver.name, colleague=staff.name, **_span(row, house)
        )
        outcome += await to_staff(director, Content(text), house, uow, now, dedup=f"swap:{row.id}:director")
    return outcome


def _cut(duty: Duty, span: Span) -> Duty:
    """A duty within a span."""
    return replace(
        duty,
        starts=max(duty.starts, span.starts),
        ends=span.ends if duty.ends is None else min(duty.ends, span.ends),
    )


async def directors(of: Iterable[Staff], uow: UnitOfWork, *, but: set[int]) -> list[Staff]:
    """The directors of the stations these staff serve; the county desk where there is none."""
    served = await uow.roster.served()
    active = await uow.roster.active()
    found = set()
    for staff in of:
        mine = served.get(staff.id, frozenset())
        for row in active:
            near = row.serves_all or staff.serves_all or bool(mine & served.get(row.id, frozenset()))
            if row.role == "director" and near:
                found.add(row.id)
    found = found or {row.id for row in active if row.role == "county"}
    return [row for row in active if row.id in found - but]


async def sick_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/sick`, `/sick 2026-11-30`, `/sick off`."""
    event = turn.heard.event
    args = event.args.strip() if isinstance(event, Command) else ""
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    if args.lower() in {"off", "好了"}:
        ended = await uow.roster.end_sickness(turn.staff.id, turn.now)
        return turn.reply(turn.words("roster.well" if ended else "roster.not_sick"))
    until: date | None = None
    if args:
        until = day_said(args, turn.house.local(turn.now).date(), LONGEST_SICKNESS)
        if until is None:
            return turn.reply(turn.words("roster.sick_usage"))
    return turn.answered(await sick(turn.staff, until, turn.house, uow, turn.now, key=turn.key))


async def sick(staff: Staff, until: date | None, house: House, uow: UnitOfWork, now: datetime, *, key: str) -> Outcome:
    """Somebody falls ill: off duty for the rest of the shift, or to the end of a day. What they have not answered is
    offered to others; the director is told at once.
    """
    zone = house.settings.zone
    day = until or house.local(now).date()
    ends = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone).astimezone(now.tzinfo)
    if until is None:
        current = [span for span in await next_slots(staff, house, uow, now) if span.starts <= now]
        ends = current[0].ends if current else ends
    await uow.roster.add(Leave(staff_id=staff.id, starts=now, ends=ends, reason="sick"))
    handed = await hand_on(staff, house, uow, now, key=key)
    outcome, say = handed.outcome, house.wording.say
    said = {"ends": house.local(ends), "numbers": handed.numbers, "kept_numbers": handed.kept}
    for director in await directors([staff], uow, but={staff.id}):
        text = say("roster.director_sick", director.language, name=staff.name, **said)
        outcome += await to_staff(director, Content(text), house, uow, now, dedup=f"{key}:sick:{director.id}")
    return outcome + Outcome(answer=Content(say("roster.get_well", staff.language, **said)))


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of the cases of somebody who goes: those offered to others, and those that stay theirs."""

    outcome: Outcome = field(default_factory=Outcome)
    numbers: tuple[int, ...] = ()
    kept: tuple[int, ...] = ()


async def hand_on(staff: Staff, house: House, uow: UnitOfWork, now: datetime, *, key: str) -> Handed:
    """Offer to others what somebody has not answered, and what waits for them to see to it."""
    handed_on, kept = [], []
    for row in await uow.cases.of_adviser(staff.id):
        case = await uow.cases.get(row.id, lock=True)
        if case is None or case.status != CaseStatus.CLAIMED or case.adviser_id != staff.id:
            continue
        if case.answered_at is not None:
            kept.append(case.id)
            continue
        await uow.cases.release(case)
        await clocks.released(case, staff, house, uow, now, reason="sick")
        handed_on.append(case)
    outcome = Outcome()
    for case in [*handed_on, *await uow.roster.owned_waiting(staff.id)]:
        if case.status == CaseStatus.WAITING and case.owner_id == staff.id:
            await routing.reroute(case, house, uow, now, refused=(staff.id,))
            outcome += await casework.page(case, house, uow, now, occasion=key, but=staff.id)
    return Handed(outcome, tuple(case.id for case in handed_on), tuple(kept))


async def coming_gaps(house: House, uow: UnitOfWork, now: datetime) -> dict[Span, list[int]]:
    """When which villages have nobody on duty in the opening hours of the next 14 days."""
    until = now + timedelta(days=GAP_DAYS)
    active = {row.id: row for row in await uow.roster.active()}
    served = await uow.roster.served()
    towns = await uow.roster.towns()
    planned = await routing.duties(uow, house, now, until, active.keys())
    for_all = {row.id for row in active.values() if row.serves_all}
    places = []
    for village_id, town_id in towns.items():
        named = {row.staff_id for row in planned if row.village_id == village_id or row.town_id == town_id}
        serving = {staff_id for staff_id in active if village_id in served.get(staff_id, ())}
        places.append(Place(village_id, town_id, frozenset(for_all | serving | named)))
    settings = house.settings
    days = settings.days if settings.gaps_on_working_days else EVERY_DAY
    open_times = office_hours(now, until, settings.zone, settings.service.opens, settings.service.closes, days)
    return gaps(planned, places, between(open_times, now, until))


def gaps_task(house: House, now: datetime) -> Later:
    """The look at the roster of the local day of `now`, due when the station opens; twice scheduled it runs once."""
    day = house.local(now).date()
    due = datetime.combine(day, house.settings.service.opens, tzinfo=house.settings.zone)
    return Later("roster_gaps", due, f"roster_gaps:{day.isoformat()}", {"day": day.isoformat()})


async def gaps_due(task: Task, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """Once a day the directors hear of the gaps before them, each of their own villages; then the next day's look."""
    outcome = Outcome(tasks=(gaps_task(house, now + timedelta(days=1)),))
    found = await coming_gaps(house, uow, now)
    if not found:
        return outcome
    names = {village.id: village.name for village, _ in await uow.county.villages()}
    served = await uow.roster.served()
    active = await uow.roster.active()
    told = [row for row in active if row.role == "director"]
    watched = set().union(*(served.get(row.id, frozenset()) for row in told if not row.serves_all))
    everything = any(row.serves_all for row in told)
    for staff in [*told, *(row for row in active if row.role == "county")]:
        own = served.get(staff.id, frozenset())
        rows = []
        for span, villages in found.items():
            if staff.role == "director":
                mine = [number for number in villages if staff.serves_all or number in own]
            else:
                mine = [number for number in villages if not everything and number not in watched]
            if mine:
                rows.append((house.local(span.starts), house.local(span.ends), [names[number] for number in mine]))
        if rows:
            text = house.wording.say("roster.gaps", staff.language, rows=rows)
            outcome += await to_staff(staff, Content(text), house, uow, now, dedup=f"{task.dedup}:{staff.id}")
    return outcome
