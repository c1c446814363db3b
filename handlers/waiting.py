"""What an adviser may do about the time a case has: wait for the villager, or ask for longer."""

from __future__ import annotations

import re
from datetime import datetime

from handlers import advising, clocks
from handlers.messages import Choice, Command, Content, Option, Outcome
from handlers.notices import to_staff, to_villager
from handlers.turn import House, Turn
from storage.tables import Case, CaseStatus, Role, Staff
from storage.unit_of_work import UnitOfWork

LONGEST_REASON = 500


def _refusal(house: House, staff: Staff, key: str, **values: object) -> Outcome:
    return Outcome(answer=Content(house.wording.say(key, staff.language, **values)), done=False)


async def _own(number: int, staff: Staff, house: House, uow: UnitOfWork) -> tuple[Case | None, Outcome]:
    """The open case that is this adviser's, locked; or why not."""
    case = await advising.open_to(number, staff, uow, lock=True)
    if case is None:
        return None, _refusal(house, staff, "advise.no_such_case", number=number)
    if case.status == CaseStatus.CLOSED:
        return None, _refusal(house, staff, "advise.is_closed", number=number)
    if case.adviser_id != staff.id:
        holder = await uow.county.staff(case.adviser_id)
        key = "service.not_yours" if holder else "advise.claim_first"
        return None, _refusal(house, staff, key, number=number, **({"adviser": holder.name} if holder else {}))
    return case, Outcome()


async def wait(number: int, staff: Staff, house: House, uow: UnitOfWork, now: datetime, *, key: str) -> Outcome:
    """The case waits for the villager: its clocks stand still until they write, or for the time allowed."""
    case, refused = await _own(number, staff, house, uow)
    if case is None:
        return refused
    if case.answered_at is None:
        return _refusal(house, staff, "service.ask_first", number=number)
    if case.waits_for_villager_since is not None:
        return _refusal(house, staff, "service.waits_already", number=number)
    if await _waited_in_vain(number, uow):
        return _refusal(house, staff, "service.waited_enough", number=number)
    until = house.local(await clocks.pause(case, staff, house, uow, now))
    said = house.wording.say("service.your_turn", case.language, number=number, adviser=staff.name)
    answer = house.wording.say("service.waits", staff.language, number=number, until=until)
    return to_villager(case, Content(said), dedup=f"{key}:wait:{number}") + Outcome(answer=Content(answer))


async def _waited_in_vain(number: int, uow: UnitOfWork) -> bool:
    """Whether the case waited as long as it may, and the villager has not written since."""
    last = await uow.events.last(number, ("paused", "resumed"))
    if last is None or last.detail.get("why") != "limit":
        return False
    return all(row.author != "villager" or row.said_at < last.at for row in await uow.people.of_case(number))


async def ask_extension(
    number: int, staff: Staff, reason: str, house: House, uow: UnitOfWork, now: datetime, *, key: str
) -> Outcome:
    """Ask the station's directors, else the county desk, for the longest time; nobody approves their own."""
    case, refused = await _own(number, staff, house, uow)
    if case is None:
        return refused
    clock = await clocks.running_result(case, uow)
    if clock is None or clock.extended:
        return _refusal(house, staff, "service.extended_already", number=number)
    if not reason.strip():
        return _refusal(house, staff, "service.extend_usage")
    last = await uow.events.last(number, ("extend_asked", "extended", "extend_refused"))
    if last is not None and last.kind == "extend_asked" and last.by_staff_id == staff.id:
        return _refusal(house, staff, "service.asked_already", number=number)
    deciding = await _deciding(case, staff, uow)
    if not deciding:
        return _refusal(house, staff, "service.nobody_decides", number=number)
    detail = {"reason": reason.strip()[:LONGEST_REASON]}
    await uow.events.record(number, "extend_asked", now, staff_id=staff.id, by=staff.id, detail=detail)
    due = house.local(await clocks.extended_due(clock, case, house, uow, now))
    outcome = Outcome()
    for person in deciding:
        text = house.wording.say(
            "service.extend_ask", person.language, number=number, adviser=staff.name, reason=detail["reason"],
            by=house.local(clock.due), until=due,
        )  # fmt: skip
        choices = (
            Option(f"extend:{number}:yes", house.wording.say("service.extend_yes", person.language)),
            Option(f"extend:{number}:no", house.wording.say("service.extend_no", person.language)),
        )
        content = Content(text, choices)
        dedup = f"{key}:extend:{number}:{person.id}"
        outcome += await to_staff(person, content, house, uow, now, dedup=dedup, about_case=number)
    names = [person.name for person in deciding]
    return outcome + Outcome(
        answer=Content(house.wording.say("service.extend_asked", staff.language, number=number, told=names))
    )


async def _deciding(case: Case, asking: Staff | None, uow: UnitOfWork) -> list[Staff]:
    """Who may grant an extension: the directors of the village's station, else the county desk; never who asks."""
    for role in (Role.DIRECTOR, Role.COUNTY):
        found = [
            person for person in await uow.county.with_role(role, case.village_id)
            if (asking is None or person.id != asking.id) and await advising.open_to(case.id, person, uow) is not None
        ]  # fmt: skip
        if found:
            return found
    return []


async def is_asked(case: Case, uow: UnitOfWork) -> bool:
    """Whether a request for more time waits for an answer."""
    last = await uow.events.last(case.id, ("extend_asked", "extended", "extend_refused"))
    return last is not None and last.kind == "extend_asked" and await clocks.running_result(case, uow) is not None


async def may_decide(case: Case, staff: Staff, uow: UnitOfWork) -> bool:
    """Whether an extension of this case waits for the word of this member of staff."""
    last = await uow.events.last(case.id, ("extend_asked", "extended", "extend_refused"))
    if last is None or last.kind != "extend_asked" or await clocks.running_result(case, uow) is None:
        return False
    asking = await uow.county.staff(last.staff_id)
    return staff.id in {person.id for person in await _deciding(case, asking, uow)}


async def decide_extension(
    number: int, staff: Staff, answer: str, house: House, uow: UnitOfWork, now: datetime, *, key: str
) -> Outcome:
    """A director says yes or no. The first word counts; adviser and villager are told."""
    case = await advising.open_to(number, staff, uow, lock=True)
    if case is None or answer not in {"yes", "no"}:
        return _refusal(house, staff, "advise.no_such_case", number=number)
    last = await uow.events.last(number, ("extend_asked", "extended", "extend_refused"))
    clock = await clocks.running_result(case, uow)
    if last is None or last.kind != "extend_asked" or clock is None:
        return _refusal(house, staff, "service.extend_gone", number=number)
    adviser = await uow.county.staff(last.staff_id)
    if staff.id not in {person.id for person in await _deciding(case, adviser, uow)}:
        return _refusal(house, staff, "service.extend_not_yours", number=number)
    granted = answer == "yes"
    kind = "extended" if granted else "extend_refused"
    outcome = Outcome()
    if granted:
        await clocks.extend(clock, case, house, uow, now)
        by = house.local(clock.due)
        said = house.wording.say("service.longer", case.language, number=number, by=by)
        outcome += to_villager(case, Content(said), dedup=f"{key}:longer:{number}")
    until = house.local(clock.due)
    detail = {"reason": last.detail.get("reason", ""), "due": clock.due.isoformat()}
    await uow.events.record(number, kind, now, staff_id=last.staff_id, by=staff.id, detail=detail)
    if adviser is not None and adviser.id != staff.id:
        text = house.wording.say(
            "service.extend_decided", adviser.language, number=number, adviser=staff.name, granted=granted, until=until
        )
        outcome += await to_staff(
            adviser, Content(text), house, uow, now, dedup=f"{key}:decided:{number}", about_case=number
        )
    answered = house.wording.say("service.extend_done", staff.language, number=number, granted=granted, until=until)
    return outcome + Outcome(answer=Content(answered))


def _number_and_rest(turn: Turn) -> tuple[int | None, str]:
    args = turn.heard.event.args if isinstance(turn.heard.event, Command) else ""
    found = re.match(r"#?([0-9]{1,9})(?:\s+|$)", args.strip())
    return (int(found.group(1)), args.strip()[found.end() :]) if found else (None, "")


async def wait_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/wait 12`."""
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    number, _ = _number_and_rest(turn)
    if number is None:
        return turn.reply(turn.words("service.wait_usage"))
    return turn.answered(await wait(number, turn.staff, turn.house, uow, turn.now, key=turn.key))


async def wait_pressed(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`wait:<n>`."""
    event = turn.heard.event
    found = re.fullmatch(r"wait:([0-9]{1,9})", event.id) if isinstance(event, Choice) else None
    if turn.staff is None or found is None:
        return turn.reply(turn.words("common.stale"))
    return turn.answered(await wait(int(found.group(1)), turn.staff, turn.house, uow, turn.now, key=turn.key))


async def extend_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/extend 12 reason`."""
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    number, reason = _number_and_rest(turn)
    if number is None:
        return turn.reply(turn.words("service.extend_usage"))
    return turn.answered(await ask_extension(number, turn.staff, reason, turn.house, uow, turn.now, key=turn.key))


async def decided(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`extend:<n>:yes` or `extend:<n>:no`, under a director's question."""
    event = turn.heard.event
    found = re.fullmatch(r"extend:([0-9]{1,9}):(yes|no)", event.id) if isinstance(event, Choice) else None
    if turn.staff is None or found is None:
        return turn.reply(turn.words("common.stale"))
    number, answer = int(found.group(1)), found.group(2)
    return turn.answered(await decide_extension(number, turn.staff, answer, turn.house, uow, turn.now, key=turn.key))
