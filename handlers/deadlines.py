"""What villagers write about legal time limits: the day, or that they do not know it. What they press is in
handlers/limit_buttons.py.

Words that say no day and no time are what they would be anyway, a question or words for the open case. Where a day was
meant that cannot be read, it is asked for once more with examples; then a person takes it. Nothing written is lost.
"""

from __future__ import annotations

from faq.deadlines import deadline_table
from faq.match import MatchOutcome
from handlers import asking, casework, limits, walling
from handlers.messages import Content, Outcome, Priority
from handlers.notices import to_staff
from handlers.rules.day_replies import read_day_reply
from handlers.rules.days import NoDay, Said, may_be_day, said_day
from handlers.rules.deadlines import Due
from handlers.states import Asking, AskingDay
from handlers.turn import Turn
from storage.tables import Case, CaseStatus, Question, RunningDeadline
from storage.unit_of_work import UnitOfWork


async def told_day(turn: Turn, uow: UnitOfWork) -> Outcome:
    """Words while a day is asked for."""
    state, message = turn.state, turn.message
    case = await uow.cases.open_of(turn.person.id)
    if not isinstance(state, AskingDay) or message is None:
        return await _otherwise(case, turn, uow)
    said = said_day(message.text, limits.today(turn.house, turn.now))
    match said:
        case Said():
            return await _with_case(case, turn, uow) + await _heard(said, state, case, turn, uow)
        case NoDay("future"):
            unknown = turn.option("limit:unknown", "limit.unknown_button")
            key = "limit.future" if state.about == "first" else "limit.ahead"
            return await _with_case(case, turn, uow) + turn.reply(turn.words(key), unknown)
        case NoDay("absurd"):
            return await _unread(state, "limit.absurd", case, turn, uow)
    match read_day_reply(message.text):
        case "unknown" | "not_yet" as reply:
            told = await _with_case(case, turn, uow)
            return told + await _without_day(state, turn, uow, yet=reply == "unknown")
        case "skip":
            return await _with_case(case, turn, uow) + skipped(turn)
        case "unclear":
            return await _unread(state, "limit.unread", case, turn, uow)
    if may_be_day(message.text) and not _other_matter(message.text, state, turn):
        return await _unread(state, "limit.unread", case, turn, uow)
    return await _otherwise(case, turn, uow)


def _other_matter(text: str, state: AskingDay, turn: Turn) -> bool:
    """Whether words that speak of time are a question that the knowledge base knows, about something else than what is
    asked for: 'I left long ago' is no question, 'I lent it three years ago' is one."""
    match = turn.house.matcher.match(text, turn.language)
    if match.outcome is not MatchOutcome.ANSWER:
        return False
    return not set(match.candidates[0].entry.deadlines) & set(state.matters)


async def corrected(turn: Turn, uow: UnitOfWork) -> Outcome | None:
    """An earlier message was changed: where it told a day, the limits that run from that day follow the new words,
    read as on the day when they were first written; a day that is still asked for is told by it. None for all else.
    """
    message, state = turn.message, turn.state
    old = await uow.people.message(message.edit_of) if message is not None and message.edit_of else None
    if message is None or old is None or turn.staff is not None:
        return None
    written = turn.house.local(old.said_at).date()
    was, new = said_day(old.text, written), said_day(message.text, written)
    if not isinstance(new, Said):
        return None
    case = await uow.cases.open_of(turn.person.id)
    if isinstance(was, Said):
        span = (was.first, None if was.exact else was.last)
        running = await uow.deadlines.of_person(turn.person.id)
        found = [row for row in running if row.state == "running" and (row.trigger, row.trigger_until) == span]
        for limit in found:
            limits.set_day(limit, new)
        if found:
            return await _with_case(case, turn, uow) + await show_all(found, case, turn, uow)
    if isinstance(state, AskingDay):
        return await _with_case(case, turn, uow) + await _heard(new, state, case, turn, uow)
    return None


async def _with_case(case: Case | None, turn: Turn, uow: UnitOfWork) -> Outcome:
    """What is said while a case is open belongs to it, whatever else it means."""
    return await casework.add_to_case(case, turn, uow) if case is not None else Outcome()


async def _otherwise(case: Case | None, turn: Turn, uow: UnitOfWork) -> Outcome:
    """No day: words for the case, or a question."""
    turn.go(Asking())
    return await (walling.villager_wrote if case else asking.asked)(turn, uow)


async def _unread(state: AskingDay, key: str, case: Case | None, turn: Turn, uow: UnitOfWork) -> Outcome:
    """A day was meant that cannot be read: asked for once more with examples; the second time a person takes it."""
    told = await _with_case(case, turn, uow)
    if state.unread is None:
        turn.go(state.model_copy(update={"unread": turn.message.id if turn.message else 0}))
        unknown = turn.option("limit:unknown", "limit.unknown_button")
        return told + turn.reply(turn.words(key), unknown, turn.option("person", "answer.person"))
    await _keep_asked(state, turn, uow)
    turn.go(Asking())
    if case is not None:
        return told + turn.reply(turn.words("limit.left_to_adviser", number=case.id), about_case=case.id)
    before = await uow.people.message(state.unread)
    question = await _free(state.question_id, turn, uow)
    told += turn.reply(turn.words("limit.left_to_person"))
    told += await casework.open_case(
        turn, uow, reason="no_day", kind=state.matters[0] if state.matters else "", question=question,
        messages=(before,) if before is not None and before.conversation_id == turn.conversation.id else (),
    )  # fmt: skip
    opened = await uow.cases.open_of(turn.person.id)
    for limit in await uow.deadlines.of_person(turn.person.id):
        asked = limit.matter in state.matters and limit.question_id == state.question_id
        if opened is not None and (limit.id == state.limit_id if state.limit_id else asked):
            limit.case_id = opened.id
    return told


async def _free(question_id: int | None, turn: Turn, uow: UnitOfWork) -> Question | None:
    """The question, if it is this person's and no case was made of it yet."""
    question = await uow.people.question(question_id) if question_id else None
    mine = question is not None and question.case_id is None and question.person_id == turn.person.id
    return question if mine else None


async def _heard(said: Said, state: AskingDay, case: Case | None, turn: Turn, uow: UnitOfWork) -> Outcome:
    """The day that was asked for."""
    if state.about == "first":
        return await _begin(said, state, case, turn, uow)
    turn.go(Asking())
    limit = await own(state.limit_id or 0, turn, uow)
    if limit is None or limit.trigger is None:
        return turn.reply(turn.words("common.stale"))
    if state.about == "demand":
        day = said.first
        return turn.reply(
            turn.words("limit.ask_proof", day=day),
            turn.option(f"limit:{limit.id}:proof:{day}", "limit.proof_yes"),
            turn.option(f"limit:{limit.id}:noproof", "limit.proof_no"),
        )
    if state.about == "longest":
        limit.longest_from = min(said.first, limit.trigger)
    else:
        limit.right_known = max(said.first, limit.trigger)
    return await show_all([limit], case, turn, uow)


async def _begin(said: Said, state: AskingDay, case: Case | None, turn: Turn, uow: UnitOfWork) -> Outcome:
    """The day is known: keep every limit that runs from it, show each, and hand over what is pressing."""
    turn.go(Asking())
    changed = await own(state.limit_id, turn, uow) if state.limit_id else None
    found = [changed] if changed else []
    if changed is not None:
        limits.set_day(changed, said)
    else:
        for matter in state.matters:
            if matter in deadline_table():
                found.append(
                    await limits.keep(
                        said, matter, person_id=turn.person.id, conversation_id=turn.conversation.id,
                        question_id=state.question_id, case_id=case.id if case else None, uow=uow, now=turn.now,
                    )
                )  # fmt: skip
    return await show_all(found, case, turn, uow)


async def show_all(found: list[RunningDeadline], case: Case | None, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Show limits whose day was just said or changed, plan their reminders, and see to those that are pressing."""
    outcome, pressing = Outcome(), False
    for limit in found:
        due = limits.due_of(limit, limits.today(turn.house, turn.now))
        if due is None:
            continue
        outcome += Outcome(tasks=limits.plan(limit, due, turn.house))
        content = limits.shown(limit, due, turn.language, turn.house)
        outcome += turn.reply(
            content.text, *content.choices, about_case=limit.case_id, about_question=limit.question_id
        )
        if case is not None:
            outcome += await _note(limit, due, case, turn, uow)
        if due.urgent:
            pressing = True
    return outcome + (await _hand_over(found, case, turn, uow) if pressing else Outcome())


async def _note(limit: RunningDeadline, due: Due, case: Case, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Tell the case's adviser of a limit."""
    adviser = await uow.county.staff(case.adviser_id) if case.status == CaseStatus.CLAIMED else None
    if adviser is None:
        return Outcome()
    text = turn.house.wording.say(
        "limit.noted",
        adviser.language,
        number=case.id,
        matter=limits.in_words(due.row.matter, adviser.language),
        **limits.left_of(due),
    )
    return await to_staff(
        adviser,
        Content(text),
        turn.house,
        uow,
        turn.now,
        dedup=f"{turn.key}:limit:{limit.id}",
        about_case=case.id,
        priority=Priority.EMERGENCY if due.urgent else Priority.NORMAL,
    )


async def _hand_over(found: list[RunningDeadline], case: Case | None, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Fewer than seven days, or past: a person must look; legal aid may start before its papers (法律援助法 44)."""
    told = turn.reply(turn.words("limit.aid", legal=turn.house.settings.numbers["legal"]))
    if case is not None:
        occasion = f"deadline:{found[0].id}"
        return told + await casework.make_urgent(case, turn.house, uow, turn.now, occasion=occasion)
    question = await _free(found[0].question_id, turn, uow)
    told += await casework.open_case(turn, uow, reason="deadline", kind=found[0].matter, urgent=True, question=question)
    opened = await uow.cases.open_of(turn.person.id)
    for limit in found:
        limit.case_id = opened.id if opened else limit.case_id
    return told


async def _without_day(state: AskingDay, turn: Turn, uow: UnitOfWork, *, yet: bool) -> Outcome:
    """The day is not known, or has not come: the limit is kept as asked for, and can be told at any time."""
    turn.go(Asking())
    await _keep_asked(state, turn, uow)
    return turn.reply(turn.words("limit.unknown" if yet else "limit.not_yet"), turn.option("person", "answer.person"))


def skipped(turn: Turn) -> Outcome:
    """The day is not wanted: another matter, or never mind."""
    if isinstance(turn.state, AskingDay):
        turn.go(Asking())
    return turn.reply(turn.words("limit.skipped"), turn.option("person", "answer.person"))


async def not_known(turn: Turn, uow: UnitOfWork) -> Outcome:
    """The button that says so."""
    if isinstance(turn.state, AskingDay):
        return await _without_day(turn.state, turn, uow, yet=True)
    return turn.reply(turn.words("limit.unknown"), turn.option("person", "answer.person"))


async def _keep_asked(state: AskingDay, turn: Turn, uow: UnitOfWork) -> None:
    """Keep the limits whose day is not known."""
    if state.limit_id is not None:
        return
    for matter in state.matters:
        if matter not in deadline_table():
            continue
        found = await uow.deadlines.find(turn.person.id, matter, question_id=state.question_id, case_id=state.case_id)
        if found is None:
            await uow.deadlines.add(
                RunningDeadline(
                    person_id=turn.person.id, conversation_id=turn.conversation.id, case_id=state.case_id,
                    question_id=state.question_id, matter=matter, created_at=turn.now,
                )
            )  # fmt: skip


async def own(limit_id: int, turn: Turn, uow: UnitOfWork) -> RunningDeadline | None:
    """The limit, if it is this person's."""
    limit = await uow.deadlines.get(limit_id, lock=True)
    return limit if limit is not None and limit.person_id == turn.person.id else None
