"""How did it go? Asked some days after an answer or a closed case; a rating and a word are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from faq.match import MatchOutcome
from handlers import advising, asking, calls, casework, clocks, planning, routing
from handlers.housekeeping import pressed_on
from handlers.messages import Choice, Content, Option, Outcome, Say
from handlers.rules.contact import CallInstead, Drop, Planned, Send, Wait, Wishes, earliest, verdict
from handlers.states import Asking, AskingDay, Commenting
from handlers.turn import House, Turn
from storage.tables import Case, CaseStatus, FollowUp, Person, Question, Task
from storage.unit_of_work import UnitOfWork

ASKED_AT_MOST = 2
"""A third message would be a nuisance: then somebody calls."""
NOTES = {
    "stopped": "the villager wants no follow-ups",
    "late": "it was too late to ask",
    "unsafe": "it is not safe to write to the villager",
    "blocked": "the villager has closed the chat",
}
"""Why a follow-up was not sent, as noted on it and on its task."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """The task had lost its sense when it fell due."""

    why: str


@dataclass(frozen=True, slots=True)
class PutOff:
    """The task may not run now, but at this moment."""

    until: datetime


async def due(task: Task, house: House, uow: UnitOfWork, now: datetime) -> Outcome | Dropped | PutOff:
    """A follow-up fell due, perhaps some time ago: ask, ask again, have somebody call, drop it, or put it off."""
    row = await _row(task, uow)
    if isinstance(row, Dropped):
        return row
    person = await uow.follow_ups.lock_person(row.person_id)
    case = await uow.cases.get(row.case_id) if row.case_id else None
    if row.state not in {"planned", "asked"}:
        return Dropped(row.note or "the villager has said already how it went")
    if why := await _lost(row, case, uow):
        return _drop(row, why)
    if row.asked_times >= ASKED_AT_MOST:
        return await _silent(row, person, house, uow, now)
    conversation = await uow.people.conversation_by_id(row.conversation_id)
    found = verdict(
        Planned(
            row.kind,
            _since(row, house),
            await _own_words_due(row, house, uow, now),
            await planning.worth_a_call(row, uow),
        ),
        planning.wishes_of(person),
        planning.hours_of(house),
        now,
        blocked=conversation.blocked_at is not None,
        late_after=house.settings.follow_up_late,
    )
    match found:
        case Wait(until):
            return PutOff(until)
        case Drop(why):
            return _drop(row, NOTES[why])
        case CallInstead(why):
            row.state, row.note = "dropped", NOTES[why]
            return await calls.add(row, why, house, uow, now)
        case Send():
            return await _ask(row, case, person, task.dedup, house, uow, now)


async def _row(task: Task, uow: UnitOfWork) -> FollowUp | Dropped:
    """The follow-up of a task, held; one planned before there were rows for them gets its row now."""
    if "follow_up_id" in task.payload:
        row = await uow.follow_ups.get(int(task.payload["follow_up_id"]), lock=True)
        return row if row is not None else Dropped("it is not there any more")
    if "case_id" in task.payload:
        case = await uow.cases.get(int(task.payload["case_id"]))
        if case is None or case.reopened != int(task.payload["reopened"]):
            return Dropped("the case is open again")
        row = FollowUp(person_id=case.person_id, conversation_id=case.conversation_id, case_id=case.id, kind="closed")
    else:
        question = await uow.people.question(int(task.payload["question_id"]))
        if question is None:
            return Dropped("the question is not there any more")
        row = FollowUp(
            person_id=question.person_id,
            conversation_id=question.conversation_id,
            question_id=question.id,
            kind="answer",
        )
    row.due = task.run_at
    row = await uow.follow_ups.plan(row)
    task.payload = {"follow_up_id": row.id}
    return row


def _drop(row: FollowUp, why: str) -> Dropped:
    row.state, row.note = "dropped", why
    return Dropped(why)


async def _lost(row: FollowUp, case: Case | None, uow: UnitOfWork) -> str:
    """Why a follow-up has lost its sense; '' while it has not."""
    if row.kind in planning.AFTER_CLOSING:
        if case is None or case.status != CaseStatus.CLOSED:
            return "the case is open again"
        return "the villager has said already how it went" if row.kind == "closed" and case.solved is not None else ""
    if row.kind != "answer":
        return ""
    question = await uow.people.question(row.question_id) if row.question_id else None
    if question is None or question.case_id is not None:
        return "the question became a case"
    if question.solved is not None:
        return "the villager has said already how it went"
    return "a case of the villager is open" if await uow.cases.open_of(row.person_id) is not None else ""


def _since(row: FollowUp, house: House) -> datetime:
    """The moment at which it was meant to be asked: as planned, or some days after it was asked first."""
    return row.asked_at + house.settings.follow_up_again if row.asked_at is not None else row.due


async def _own_words_due(row: FollowUp, house: House, uow: UnitOfWork, now: datetime) -> bool:
    """Whether an adviser's own words to the same person are due by the end of this local day."""
    today = house.local(now).date()
    return any(
        other.id != row.id
        and house.local(other.due).date() <= today
        and now - other.due < house.settings.follow_up_late
        for other in await uow.follow_ups.planned_of(row.person_id, ["remind"])
    )


async def _silent(
    row: FollowUp, person: Person, house: House, uow: UnitOfWork, now: datetime
) -> Outcome | Dropped | PutOff:
    """No reply twice: no third message, somebody calls. Whoever wrote in the meantime can be reached."""
    if person.follow_ups_stopped:
        return _drop(row, NOTES["stopped"])
    until = earliest(now, Wishes(), planning.hours_of(house))
    if until > now:
        return PutOff(until)
    row.state = "silent"
    if row.asked_at is not None and await uow.follow_ups.wrote_since(row.conversation_id, row.asked_at):
        row.note = "no answer, but the villager wrote"
        return Outcome()
    if not await planning.worth_a_call(row, uow):
        row.note = "no answer, and nothing that hangs on it"
        return Outcome()
    conversation = await uow.people.conversation_by_id(row.conversation_id)
    return await calls.add(row, "silent" if conversation.blocked_at is None else "blocked", house, uow, now)


async def _ask(
    row: FollowUp, case: Case | None, person: Person, dedup: str, house: House, uow: UnitOfWork, now: datetime
) -> Outcome:
    """Ask, and look again when there was time to answer."""
    row.state, row.asked_times, row.asked_at = "asked", row.asked_times + 1, now
    person.last_follow_up_at = now
    language = person.language or house.settings.default_language
    neutral = planning.mark(case, person, house) == "neutral"
    text = await _words(row, case, language, neutral, house, uow)
    say = Say(
        row.conversation_id,
        Content(text, choices(row, language, neutral, house)),
        dedup=dedup,
        about_case=row.case_id,
        about_question=row.question_id,
    )
    return Outcome((say,), (planning.next_run(row, now + house.settings.follow_up_again),))


def choices(row: FollowUp, language: str, neutral: bool, house: House) -> tuple[Option, ...]:
    """The two buttons under a follow-up."""
    say = house.wording.say
    if neutral:
        yes, no = say("follow_ups.neutral_yes", language), say("follow_ups.neutral_no", language)
    elif row.kind in {"answer", "closed"}:
        yes, no = say("answer.solved_yes", language), say("answer.solved_no", language)
    else:
        yes = say("follow_ups.yes", language, kind=row.kind)
        no = say("follow_ups.no", language, kind=row.kind)
    if row.kind in {"answer", "closed"}:
        return Option("solved:yes", yes), Option("solved:no", no)
    return Option(f"fu:{row.id}:yes", yes), Option(f"fu:{row.id}:no", no)


async def _words(row: FollowUp, case: Case | None, language: str, neutral: bool, house: House, uow: UnitOfWork) -> str:
    """What is asked, by kind."""
    say = house.wording.say
    if neutral:
        return say("follow_ups.neutral", language)
    match row.kind:
        case "later" if case is not None:
            money = [topic for topic in await planning.topics(case, house, uow) if topic in house.settings.money_topics]
            return say("follow_ups.later", language, number=case.id, topic=money[0] if money else "")
        case "performance":
            day = house.local(row.due).date()
            return say("follow_ups.performance", language, number=row.case_id, day=day, text=row.words)
        case "remind":
            staff = await uow.county.staff(row.staff_id)
            return say(
                "follow_ups.remind", language, number=row.case_id, adviser=staff.name if staff else "", text=row.words
            )
        case _:
            question = await uow.people.question(row.question_id) if row.question_id else None
            entry = house.matcher.entry(question.entry_id, language) if question and question.entry_id else None
            return say("follow_up.ask", language, number=row.case_id, title=entry.question if entry else "")


async def _subject(turn: Turn, uow: UnitOfWork) -> tuple[Case | None, Question | None]:
    """What a pressed button is about: a case, or a question; of the person who pressed it, nobody else's."""
    carrier = await pressed_on(turn, uow)
    case = await uow.cases.get(carrier.case_id) if carrier is not None and carrier.case_id else None
    question = await uow.people.question(carrier.question_id) if carrier is not None and carrier.question_id else None
    if case is not None and case.person_id == turn.person.id and (question is None or question.case_id == case.id):
        return case, None
    if question is None and carrier is None:
        question = await uow.people.last_question(turn.conversation.id)
    return None, question if question is not None and question.person_id == turn.person.id else None


async def said_solved(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`solved:yes` or `solved:no`, under an answer or a follow-up."""
    answer = turn.heard.event.id.partition(":")[2] if isinstance(turn.heard.event, Choice) else ""
    case, question = await _subject(turn, uow)
    subject = case or question
    if subject is None or answer not in {"yes", "no"}:
        return turn.reply(turn.words("common.stale"))
    if case is not None and case.status != CaseStatus.CLOSED:
        adviser = await uow.county.staff(case.adviser_id)
        return turn.reply(
            turn.words("case.already_open", number=case.id, adviser=adviser.name if adviser else ""), about_case=case.id
        )
    return await settle(case, question, answer == "yes", turn, uow)


async def settle(case: Case | None, question: Question | None, solved: bool, turn: Turn, uow: UnitOfWork) -> Outcome:
    """The villager said whether it is solved: ask for a rating, open the case again, or hand the question over."""
    subject = case or question
    if subject is None:
        return turn.reply(turn.words("common.stale"))
    subject.solved = solved
    rows = await uow.follow_ups.of_case(case.id) if case else await uow.follow_ups.of_question(subject.id)
    for row in rows:
        if row.kind in {"answer", "closed"} and row.state in {"asked", "silent"}:
            row.state, row.answered_at, row.note = "answered", turn.now, "yes" if solved else "no"
    if solved:
        return turn.reply(
            turn.words("follow_up.rate"),
            *(turn.option(f"rate:{stars}", "follow_up.stars", stars=stars) for stars in range(1, 6)),
            about_case=case.id if case else None,
            about_question=question.id if question else None,
        )
    if case is not None:
        return await reopen(case, turn, uow)
    if question is None or question.case_id is not None or await uow.cases.open_of(turn.person.id) is not None:
        return await asking.hand_over(turn, uow, reason="not_solved")
    return await asking.open_for(question, turn, uow, reason="not_solved")


async def reopen(case: Case, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Not solved: the case opens again, with the same adviser."""
    case.reopened += 1
    case.solved, case.closed_at, case.outcome = None, None, ""
    await uow.follow_ups.drop(case.id, planning.AFTER_CLOSING, "the case is open again")
    adviser = await uow.county.staff(case.adviser_id)
    if adviser is None or not adviser.active or await routing.walled(case, adviser, uow):
        case.status, case.adviser_id = CaseStatus.WAITING, None
        await clocks.reopened(case, turn.house, uow, turn.now)
        told = turn.reply(_reopened_words(case, "", turn), about_case=case.id)
        return told + await casework.page(case, turn.house, uow, turn.now)
    case.status = CaseStatus.CLAIMED
    await clocks.reopened(case, turn.house, uow, turn.now)
    told = turn.reply(_reopened_words(case, adviser.name, turn), about_case=case.id)
    return told + await advising.show_reopened(case, adviser, turn.house, uow, turn.now)


def _reopened_words(case: Case, adviser: str, turn: Turn) -> str:
    by, today = turn.house.local(case.answer_due), turn.house.local(turn.now).date()
    return turn.words("case.reopened", number=case.id, adviser=adviser, by=by, today=today)


async def rated(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`rate:<1-5>`: kept; a second press changes it. A word may follow."""
    stars = turn.heard.event.id.partition(":")[2] if isinstance(turn.heard.event, Choice) else ""
    case, question = await _subject(turn, uow)
    subject = case or question
    if subject is None or stars not in {"1", "2", "3", "4", "5"}:
        return turn.reply(turn.words("common.stale"))
    subject.rating = int(stars)
    if await uow.cases.open_of(turn.person.id) is None and isinstance(turn.state, Asking | AskingDay | Commenting):
        turn.go(Commenting(question_id=question.id if question else None, case_id=case.id if case else None))
    return turn.reply(turn.words("follow_up.rated", stars=int(stars)))


async def commented(turn: Turn, uow: UnitOfWork) -> Outcome:
    """Words after a rating: a comment, unless the knowledge base knows them as a question."""
    state = turn.state
    text = turn.message.text if turn.message else ""
    turn.go(Asking())
    match = turn.house.matcher.match(text, turn.language)
    if match.outcome is not MatchOutcome.ESCALATE or not isinstance(state, Commenting):
        return await asking.asked(turn, uow)
    subject: Case | Question | None = None
    if state.case_id is not None:
        subject = await uow.cases.get(state.case_id)
    elif state.question_id is not None:
        subject = await uow.people.question(state.question_id)
    if subject is None or subject.person_id != turn.person.id:
        return await asking.asked(turn, uow)
    subject.comment = text
    return turn.reply(turn.words("follow_up.commented"), turn.option("person", "answer.person"))
