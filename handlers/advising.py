"""What an adviser does: claims a case, answers, closes it or puts it back, from their chat or from the desk.

`claim`, `release`, `reply` and `close` are the use cases; chat and desk both call them. Only the adviser who has a case
writes to its villager, and nothing an adviser types is sent without a case being named.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial

from handlers import casework, clocks, planning, routing
from handlers.messages import Choice, Command, Content, Option, Outcome
from handlers.notices import to_staff, to_villager, with_file
from handlers.rules.access import may_open
from handlers.states import Asking, NamingCase
from handlers.turn import House, Turn
from storage.tables import Case, CaseStatus, Message, Staff
from storage.unit_of_work import UnitOfWork

CLOSE_OUTCOMES = ("answered", "referred", "legal_aid", "mediation", "no_contact", "withdrawn")
"""How a case can end; each has a label in the wording."""

_NUMBER_IN_TEXT = re.compile(r"#(\d{1,9})\b")


def refusal(house: House, staff: Staff, key: str, **values: object) -> Outcome:
    """What was asked for did not happen, and why."""
    return Outcome(answer=Content(house.wording.say(key, staff.language, **values)), done=False)


async def open_to(number: int, staff: Staff, uow: UnitOfWork, *, lock: bool = False) -> Case | None:
    """The case, if there is one and this member of staff may see it."""
    case = await uow.cases.get(number, lock=lock)
    if case is None:
        return None
    if await routing.walled(case, staff, uow):
        return None
    allowed = partial(
        may_open,
        role=staff.role,
        serves_all=staff.serves_all,
        case_village=case.village_id,
        adviser=staff.id in {case.adviser_id, case.owner_id},
    )
    if allowed(villages=()) or allowed(villages=[village.id for village in await uow.county.served(staff.id)]):
        return case
    return case if await uow.roster.was_offered(number, staff.id) else None


async def claim(number: int, staff: Staff, house: House, uow: UnitOfWork, now: datetime, *, key: str) -> Outcome:
    """Take a waiting case, or one that is offered onward because its adviser is silent or away. Of two at once one
    wins; the other is told who has it. `key` is unique to this claim: a case that was put back is claimed again.
    """
    case = await open_to(number, staff, uow)
    if case is None:
        return refusal(house, staff, "advise.no_such_case", number=number)
    if not await uow.cases.claim(number, staff.id, now):
        case = await uow.cases.get(number, lock=True)
        if case is None or case.status == CaseStatus.CLOSED:
            return refusal(house, staff, "advise.is_closed", number=number)
        if case.adviser_id == staff.id:
            return refusal(house, staff, "advise.yours_already", number=number)
        holder = await uow.county.staff(case.adviser_id)
        if await clocks.offered_onward(case, uow):
            return await _take_over(case, holder, staff, house, uow, now, key=key)
        return refusal(house, staff, "advise.taken", number=number, adviser=holder.name if holder else "")
    claimed = await uow.cases.get(number, lock=True)
    if claimed is None:
        return refusal(house, staff, "advise.no_such_case", number=number)
    if await routing.walled(claimed, staff, uow):
        # Its sides were named while it was being claimed.
        await uow.cases.release(claimed)
        return refusal(house, staff, "advise.no_such_case", number=number)
    claimed.owner_id = staff.id
    await clocks.claimed(claimed, staff, uow, now)
    text = house.wording.say("case.claimed", claimed.language, number=number, adviser=staff.name)
    dedup = f"{key}:claimed:{number}"
    outcome = to_villager(claimed, Content(text), dedup=dedup)
    shown = await show(claimed, staff, house, uow, now, "advise.claimed", dedup=dedup)
    return (
        outcome
        + shown
        + Outcome(answer=Content(house.wording.say("advise.claimed_short", staff.language, number=number)))
    )


async def _take_over(
    case: Case, before: Staff | None, staff: Staff, house: House, uow: UnitOfWork, now: datetime, *, key: str
) -> Outcome:
    """The case goes from an adviser who is silent or away to the one who claims it; both and the villager are told."""
    await clocks.taken_over(case, staff, house, uow, now)
    text = house.wording.say("service.now_with", case.language, number=case.id, adviser=staff.name)
    dedup = f"{key}:claimed:{case.id}"
    outcome = to_villager(case, Content(text), dedup=dedup)
    if before is not None and before.active:
        gone = house.wording.say("service.taken_from_you", before.language, number=case.id, adviser=staff.name)
        outcome += await to_staff(
            before, Content(gone), house, uow, now, dedup=f"{dedup}:{before.id}:gone", about_case=case.id
        )
    outcome += await show(case, staff, house, uow, now, "advise.claimed", dedup=dedup)
    return outcome + Outcome(answer=Content(house.wording.say("advise.claimed_short", staff.language, number=case.id)))


async def release(number: int, staff: Staff, house: House, uow: UnitOfWork, now: datetime, *, key: str) -> Outcome:
    """Put a case claimed by mistake back to those that wait, and page whoever is on duty; the villager hears nothing.

    Once its adviser has answered, the villager counts on them: the first to take a matter keeps it until somebody
    named takes it over (首问负责).
    """
    case = await open_to(number, staff, uow, lock=True)
    if case is None:
        return refusal(house, staff, "advise.no_such_case", number=number)
    if case.status == CaseStatus.CLOSED:
        return refusal(house, staff, "advise.is_closed", number=number)
    if case.status == CaseStatus.WAITING:
        return refusal(house, staff, "advise.waits_already", number=number)
    if case.adviser_id != staff.id:
        holder = await uow.county.staff(case.adviser_id)
        return refusal(house, staff, "advise.taken", number=number, adviser=holder.name if holder else "")
    if not releasable(case, staff):
        return refusal(house, staff, "advise.answered_already", number=number)
    await uow.cases.release(case)
    await clocks.released(case, staff, house, uow, now)
    await routing.reroute(case, house, uow, now, refused=(staff.id,))
    text = house.wording.say("advise.released", staff.language, number=number)
    again = Option(f"case:{number}:claim", house.wording.say("advise.claim_button", staff.language, number=number))
    paged = await casework.page(case, house, uow, now, occasion=key, but=staff.id)
    return paged + Outcome(answer=Content(text, (again,)))


def releasable(case: Case, staff: Staff) -> bool:
    """Whether this member of staff has the case and it has never been answered."""
    unanswered = case.answered_at is None and not case.reopened
    return case.status == CaseStatus.CLAIMED and case.adviser_id == staff.id and unanswered


async def show(
    case: Case, staff: Staff, house: House, uow: UnitOfWork, now: datetime, key: str, *, dedup: str
) -> Outcome:
    """Put a whole case before an adviser: what was said, the files, and the buttons to close it."""
    text = house.wording.say(
        key, staff.language, number=case.id, summary=await casework.summary(case, staff, house, uow)
    )
    choices = tuple(
        Option(f"case:{case.id}:close:{ending}", house.wording.say(f"advise.close_{ending}", staff.language))
        for ending in CLOSE_OUTCOMES
    )
    if releasable(case, staff):
        choices += (Option(f"case:{case.id}:release", house.wording.say("advise.release_button", staff.language)),)
    outcome = await to_staff(
        staff, Content(text, choices), house, uow, now, dedup=f"{dedup}:{staff.id}:shown", about_case=case.id
    )
    for message in await uow.people.of_case(case.id):
        if message.blob_id and message.author == "villager":
            outcome += await to_staff(
                staff,
                casework.relayed(message, case, staff, house),
                house,
                uow,
                now,
                dedup=f"{dedup}:{staff.id}:file:{message.id}",
                about_case=case.id,
            )
    return outcome


async def show_reopened(case: Case, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """Tell the adviser that a case of theirs is open again, with all of it."""
    return await show(case, staff, house, uow, now, "advise.reopened", dedup=f"reopened:{case.id}:{case.reopened}")


async def reply(
    number: int, staff: Staff, content: Content, house: House, uow: UnitOfWork, now: datetime, *, key: str
) -> Outcome:
    """Send an adviser's words to the villager of a case they have claimed. `key` is unique to these words."""
    case = await open_to(number, staff, uow, lock=True)
    if case is None:
        return refusal(house, staff, "advise.no_such_case", number=number)
    if not content.text.strip() and not content.blob:
        return refusal(house, staff, "advise.nothing_to_send", number=number)
    if case.status == CaseStatus.CLOSED:
        return refusal(house, staff, "advise.is_closed", number=number)
    if case.status == CaseStatus.WAITING:
        claim_button = Option(
            f"case:{number}:claim", house.wording.say("advise.claim_button", staff.language, number=number)
        )
        text = house.wording.say("advise.claim_first", staff.language, number=number)
        return Outcome(answer=Content(text, (claim_button,)), done=False)
    if case.adviser_id != staff.id:
        holder = await uow.county.staff(case.adviser_id)
        return refusal(house, staff, "advise.taken", number=number, adviser=holder.name if holder else "")
    case.answered_at = case.answered_at or now
    await clocks.answered(case, uow, now)
    text = house.wording.say("case.from_adviser", case.language, adviser=staff.name, number=number, text=content.text)
    signed = Content(text, (), content.blob, content.blob_kind, content.blob_name)
    return to_villager(case, signed, dedup=f"{key}:reply", staff=staff) + Outcome(
        answer=Content(
            house.wording.say("advise.sent", staff.language, number=number),
            (Option(f"wait:{number}", house.wording.say("service.wait_button", staff.language)),),
        )
    )


async def close(number: int, staff: Staff, ending: str, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """Close a case with an outcome of `CLOSE_OUTCOMES`, and plan the question how it went."""
    case = await open_to(number, staff, uow, lock=True)
    if case is None:
        return refusal(house, staff, "advise.no_such_case", number=number)
    if ending not in CLOSE_OUTCOMES:
        return refusal(house, staff, "advise.no_such_outcome", number=number)
    if case.status == CaseStatus.CLOSED:
        return refusal(house, staff, "advise.is_closed", number=number)
    if case.adviser_id != staff.id:
        holder = await uow.county.staff(case.adviser_id)
        key = "advise.taken" if holder else "advise.claim_first"
        return refusal(house, staff, key, number=number, **({"adviser": holder.name} if holder else {}))
    case.status, case.outcome, case.closed_at = CaseStatus.CLOSED, ending, now
    await clocks.closed(case, uow, now)
    planned, due = await planning.after_closing(case, house, uow, now)
    round_key = f"case:{number}:{case.reopened}"
    text = house.wording.say("case.closed", case.language, number=number, ending=ending, on=house.local(due).date())
    return (
        to_villager(case, Content(text), dedup=f"closed:{round_key}")
        + planned
        + Outcome(answer=Content(house.wording.say("advise.closed", staff.language, number=number)))
    )


async def pressed(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`case:<n>:claim`, `…:release`, `…:close:<outcome>`, `…:send`, `…:discard`."""
    event = turn.heard.event
    parts = event.id.split(":") if isinstance(event, Choice) else []
    if turn.staff is None or len(parts) < 3 or not parts[1].isascii() or not parts[1].isdigit() or len(parts[1]) > 9:
        return turn.reply(turn.words("common.stale"))
    number, staff = int(parts[1]), turn.staff
    match parts[2:]:
        case ["claim"]:
            outcome = await claim(number, staff, turn.house, uow, turn.now, key=turn.key)
            told = Outcome(outcome.replies, outcome.tasks, None if outcome.done else outcome.answer, outcome.done)
            return turn.answered(told) + (await _offer_held(number, turn) if outcome.done else Outcome())
        case ["release"]:
            return turn.answered(await release(number, staff, turn.house, uow, turn.now, key=turn.key))
        case ["close", ending]:
            return turn.answered(await close(number, staff, ending, turn.house, uow, turn.now))
        case ["send"]:
            return await _send_held(number, turn, uow)
        case ["discard"]:
            turn.go(Asking())
            return turn.reply(turn.words("advise.discarded"))
        case _:
            return turn.reply(turn.words("common.stale"))


async def wrote(turn: Turn, uow: UnitOfWork) -> Outcome:
    """Words or a file from an adviser: a reply to a message of a case goes out; anything else is asked about."""
    number = await _named_case(turn, uow)
    if number is None or turn.message is None or turn.staff is None:
        return await _ask_which(turn, uow)
    return await _send(number, (turn.message,), turn, uow)


async def _named_case(turn: Turn, uow: UnitOfWork) -> int | None:
    """The case of the message that was replied to; failing that, the number written in that message."""
    if not turn.heard.reply_to:
        return None
    original = await uow.people.message_by_remote_id(turn.conversation.id, turn.heard.reply_to)
    if original is not None and original.case_id is not None:
        return original.case_id
    found = _NUMBER_IN_TEXT.search(turn.heard.reply_to_text)
    return int(found.group(1)) if found else None


async def _send(number: int, messages: tuple[Message, ...], turn: Turn, uow: UnitOfWork) -> Outcome:
    """Send kept messages of an adviser to the villager of a case, or hold them with the reason."""
    if turn.staff is None:
        return Outcome()
    outcome = Outcome()
    for message in messages:
        key = f"message:{message.id}"
        sent = await reply(number, turn.staff, with_file(message, message.text), turn.house, uow, turn.now, key=key)
        if not sent.done:
            if (case := await uow.cases.get(number)) and case.status == CaseStatus.WAITING:
                turn.go(NamingCase(messages=tuple(row.id for row in messages)))
            return turn.answered(outcome + sent)
        message.case_id = number
        outcome += Outcome(sent.replies, sent.tasks)
    turn.go(Asking())
    return outcome


async def _ask_which(turn: Turn, uow: UnitOfWork) -> Outcome:
    """Nothing is sent until the adviser says for which case it is meant."""
    if turn.staff is None or turn.message is None:
        return Outcome()
    mine = await uow.cases.of_adviser(turn.staff.id)
    if not mine:
        return turn.reply(turn.words("advise.no_case_of_yours"))
    held = turn.state.messages if isinstance(turn.state, NamingCase) else ()
    turn.go(NamingCase(messages=(*held, turn.message.id)))
    choices = [turn.option(f"case:{case.id}:send", "advise.send_to", number=case.id) for case in mine[-8:]]
    return turn.reply(
        turn.words("advise.which_case", count=len(held) + 1),
        *choices,
        turn.option(f"case:{mine[-1].id}:discard", "advise.discard"),
    )


async def _offer_held(number: int, turn: Turn) -> Outcome:
    """After a claim: words typed before it wait for a yes."""
    if not isinstance(turn.state, NamingCase) or not turn.state.messages:
        return Outcome()
    return turn.reply(
        turn.words("advise.send_held", number=number),
        turn.option(f"case:{number}:send", "advise.send_to", number=number),
        turn.option(f"case:{number}:discard", "advise.discard"),
    )


async def _send_held(number: int, turn: Turn, uow: UnitOfWork) -> Outcome:
    state = turn.state
    rows = [await uow.people.message(row) for row in (state.messages if isinstance(state, NamingCase) else ())]
    messages = tuple(row for row in rows if row is not None and row.conversation_id == turn.conversation.id)
    if not messages:
        return turn.reply(turn.words("advise.nothing_held"))
    outcome = await _send(number, messages, turn, uow)
    return (
        outcome
        if isinstance(turn.state, NamingCase)
        else outcome + turn.reply(turn.words("advise.sent", number=number))
    )


async def edited(turn: Turn, uow: UnitOfWork) -> Outcome:
    """An adviser changed words that had gone out: the villager gets the new version as a correction."""
    message = turn.message
    if message is None or message.case_id is None or turn.staff is None:
        return Outcome()
    case = await uow.cases.get(message.case_id)
    if case is None or case.adviser_id != turn.staff.id or case.status != CaseStatus.CLAIMED:
        return turn.reply(turn.words("advise.edit_not_sent"))
    text = turn.house.wording.say("case.correction", case.language, text=message.text)
    return await reply(case.id, turn.staff, Content(text), turn.house, uow, turn.now, key=turn.key)


def _number_and_rest(turn: Turn) -> tuple[int | None, str]:
    return number_and_rest(turn.heard.event.args if isinstance(turn.heard.event, Command) else "")


def number_and_rest(args: str) -> tuple[int | None, str]:
    """The case number at the beginning of what stands after a command, and the words after it."""
    found = re.match(r"#?(\d{1,9})(?:\s+|$)", args.strip())
    return (int(found.group(1)), args.strip()[found.end() :]) if found else (None, "")


async def reply_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/reply 12 words`."""
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    number, words = _number_and_rest(turn)
    if number is None:
        return turn.reply(turn.words("advise.reply_usage"))
    return turn.answered(await reply(number, turn.staff, Content(words), turn.house, uow, turn.now, key=turn.key))


async def close_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/close 12` asks for the outcome."""
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    number, _ = _number_and_rest(turn)
    if number is None:
        return turn.reply(turn.words("advise.close_usage"))
    choices = [turn.option(f"case:{number}:close:{ending}", f"advise.close_{ending}") for ending in CLOSE_OUTCOMES]
    return turn.reply(turn.words("advise.close_how", number=number), *choices)


async def list_cases(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/cases`: the adviser's own, and those that wait."""
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    mine = await uow.cases.of_adviser(turn.staff.id)
    waiting = [case for case in await uow.cases.waiting() if await open_to(case.id, turn.staff, uow)]
    choices = [turn.option(f"case:{case.id}:claim", "advise.claim_button", number=case.id) for case in waiting[:8]]
    text = turn.words(
        "advise.list",
        mine=[(case.id, turn.house.local(case.opened_at)) for case in mine],
        waiting=[(case.id, turn.house.local(case.answer_due), case.urgent) for case in waiting],
    )
    return turn.reply(text, *choices)
