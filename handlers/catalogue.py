"""What the desk looks at: the entries with their standing, how one has done, and what nobody has answered yet."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from faq.gaps import Asked, Gap, cluster, nearest
from faq.model import Entry
from handlers import advising
from handlers.knowledge import entry_of
from handlers.rules.access import may_open
from handlers.rules.privacy import without_personal
from handlers.rules.review import Month, by_month, review_mark, year_on
from handlers.turn import House
from storage.tables import Question, Staff
from storage.unit_of_work import UnitOfWork

LATELY = timedelta(days=90)
MONTHS = timedelta(days=366)
MOST_QUESTIONS = 1000
"""How many unanswered questions are put together; a county's last weeks."""
GAPS_SHOWN = 40
EXAMPLES = 4
LONGEST_LINE, LONGEST_EXPLANATION = 400, 1500


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in the list. `open` is the status of a version still open, or ''; `mark` 'past', 'soon' or ''."""

    entry: Entry
    status: str
    mark: str = ""
    asked: int = 0
    open: str = ""

    def fits(self, *, topic: str, status: str, due: bool, words: str) -> bool:
        """Whether the list shows it under these filters; empty ones let everything through."""
        entry = self.entry
        text = "\n".join((entry.id, entry.question, *entry.phrasings, entry.answer, entry.explanation)).lower()
        return (
            topic in {"", entry.topic.value}
            and status in {"", self.status, self.open}
            and (not due or bool(self.mark))
            and all(word in text for word in words.lower().split())
        )


async def catalogue(entries: Iterable[Entry], uow: UnitOfWork, now: datetime, today: date) -> list[Line]:
    """Every entry in force, withdrawn, or so far only a draft. `entries`: those in force."""
    decided = {(row.entry_id, row.language): row for row in await uow.knowledge.decided()}
    still_open = {(row.entry_id, row.language): row for row in await uow.knowledge.open_versions()}
    asked = await uow.knowledge.asked_counts(now - LATELY)
    lines = []
    seen = set()
    for entry in entries:
        key: tuple[str, str] = (entry.id, entry.language)
        seen.add(key)
        waiting = still_open.get(key)
        lines.append(
            Line(
                entry, "published" if key in decided else "shipped", review_mark(entry.review_by, today),
                asked.get(entry.id, 0), waiting.status if waiting else "",
            )
        )  # fmt: skip
    for key, row in {**still_open, **decided}.items():
        found = None if key in seen else entry_of(row)
        if found is not None:
            waiting = still_open.get(key)
            lines.append(Line(found, row.status, "", asked.get(found.id, 0), waiting.status if waiting else ""))
    return lines


async def record(entry_id: str, house: House, uow: UnitOfWork, now: datetime) -> dict[tuple[int, int], Month]:
    """How an entry did, by local month, over the last year."""
    questions = await uow.knowledge.questions_of(entry_id, now - MONTHS)
    return by_month((house.local(row.asked_at).date(), row.solved, row.case_id is not None) for row in questions)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A gap as shown: cleaned examples, where to draft from, and the nearest entries."""

    count: int
    examples: tuple[str, ...]
    language: str
    question: int
    case: int | None
    nearest: tuple[Entry, ...]


async def gaps(staff: Staff, house: House, uow: UnitOfWork, now: datetime) -> list[Unanswered]:
    """What was asked lately and not answered, the most asked first; only of villages this member of staff serves."""
    villages = [village.id for village in await uow.county.served(staff.id)]
    questions = {
        question.id: question
        for question, village in await uow.knowledge.unanswered(now - LATELY, MOST_QUESTIONS)
        if may_open(
            role=staff.role, serves_all=staff.serves_all, villages=villages, case_village=village, adviser=False
        )
    }
    asked = [Asked(number, without_personal(question.text)) for number, question in questions.items()]
    groups = await asyncio.to_thread(cluster, asked)
    return [await _shown(group, questions, staff, house, uow) for group in groups[:GAPS_SHOWN]]


async def _shown(gap: Gap, questions: dict[int, Question], staff: Staff, house: House, uow: UnitOfWork) -> Unanswered:
    rows = [questions[asked.number] for asked in gap.questions]
    examples = dict.fromkeys(without_personal(row.text)[:LONGEST_LINE] for row in rows)
    case = None
    for number in [row.case_id for row in rows if row.case_id is not None][:EXAMPLES]:
        if case is None and await _reply(number, staff, uow):
            case = number
    first = rows[0]
    return Unanswered(
        gap.count, tuple(list(examples)[:EXAMPLES]), first.language, first.id, case,
        nearest(first.text, house.matcher.entries, first.language),
    )  # fmt: skip


async def _reply(number: int, staff: Staff, uow: UnitOfWork) -> str:
    """What the adviser wrote in a case that this member of staff may open, without personal details."""
    if await advising.open_to(number, staff, uow) is None:
        return ""
    said = [row.text for row in await uow.people.of_case(number) if row.author == "staff" and row.text]
    return without_personal("\n".join(said))


async def draft_fields(
    question_id: int, case_number: int, staff: Staff, house: House, uow: UnitOfWork, now: datetime
) -> dict[str, str] | None:
    """A form begun from a villager's question and, where there is a case, the adviser's reply; None for nobody's."""
    if not 0 < question_id < 2**31 or (question := await uow.people.question(question_id)) is None:
        return None
    person = await uow.people.person(question.person_id)
    villages = [village.id for village in await uow.county.served(staff.id)]
    if not may_open(
        role=staff.role, serves_all=staff.serves_all, villages=villages, case_village=person.village_id, adviser=False
    ):
        return None
    words = " ".join(without_personal(question.text).split())
    reply = await _reply(case_number, staff, uow) if case_number else ""
    today = house.local(now).date()
    return {
        "language": question.language, "question": words[:LONGEST_LINE], "phrasings": words[:LONGEST_LINE],
        "answer": reply[:LONGEST_LINE], "explanation": reply[LONGEST_LINE : LONGEST_LINE + LONGEST_EXPLANATION],
        "risk": "answer_and_offer_person", "jurisdiction": "national", "checked_on": today.isoformat(),
        "review_by": year_on(today).isoformat(),
    }  # fmt: skip
