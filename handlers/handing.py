"""A case goes on: to a named colleague who accepts it, or to another office and back; and why it came to somebody."""

from __future__ import annotations

import re
from datetime import datetime

from handlers import advising, casework, clocks, routing
from handlers.messages import Choice, Command, Content, Option, Outcome
from handlers.notices import to_staff, to_villager
from handlers.rules.conflict import cleaned
from handlers.turn import House, Turn
from storage.tables import Case, CaseStatus, Staff, Transfer
from storage.unit_of_work import UnitOfWork

COLLEAGUES = 8
"""How many colleagues are put before an adviser to choose from."""
LONGEST_REASON = 300


async def _mine(number: int, staff: Staff, house: House, uow: UnitOfWork) -> Case | Outcome:
    """The open case that this member of staff has, or why they have not."""
    case = await advising.open_to(number, staff, uow, lock=True)
    if case is None:
        return advising.refusal(house, staff, "advise.no_such_case", number=number)
    if case.status == CaseStatus.CLOSED:
        return advising.refusal(house, staff, "advise.is_closed", number=number)
    if case.adviser_id == staff.id:
        return case
    holder = await uow.county.staff(case.adviser_id)
    return advising.refusal(house, staff, "hand.not_yours", number=number, adviser=holder.name if holder else "")


async def colleagues(case: Case, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> list[Staff]:
    """Whom a case could be handed to, the fittest first: nobody behind the conflict wall."""
    seen = await routing.board(house, uow, now, ahead=routing.AHEAD)
    ranking = await routing.rank(case, seen, uow, refused=(staff.id,))
    return [seen.staff[row.staff_id] for row in ranking.order][:COLLEAGUES]


async def ask(
    number: int, staff: Staff, to_id: int, reason: str, house: House, uow: UnitOfWork, now: datetime
) -> Outcome:
    """Ask a named colleague to take a case over. The first keeps it until they accept (首问负责)."""
    case = await _mine(number, staff, house, uow)
    if isinstance(case, Outcome):
        return case
    other = await uow.county.staff(to_id)
    if other is None or not other.active or other.id == staff.id or await routing.walled(case, other, uow):
        return advising.refusal(house, staff, "hand.no_such_colleague", number=number)
    before = await uow.roster.asked_for(number)
    if before is not None and before.to_id == other.id:
        return advising.refusal(house, staff, "hand.asked", number=number, name=other.name)
    await clocks.transfer_withdrawn(case, uow, now)
    row = Transfer(
        case_id=number, from_id=staff.id, to_id=other.id, reason=cleaned(reason)[:LONGEST_REASON], asked_at=now
    )
    await uow.roster.add(row)
    by = await clocks.transfer_asked(case, row, house, uow, now)
    say = house.wording.say
    text = say(
        "hand.please_take",
        other.language,
        number=number,
        name=staff.name,
        reason=row.reason,
        by=house.local(by),
        summary=await casework.summary(case, other, house, uow),
    )
    content = Content(text, buttons(row, other, house))
    asked = await to_staff(other, content, house, uow, now, dedup=f"transfer:{row.id}", about_case=number)
    return asked + Outcome(answer=Content(say("hand.asked", staff.language, number=number, name=other.name)))


def buttons(row: Transfer, other: Staff, house: House) -> tuple[Option, ...]:
    """What a colleague who is asked can say."""
    say = house.wording.say
    return (
        Option(f"transfer:yes:{row.id}", say("hand.accept", other.language)),
        Option(f"transfer:no:{row.id}", say("hand.refuse", other.language)),
    )


async def decide(
    transfer_id: int, staff: Staff, accepted: bool, house: House, uow: UnitOfWork, now: datetime
) -> Outcome:
    """The colleague says yes or no; only then does the case change hands."""
    row = await uow.roster.transfer(transfer_id)
    if row is None or row.to_id != staff.id:
        return advising.refusal(house, staff, "common.stale")
    # Whoever changes a transfer holds its case: only now is it certain how it stands.
    case = await uow.cases.get(row.case_id, lock=True)
    row = await uow.roster.transfer(transfer_id, lock=True)
    if case is None or row is None or row.state != "asked" or case.adviser_id != row.from_id:
        return advising.refusal(house, staff, "hand.too_late", number=case.id if case else 0)
    if await routing.walled(case, staff, uow):
        await clocks.transfer_decided(case, row, "withdrawn", uow, now)
        return advising.refusal(house, staff, "hand.too_late", number=case.id)
    giver = await uow.county.staff(row.from_id)
    await clocks.transfer_decided(case, row, "accepted" if accepted else "refused", uow, now, by=staff)
    say = house.wording.say
    told = Outcome()
    if giver is not None:
        key = "hand.accepted" if accepted else "hand.refused"
        text = say(key, giver.language, number=case.id, name=staff.name)
        told = await to_staff(
            giver, Content(text), house, uow, now, dedup=f"transfer:{row.id}:said", about_case=case.id
        )
    if not accepted:
        return told + Outcome(answer=Content(say("hand.you_refused", staff.language, number=case.id)))
    await clocks.now_with(case, staff, house, uow, now)
    text = say("hand.now_with", case.language, number=case.id, adviser=staff.name)
    shown = await advising.show(case, staff, house, uow, now, "advise.claimed", dedup=f"transfer:{row.id}")
    return (
        told
        + to_villager(case, Content(text), dedup=f"transfer:{row.id}:villager")
        + shown
        + Outcome(answer=Content(say("advise.claimed_short", staff.language, number=case.id)))
    )


async def refer(number: int, staff: Staff, where: str, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """A case is sent to another office; the adviser keeps watching it, and the villager is told both."""
    case = await _mine(number, staff, house, uow)
    if isinstance(case, Outcome):
        return case
    name = cleaned(where)
    if not name:
        return advising.refusal(house, staff, "hand.refer_usage")
    case.referred_to = name
    await uow.events.record(case.id, "referred", now, staff_id=staff.id, by=staff.id, detail={"to": name})
    say = house.wording.say
    count = len(await uow.events.of_case(number, ["referred"]))
    text = say("hand.referred", case.language, number=number, name=name, adviser=staff.name)
    return to_villager(case, Content(text), dedup=f"referred:{number}:{count}") + Outcome(
        answer=Content(say("hand.you_referred", staff.language, number=number, name=name))
    )


async def back(number: int, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """A referred case is back from the other office."""
    case = await _mine(number, staff, house, uow)
    if isinstance(case, Outcome):
        return case
    if not case.referred_to:
        return advising.refusal(house, staff, "hand.not_referred", number=number)
    name, case.referred_to = case.referred_to, ""
    await uow.events.record(case.id, "returned", now, staff_id=staff.id, by=staff.id, detail={"from": name})
    say = house.wording.say
    count = len(await uow.events.of_case(number, ["returned"]))
    text = say("hand.returned", case.language, number=number, name=name, adviser=staff.name)
    return to_villager(case, Content(text), dedup=f"returned:{number}:{count}") + Outcome(
        answer=Content(say("hand.you_have_back", staff.language, number=number, name=name))
    )


async def reasons(case: Case, language: str, house: House, uow: UnitOfWork) -> list[str]:
    """What was decided about a case and why, a line each, in order."""
    lines = []
    kinds = (
        "owned",
        "offered",
        "claimed",
        "released",
        "walled",
        "moved_on",
        "transfer_asked",
        "transfer_accepted",
        "transfer_refused",
        "transfer_withdrawn",
        "transfer_lapsed",
        "referred",
        "returned",
    )
    for event in await uow.events.of_case(case.id, kinds):
        member = await uow.county.staff(event.staff_id)
        left_out = []
        for staff_id, why in event.detail.get("left_out", {}).items():
            other = await uow.county.staff(int(staff_id))
            left_out.append((other.name if other else staff_id, why))
        lines.append(
            house.wording.say(
                "hand.reason",
                language,
                kind=event.kind,
                name=member.name if member else "",
                moment=house.local(event.at),
                facts=event.detail,
                left_out=left_out,
            )
        )
    return lines


async def transfer_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/transfer 12`: colleagues to choose from."""
    number, _ = _said(turn)
    if turn.staff is None or number is None:
        return turn.reply(turn.words("hand.transfer_usage" if turn.staff else "common.staff_only"))
    case = await _mine(number, turn.staff, turn.house, uow)
    if isinstance(case, Outcome):
        return turn.answered(case)
    others = await colleagues(case, turn.staff, turn.house, uow, turn.now)
    if not others:
        return turn.reply(turn.words("hand.nobody", number=number))
    choices = [Option(f"transfer:ask:{number}:{member.id}", member.name[:40]) for member in others]
    return turn.reply(turn.words("hand.to_whom", number=number), *choices, about_case=number)


async def pressed(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`transfer:ask:<n>:<staff>`, `transfer:yes:<id>`, `transfer:no:<id>`."""
    event = turn.heard.event
    parts = event.id.split(":") if isinstance(event, Choice) else []
    if turn.staff is None or not all(re.fullmatch(r"[0-9]{1,9}", part) for part in parts[2:]):
        return turn.reply(turn.words("common.stale"))
    staff, house, now = turn.staff, turn.house, turn.now
    match parts[1:]:
        case ["ask", number, to_id]:
            return turn.answered(await ask(int(number), staff, int(to_id), "", house, uow, now))
        case ["yes" | "no" as word, row_id]:
            return turn.answered(await decide(int(row_id), staff, word == "yes", house, uow, now))
        case _:
            return turn.reply(turn.words("common.stale"))


async def refer_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/refer 12 工会`."""
    number, where = _said(turn)
    if turn.staff is None or number is None:
        return turn.reply(turn.words("hand.refer_usage" if turn.staff else "common.staff_only"))
    return turn.answered(await refer(number, turn.staff, where, turn.house, uow, turn.now))


async def back_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/back 12`."""
    number, _ = _said(turn)
    if turn.staff is None or number is None:
        return turn.reply(turn.words("hand.refer_usage" if turn.staff else "common.staff_only"))
    return turn.answered(await back(number, turn.staff, turn.house, uow, turn.now))


async def why_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/why 12`: why this case came to whom."""
    number, _ = _said(turn)
    if turn.staff is None or number is None:
        return turn.reply(turn.words("hand.why_usage" if turn.staff else "common.staff_only"))
    case = await advising.open_to(number, turn.staff, uow)
    if case is None:
        return turn.reply(turn.words("advise.no_such_case", number=number))
    lines = await reasons(case, turn.language, turn.house, uow)
    return turn.reply(turn.words("hand.why", number=number, lines=lines))


def _said(turn: Turn) -> tuple[int | None, str]:
    event = turn.heard.event
    return advising.number_and_rest(event.args if isinstance(event, Command) else "")
