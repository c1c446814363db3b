"""A question: answered from the knowledge base, narrowed down, or handed to a person. Right or handed over."""

from __future__ import annotations

from datetime import timedelta

from faq.match import Match, MatchOutcome
from faq.model import Entry, Risk
from handlers import casework, limits, planning, wishes
from handlers.answers import answer_text
from handlers.housekeeping import pressed_on
from handlers.messages import Choice, Option, Outcome, WithFile
from handlers.rules.courtesy import courtesy
from handlers.rules.questions import goes_on, idle, separate
from handlers.states import Asking, AskingDay
from handlers.turn import Turn
from storage.tables import Message, Question
from storage.unit_of_work import UnitOfWork

SUGGESTIONS = 3
RELATED = 3
LONGEST_LABEL = 60
STILL_ABOUT = timedelta(minutes=30)
"""How long a message may still go on from the question before it."""


async def asked(turn: Turn, uow: UnitOfWork) -> Outcome:
    """Any text in the ready state."""
    text = turn.message.text if turn.message else ""
    if not any(character.isalnum() for character in text):
        return turn.reply(turn.words("ask.no_words"))
    match courtesy(text):
        case "thanks":
            return turn.reply(turn.words("ask.welcome"))
        case "greeting":
            return turn.reply(turn.words("start.ready", legal=turn.house.settings.numbers["legal"]))
    if idle(text) == "abuse":
        return turn.reply(turn.words("ask.calm"), turn.option("person", "answer.person"))
    return await answer_question(text, (turn.message,) if turn.message else (), turn, uow)


async def answer_question(text: str, messages: tuple[Message, ...], turn: Turn, uow: UnitOfWork) -> Outcome:
    """Answer, suggest or hand over; several questions at once are answered one by one where each has an answer.
    `messages` are the kept rows it was asked in."""
    turn.go(Asking())
    parts = [(part, turn.house.matcher.match(part, turn.language)) for part in separate(text)]
    entries = {match.candidates[0].entry.id for _, match in parts if match.outcome is MatchOutcome.ANSWER}
    if len(parts) > 1 and len(entries) == len(parts):
        outcome = Outcome()
        for part, match in parts:
            outcome += await _answer(part, match, messages, turn, uow)
        return outcome
    before = await uow.people.last_question(turn.conversation.id) if goes_on(text) else None
    match = _match(text, before, turn)
    if before is not None and match.candidates and match.candidates[0].entry.id == before.entry_id:
        return _further(match.candidates[0].entry, before, turn)
    if match.outcome is not MatchOutcome.ANSWER and idle(text) == "talk":
        return turn.reply(turn.words("ask.not_ours"), turn.option("person", "answer.person"))
    return await _answer(text, match, messages, turn, uow)


def _match(text: str, before: Question | None, turn: Turn) -> Match:
    """What a message may mean; one that goes on from the question before is also read together with it."""
    match = turn.house.matcher.match(text, turn.language)
    if match.outcome is MatchOutcome.ANSWER or before is None or turn.now - before.asked_at > STILL_ABOUT:
        return match
    together = turn.house.matcher.match(f"{before.text} {text}", turn.language)
    return together if together.confidence > match.confidence else match


def _further(entry: Entry, question: Question, turn: Turn) -> Outcome:
    """More about what was just answered: what is near it, or a person."""
    related = [turn.house.matcher.entry(entry_id, turn.language) for entry_id in entry.related[:RELATED]]
    return turn.reply(
        turn.words("ask.further"),
        *(Option(f"entry:{other.id}", _label(other)) for other in related if other is not None),
        turn.option("person", "answer.person"),
        about_question=question.id,
    )


async def _answer(text: str, match: Match, messages: tuple[Message, ...], turn: Turn, uow: UnitOfWork) -> Outcome:
    """Keep the question and act on its match."""
    question = await uow.people.add_question(
        Question(
            person_id=turn.person.id,
            conversation_id=turn.conversation.id,
            text=text,
            language=turn.language,
            asked_at=turn.now,
            outcome=match.outcome.value,
            confidence=match.confidence,
            candidates=[[candidate.entry.id, round(candidate.score, 4)] for candidate in match.candidates],
        )
    )
    for message in messages:
        message.question_id = question.id
    if match.outcome is MatchOutcome.ANSWER:
        return await give(match.candidates[0].entry, question, turn, uow)
    if match.outcome is MatchOutcome.SUGGEST:
        return _suggest(match, question, turn)
    return await casework.open_case(turn, uow, reason="not_found", question=question)


async def give(entry: Entry, question: Question, turn: Turn, uow: UnitOfWork) -> Outcome:
    """Give an entry as the answer; a never-automatic one is an information card plus a person."""
    question.outcome = "answer"
    question.entry_id, question.entry_version, question.entry_language = entry.id, entry.version, entry.language
    careful = entry.risk is Risk.NEVER_AUTOMATIC
    related = [turn.house.matcher.entry(entry_id, turn.language) for entry_id in entry.related[:RELATED]]
    text = answer_text(entry, turn.language, turn.house)
    if planning.is_delicate(entry):
        text = f"{text}\n\n{wishes.safe_line(turn)}"
    told = turn.reply(
        text,
        turn.option("solved:yes", "answer.solved_yes"),
        turn.option("solved:no", "answer.solved_no"),
        turn.option("person", "answer.person"),
        *(Option(f"entry:{other.id}", _label(other)) for other in related if other is not None),
        about_question=question.id,
    )
    if careful:
        opened = await casework.open_case(
            turn, uow, reason="never_automatic", kind=entry.id, urgent=True, question=question
        )
        return await limits.ask_with(told + opened, entry.deadlines, question, turn, uow)
    told = await limits.ask_with(told, entry.deadlines, question, turn, uow)
    return told + await planning.after_answer(question, turn.house, uow, turn.now)


def _label(entry: Entry) -> str:
    question = entry.question
    return question if len(question) <= LONGEST_LABEL else question[: LONGEST_LABEL - 1] + "…"


def _suggest(match: Match, question: Question, turn: Turn) -> Outcome:
    choices = [Option(f"entry:{row.entry.id}", _label(row.entry)) for row in match.candidates[:SUGGESTIONS]]
    return turn.reply(
        turn.words("ask.did_you_mean"), *choices, turn.option("none", "ask.none_of_these"), about_question=question.id
    )


async def _question_of(turn: Turn, uow: UnitOfWork) -> Question | None:
    """The question that the pressed button's message is about; else the last one asked."""
    carrier = await pressed_on(turn, uow)
    if carrier is not None and carrier.question_id is not None:
        return await uow.people.question(carrier.question_id)
    return await uow.people.last_question(turn.conversation.id)


async def chose_entry(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`entry:<id>`: one of 'did you mean', or a related question."""
    entry_id = turn.heard.event.id.partition(":")[2] if isinstance(turn.heard.event, Choice) else ""
    if turn.person.consent_at is None:
        return turn.reply(_agree_first(turn))
    entry = turn.house.matcher.entry(entry_id, turn.language)
    if entry is None:
        return turn.reply(turn.words("ask.entry_gone"), turn.option("person", "answer.person"))
    if isinstance(turn.state, AskingDay):
        turn.go(Asking())
    before = await _question_of(turn, uow)
    if before is not None and not before.entry_id and before.case_id is None:
        return await give(entry, before, turn, uow)
    question = await uow.people.add_question(
        Question(
            person_id=turn.person.id,
            conversation_id=turn.conversation.id,
            text=entry.question,
            language=turn.language,
            asked_at=turn.now,
            outcome="answer",
            confidence=1.0,
        )
    )
    if turn.message is not None:
        turn.message.question_id = question.id
    return await give(entry, question, turn, uow)


async def chose_none(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`none`: none of the suggestions was meant."""
    return await hand_over(turn, uow, reason="not_found")


async def wants_person(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`person`, the button or the command."""
    return await hand_over(turn, uow, reason="asked")


def _agree_first(turn: Turn) -> str:
    return turn.words("common.start_first", legal=turn.house.settings.numbers["legal"])


async def hand_over(turn: Turn, uow: UnitOfWork, *, reason: str) -> Outcome:
    """Open a case on the villager's word; with one open already, say who has it."""
    if turn.staff is not None:
        return turn.reply(turn.words("common.stale"))
    if turn.person.consent_at is None:
        return turn.reply(_agree_first(turn), turn.option("consent:yes", "start.consent_yes"))
    case = await uow.cases.open_of(turn.person.id)
    if case is not None:
        adviser = await uow.county.staff(case.adviser_id)
        text = turn.words("case.already_open", number=case.id, adviser=adviser.name if adviser else "")
        return turn.reply(text, about_case=case.id)
    question = await _question_of(turn, uow)
    if question is not None and question.case_id is not None:
        question = None
    return await open_for(question, turn, uow, reason=reason)


async def open_for(question: Question | None, turn: Turn, uow: UnitOfWork, *, reason: str) -> Outcome:
    """Open the case of a question; a day that was being asked for is asked for in the case."""
    day_is_open = isinstance(turn.state, AskingDay)
    turn.go(Asking())
    opened = await casework.open_case(turn, uow, reason=reason, question=question)
    entry = turn.house.matcher.entry(question.entry_id, turn.language) if question and question.entry_id else None
    if question is None or entry is None or not day_is_open:
        return opened
    return await limits.ask_with(opened, entry.deadlines, question, turn, uow)


async def sent_file(turn: Turn, uow: UnitOfWork) -> Outcome:
    """A photo, voice message or document: its words are a question; without words it goes to a person."""
    event = turn.heard.event
    if not isinstance(event, WithFile) or turn.message is None:
        return Outcome()
    if turn.person.consent_at is None:
        return turn.reply(_agree_first(turn), turn.option("consent:yes", "start.consent_yes"))
    if event.file.problem and not event.text:
        return Outcome()
    if event.text and not turn.message.blob_id:
        return await asked(turn, uow)
    return await casework.open_case(turn, uow, reason="attachment", kind=turn.message.kind)


async def sent_detail(turn: Turn, uow: UnitOfWork) -> Outcome:
    """A place or a phone number without a case: what is it about?"""
    return turn.reply(turn.words("ask.detail_without_question"))


async def edited(turn: Turn, uow: UnitOfWork) -> Outcome:
    """An earlier question was changed: both versions are kept, and the new one answered where that differs."""
    if turn.message is None or turn.person.consent_at is None or not isinstance(turn.state, Asking | AskingDay):
        return Outcome()
    before = await uow.people.question(turn.message.question_id) if turn.message.question_id else None
    match = turn.house.matcher.match(turn.message.text, turn.language)
    same_entry = match.candidates and before is not None and match.candidates[0].entry.id == before.entry_id
    if before is None or same_entry or turn.now - before.asked_at > timedelta(days=1):
        return Outcome()
    return await answer_question(turn.message.text, (turn.message,), turn, uow)


async def take_up(pending: tuple[int, ...], turn: Turn, uow: UnitOfWork) -> Outcome:
    """Come back to what was written before the start was done: words are a question, files go to a person."""
    rows = [row for row in [await uow.people.message(message_id) for message_id in pending] if row is not None]
    text = "\n".join(row.text for row in rows if row.text)
    if any(row.blob_id for row in rows) or (rows and not text):
        return await casework.open_case(turn, uow, reason="attachment", messages=tuple(rows))
    return await answer_question(text, tuple(rows), turn, uow)
