"""The conflict wall in a case: who the other side is, said by the villager or the adviser, and what follows from it."""

from __future__ import annotations

import re
from datetime import datetime

from handlers import advising, casework, clocks, routing
from handlers.messages import Choice, Command, Content, Outcome
from handlers.notices import to_staff, to_villager
from handlers.rules.conflict import SIDES, cleaned, names_in, normal
from handlers.states import Asking, NamingSides
from handlers.turn import House, Turn
from storage.tables import Case, CaseStatus, Staff
from storage.unit_of_work import UnitOfWork

_SIDE_WORDS = {
    "committee": {"村委会", "村委", "村民委员会", "committee", "village committee"},
    "government": {"政府", "政府部门", "government"},
}


async def chose_side(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`side:<n>:<side>`, pressed by the case's own villager."""
    event = turn.heard.event
    parts = event.id.split(":") if isinstance(event, Choice) else []
    if len(parts) != 3 or not re.fullmatch(r"[0-9]{1,9}", parts[1]) or parts[2] not in (*SIDES, "unsaid"):
        return turn.reply(turn.words("common.stale"))
    case = await uow.cases.get(int(parts[1]), lock=True)
    if case is None or case.person_id != turn.person.id or case.status == CaseStatus.CLOSED:
        return turn.reply(turn.words("common.stale"))
    moved = await set_sides(case, turn.house, uow, turn.now, key=turn.key, side=parts[2])
    if parts[2] == "unsaid":
        return moved + turn.reply(turn.words("wall.unsaid"), about_case=case.id)
    turn.go(NamingSides(case_id=case.id))
    return moved + turn.reply(turn.words("wall.name_it"), about_case=case.id)


async def villager_wrote(turn: Turn, uow: UnitOfWork) -> Outcome:
    """Words from a villager with an open case: always added to it; names of the sides in them are noted too."""
    state = turn.state
    case = await uow.cases.open_of(turn.person.id)
    asked = isinstance(state, NamingSides) and case is not None and state.case_id == case.id
    if isinstance(state, NamingSides):
        turn.go(Asking())
    if case is None or turn.message is None:
        return Outcome()
    party, opponent = names_in(turn.message.text, bare=asked)
    new_party, new_opponent = party if not case.party else "", opponent if asked or not case.opponent else ""
    if not new_party and not new_opponent:
        return await casework.villager_wrote(turn, uow)
    turn.message.case_id = case.id
    # The wall first: an adviser who turns out to stand too near must not get these words.
    moved = await set_sides(case, turn.house, uow, turn.now, key=turn.key, party=new_party, opponent=new_opponent)
    told = Outcome()
    if asked and new_opponent:
        told = turn.reply(turn.words("wall.noted", number=case.id, name=new_opponent), about_case=case.id)
        return moved + await casework.add_to_case(case, turn, uow) + told
    return moved + await casework.villager_wrote(turn, uow)


async def set_sides(
    case: Case,
    house: House,
    uow: UnitOfWork,
    now: datetime,
    *,
    key: str,
    party: str = "",
    opponent: str = "",
    side: str = "",
) -> Outcome:
    """Note what is given of a case's sides, and move it on where its adviser or owner stands too near to one of them;
    and so any open case of the other side, which may have to leave an adviser who has this one.
    """
    await uow.flush()
    await uow.cases.get(case.id, lock=True)  # nobody claims it between the look at the wall and the commit
    case.party = cleaned(party) or case.party
    case.opponent = cleaned(opponent) or case.opponent
    case.opponent_side = side or case.opponent_side
    case.party_key, case.opponent_key = normal(case.party), normal(case.opponent)
    await uow.flush()
    outcome = await enforce(case, house, uow, now, key=key)
    for number in await routing.opposed(case, uow):
        if (other := await uow.cases.get(number, lock=True)) is not None:
            outcome += await enforce(other, house, uow, now, key=f"{key}:{number}")
    return outcome


async def enforce(case: Case, house: House, uow: UnitOfWork, now: datetime, *, key: str) -> Outcome:
    """See that nobody behind the wall has a case: an adviser loses it, with everybody told; an owner is replaced."""
    if case.status == CaseStatus.CLOSED:
        return Outcome()
    adviser = await uow.county.staff(case.adviser_id)
    reason = await routing.walled(case, adviser, uow) if adviser is not None else ""
    if adviser is not None and not reason:
        return await _not_to_be_asked(case, adviser, house, uow, now)
    if adviser is None:
        owner = await uow.county.staff(case.owner_id)
        if owner is not None and await routing.walled(case, owner, uow):
            await routing.reroute(case, house, uow, now)
        # Whoever was offered it may stand behind the wall now, and the next place has not been asked yet.
        return await casework.page(case, house, uow, now)
    await uow.cases.release(case)
    await clocks.released(case, adviser, house, uow, now, kind="walled", reason=reason)
    await routing.reroute(case, house, uow, now)
    say = house.wording.say
    told = to_villager(case, Content(say("wall.moved_on", case.language, number=case.id)), dedup=f"{key}:moved_on")
    left = Content(say("wall.you_leave", adviser.language, number=case.id))
    return (
        told
        + await to_staff(adviser, left, house, uow, now, dedup=f"{key}:wall:{adviser.id}")
        + await casework.page(case, house, uow, now, occasion=key)
    )


async def _not_to_be_asked(case: Case, adviser: Staff, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """A colleague who was asked to take the case over is not, once the wall is between; its adviser is told."""
    asked = await uow.roster.asked_for(case.id)
    colleague = await uow.county.staff(asked.to_id) if asked is not None else None
    if asked is None or colleague is None or not await routing.walled(case, colleague, uow):
        return Outcome()
    await clocks.transfer_decided(case, asked, "withdrawn", uow, now)
    text = house.wording.say("hand.no_such_colleague", adviser.language, number=case.id)
    return await to_staff(
        adviser, Content(text), house, uow, now, dedup=f"transfer:{asked.id}:wall", about_case=case.id
    )


async def note(
    number: int, staff: Staff, field: str, value: str, house: House, uow: UnitOfWork, now: datetime, *, key: str
) -> Outcome:
    """Staff note a side: `field` is 'opponent', 'party' or 'side'. A body named as such is a side, not a name."""
    case = await advising.open_to(number, staff, uow, lock=True)
    if case is None:
        return advising.refusal(house, staff, "advise.no_such_case", number=number)
    if case.status == CaseStatus.CLOSED:
        return advising.refusal(house, staff, "advise.is_closed", number=number)
    name = cleaned(value)
    side = next((side for side, words in _SIDE_WORDS.items() if name.casefold() in words), "")
    if not name or (field == "side" and name not in (*SIDES, "unsaid")):
        return advising.refusal(house, staff, "wall.opponent_usage")
    values = {"side": name} if field == "side" else {"side": side} if field == "opponent" and side else {field: name}
    moved = await set_sides(case, house, uow, now, key=key, **values)
    gone = await routing.walled(case, staff, uow)
    say = house.wording.say
    if gone:
        text = say("wall.recorded_and_gone", staff.language, number=number)
    else:
        shown = say("wall.side_name", staff.language, name=name) if field == "side" else name
        text = say("wall.recorded", staff.language, number=number, name=shown)
    return moved + Outcome(answer=Content(text))


async def opponent_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/opponent 12 张三`."""
    return await _command(turn, uow, "opponent")


async def party_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/party 12 李四`."""
    return await _command(turn, uow, "party")


async def _command(turn: Turn, uow: UnitOfWork, field: str) -> Outcome:
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    event = turn.heard.event
    number, value = advising.number_and_rest(event.args if isinstance(event, Command) else "")
    if number is None or not value.strip():
        return turn.reply(turn.words("wall.opponent_usage"))
    return turn.answered(await note(number, turn.staff, field, value, turn.house, uow, turn.now, key=turn.key))
