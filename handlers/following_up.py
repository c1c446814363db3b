"""How did it go? Asked some days after an answer or a closed case; a rating and a word are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from faq.match import MatchOutcome
from handlers import advising, asking, casework, clocks
from handlers.housekeeping import pressed_on
from handlers.messages import Choice, Content, Option, Outcome, Say
from handlers.rules.clocks import is_quiet, outside_quiet
from handlers.states import Asking, Commenting
from handlers.turn import House, Turn
from storage.tables import Case, CaseStatus, Question, Task
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Dropped:
    """The task had lost its sense when it fell due."""

    why: str


@dataclass(frozen=True, slots=True)
class PutOff:
    """The task may not run now, but at this moment."""

    until: datetime


async def due(task: Task, house: House, uow: UnitOfWork, now: datetime) -> Outcome | Dropped | PutOff:
    """A follow-up fell due, perhaps some time ago: ask, drop it, or put it off until the quiet hours end."""
    settings = house.settings
    if settings.quiet_hours and is_quiet(now, settings.zone, settings.quiet_start, settings.quiet_end):
        return PutOff(outside_quiet(now, settings.zone, settings.quiet_start, settings.quiet_end))
    if "case_id" in task.payload:
        case = await uow.cases.get(int(task.payload["case_id"]))
        if case is None or case.status != CaseStatus.CLOSED or case.reopened != int(task.payload["reopened"]):
            return Dropped("the case is open again")
        if case.solved is not None:
            return Dropped("the villager has said already how it went")
        return await _ask(case.person_id, case.conversation_id, house, uow, task.dedup, case=case)
    question = await uow.people.question(int(task.payload["question_id"]))
    if question is None or question.case_id is not None:
        return Dropped("the question became a case")
    if question.solved is not None:
        return Dropped("the villager has said already how it went")
    return await _ask(question.person_id, question.conversation_id, house, uow, task.dedup, question=question)


async def _ask(
    person_id: int,
    conversation_id: int,
    house: House,
    uow: UnitOfWork,
    dedup: str,
    *,
    case: Case | None = None,
    question: Question | None = None,
) -> Outcome | Dropped:
    person = await uow.people.person(person_id)
    if person.follow_ups_stopped:
        return Dropped("the villager wants no follow-ups")
    if case is None and await uow.cases.open_of(person_id) is not None:
        return Dropped("a case of the villager is open")
    language = person.language or house.settings.default_language
    say = house.wording.say
    text = say("follow_up.ask", language, number=case.id if case else None, question=question.text if question else "")
    choices = (
        Option("solved:yes", say("answer.solved_yes", language)),
        Option("solved:no", say("answer.solved_no", language)),
    )
    return Outcome(
        (
            Say(
                conversation_id,
                Content(text, choices),
                dedup=dedup,
                about_case=case.id if case else None,
                about_question=question.id if question else None,
            ),
        )
    )


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
    subject.solved = answer == "yes"
    if subject.solved:
        return turn.reply(
            turn.words("follow_up.rate"),
            *(turn.option(f"rate:{stars}", "follow_up.stars", stars=stars) for stars in range(1, 6)),
            about_case=case.id if case else None,
            about_question=question.id if question else None,
        )
    if case is not None:
        return await _reopen(case, turn, uow)
    return await asking.hand_over(turn, uow, reason="not_solved")


async def _reopen(case: Case, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Not solved: the case opens again, with the same adviser."""
    case.reopened += 1
    case.solved, case.closed_at, case.outcome = None, None, ""
    adviser = await uow.county.staff(case.adviser_id)
    if adviser is None or not adviser.active:
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
    if await uow.cases.open_of(turn.person.id) is None and isinstance(turn.state, Asking | Commenting):
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
