"""Who is to be called: those who answered nothing twice, or cannot or must not be written to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from handlers import advising, routing
from handlers.messages import Choice, Content, Option, Outcome
from handlers.notices import to_staff
from handlers.turn import House, Turn
from storage.tables import Call, Case, FollowUp, Staff
from storage.unit_of_work import UnitOfWork

REASONS = ("silent", "unsafe", "stopped", "blocked", "late")
"""Why somebody is called instead of written to; each has a text in the wording."""
_SHOWN = 8
_BEGINNING = 60


async def add(row: FollowUp, reason: str, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """Put the person of a follow-up on the list of whoever has their case, and tell them. Once for one matter."""
    if await uow.follow_ups.open_call_of(row.person_id, row.case_id, row.question_id) is not None:
        return Outcome()
    case = await uow.cases.get(row.case_id) if row.case_id else None
    staff = await _holder(case, row.staff_id, uow)
    call = await uow.follow_ups.add_call(
        Call(
            person_id=row.person_id,
            case_id=row.case_id,
            question_id=row.question_id,
            staff_id=staff.id if staff else None,
            reason=reason,
            since=now,
        )
    )
    if staff is None:
        return Outcome()
    say = house.wording.say
    text = say("calls.told", staff.language, number=row.case_id, reason=reason, words=row.words)
    button = Option(f"call:{call.id}:done", say("calls.done_button", staff.language))
    return await to_staff(
        staff, Content(text, (button,)), house, uow, now, dedup=f"call:{call.id}:{staff.id}", about_case=row.case_id
    )


async def _holder(case: Case | None, staff_id: int | None, uow: UnitOfWork) -> Staff | None:
    """Whose call it is: the case's adviser, else who asked for it; nobody's where they left or may not see the case."""
    staff = await uow.county.staff((case.adviser_id if case else None) or staff_id)
    if staff is None or not staff.active or (case is not None and await routing.walled(case, staff, uow)):
        return None
    return staff


async def of(staff: Staff, uow: UnitOfWork) -> list[Call]:
    """Whom a member of staff is to call: for their cases; and for nobody's, where they serve the village."""
    return [call for call in await uow.follow_ups.open_calls() if await may_see(call, staff, uow)]


async def may_see(call: Call, staff: Staff, uow: UnitOfWork) -> bool:
    """Whether a call stands on somebody's list."""
    case = await uow.cases.get(call.case_id) if call.case_id else None
    holder = await _holder(case, call.staff_id, uow)
    if holder is not None:
        return holder.id == staff.id
    if case is not None:
        return await advising.open_to(case.id, staff, uow) is not None
    person = await uow.people.person(call.person_id)
    return any(row.id == staff.id for row in await uow.county.serving(person.village_id))


async def card(call: Call, house: House, uow: UnitOfWork) -> dict[str, Any]:
    """A call at a glance. `phone`: what the person gave for the case, '' for nothing."""
    question = await uow.people.question(call.question_id) if call.question_id else None
    person = await uow.people.person(call.person_id)
    village = await uow.county.village(person.village_id)
    messages = await uow.people.of_case(call.case_id) if call.case_id else []
    phones = [row.text for row in messages if row.kind == "contact" and row.author == "villager"]
    words = question.text if question else next((row.text for row in messages if row.author == "villager"), "")
    return {
        "id": call.id,
        "number": call.case_id,
        "reason": call.reason,
        "since": house.local(call.since).date(),
        "village": village.name if village else "",
        "phone": phones[-1] if phones else "",
        "words": words[:_BEGINNING] + ("…" if len(words) > _BEGINNING else ""),
    }


async def list_calls(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/calls`."""
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    rows = [await card(call, turn.house, uow) for call in await of(turn.staff, uow)]
    buttons = [
        turn.option(f"call:{row['id']}:done", "calls.done_one", place=place)
        for place, row in enumerate(rows[:_SHOWN], start=1)
    ]
    return turn.reply(turn.words("calls.list", rows=rows[:_SHOWN], more=max(0, len(rows) - _SHOWN)), *buttons)


async def done(call_id: int, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """Somebody called, or went there."""
    call = await uow.follow_ups.call(call_id, lock=True)
    if call is None or (call.done_at is None and not await may_see(call, staff, uow)):
        return Outcome(answer=Content(house.wording.say("calls.gone", staff.language)), done=False)
    if call.done_at is None:
        call.done_at, call.done_by = now, staff.id
    return Outcome(answer=Content(house.wording.say("calls.done", staff.language)))


async def pressed(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`call:<id>:done`."""
    event = turn.heard.event
    parts = event.id.split(":") if isinstance(event, Choice) else []
    valid = len(parts) == 3 and parts[2] == "done" and parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 10
    if turn.staff is None or not valid:
        return turn.reply(turn.words("common.stale"))
    return turn.answered(await done(int(parts[1]), turn.staff, turn.house, uow, turn.now))
