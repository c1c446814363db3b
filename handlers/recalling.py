"""Answer recall: whoever got an answer that was changed or withdrawn since is told, once, on the desk's word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from faq.model import Entry, Risk
from handlers.answers import answer_text
from handlers.following_up import Dropped, PutOff
from handlers.knowledge import entry_of
from handlers.messages import Content, Later, Option, Outcome, Say
from handlers.rules.clocks import is_quiet, outside_quiet
from handlers.rules.review import may_decide
from handlers.turn import House
from storage.tables import EntryStatus, Question, Staff, Task
from storage.unit_of_work import UnitOfWork

WITHDRAWN = "withdrawn"
"""Stands for a version where an entry is no longer in use."""


@dataclass(frozen=True, slots=True)
class Present:
    """How an entry stands now in one language: its text (None: withdrawn), and the mark of this change."""

    entry: Entry | None
    mark: str
    careful: bool

    @property
    def version(self) -> str:
        return self.entry.version if self.entry is not None else WITHDRAWN


async def present(entry_id: str, language: str, house: House, uow: UnitOfWork) -> Present:
    """What counts now, by the database where it knows the entry: the matcher may be a moment older."""
    row = await uow.knowledge.last_decided(entry_id, language)
    if row is None or (row.status != EntryStatus.WITHDRAWN and entry_of(row) is None):
        # Only the files have it, or a damaged row is passed over: then what answers is what counts.
        entry = next((one for one in house.matcher.entries if (one.id, one.language) == (entry_id, language)), None)
        return Present(entry, entry.version if entry else WITHDRAWN, entry is None or _careful(entry))
    entry = entry_of(row)
    careful = entry is None or _careful(entry)
    return Present(None if row.status == EntryStatus.WITHDRAWN else entry, str(row.revision), careful)


def _careful(entry: Entry) -> bool:
    return entry.risk is Risk.NEVER_AUTOMATIC


async def affected(entry_id: str, house: House, uow: UnitOfWork, now: datetime) -> list[tuple[Question, Present]]:
    """The last question of each person who, lately, got another version of this entry than the present one."""
    last: dict[int, Question] = {}
    for question in await uow.knowledge.questions_of(entry_id, now - house.settings.recall_within):
        last[question.person_id] = question
    languages = {question.entry_language for question in last.values()}
    states = {language: await present(entry_id, language, house, uow) for language in languages}
    rows = [(question, states[question.entry_language]) for question in last.values()]
    return [row for row in rows if (row[0].recalled_version or row[0].entry_version) != row[1].version]


async def recall(entry_id: str, staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
    """Plan a message to each of them, outside quiet hours. A second press plans nothing twice."""
    say = house.wording.say
    if not may_decide(staff.role):
        return Outcome(answer=Content(say("knowledge.no_not_a_lawyer", staff.language)), done=False)
    settings = house.settings
    due_at = now
    if settings.quiet_hours:
        due_at = outside_quiet(now, settings.zone, settings.quiet_start, settings.quiet_end)
    tasks = []
    for question, state in await affected(entry_id, house, uow, now):
        payload: dict[str, int | str] = {
            "question_id": question.id,
            "before": question.recalled_version or question.entry_version,
        }
        question.recalled_version = state.version
        tasks.append(Later("recall", due_at, f"recall:{question.id}:{state.mark}", payload))
    if not tasks:
        return Outcome(answer=Content(say("knowledge.no_recall", staff.language)), done=False)
    return Outcome(tasks=tuple(tasks), answer=Content(say("knowledge.recalled", staff.language, count=len(tasks))))


async def due(task: Task, house: House, uow: UnitOfWork, now: datetime) -> Outcome | Dropped | PutOff:
    """Tell one person. Never at night; a serious matter is not named, for others may hold the phone."""
    settings = house.settings
    if settings.quiet_hours and is_quiet(now, settings.zone, settings.quiet_start, settings.quiet_end):
        return PutOff(outside_quiet(now, settings.zone, settings.quiet_start, settings.quiet_end))
    question = await uow.people.question(int(task.payload["question_id"]))
    if question is None:
        return Dropped("the question is gone")
    person = await uow.people.person(question.person_id)
    if person.consent_at is None:
        return Dropped("the villager has not agreed to be written to")
    state = await present(question.entry_id, question.entry_language, house, uow)
    if state.version == task.payload["before"]:
        return Dropped("what they were last told holds again")
    language = person.language or settings.default_language
    say = house.wording.say
    choices = [Option("person", say("answer.person", language))]
    if state.careful:
        text = say("recall.neutral", language, withdrawn=state.entry is None)
        if state.entry is not None:
            choices.insert(0, Option(f"entry:{question.entry_id}", say("recall.show", language)))
    elif state.entry is None:
        text = say("recall.withdrawn", language, asked=house.local(question.asked_at))
    else:
        answer = answer_text(state.entry, language, house)
        text = say("recall.changed", language, asked=house.local(question.asked_at), answer=answer)
    question.recalled_version = state.version
    told = Say(question.conversation_id, Content(text, tuple(choices)), dedup=task.dedup, about_question=question.id)
    return Outcome((told,))
