"""Running time limits on both databases: found where they came up, tied to the case, listed nearest first."""

from __future__ import annotations

from datetime import UTC, date, datetime

from storage.database import Database
from storage.tables import Case, CaseStatus, Question, RunningDeadline, Staff

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


async def test_found_tied_to_the_case_and_listed(database: Database) -> None:
    async with database.write() as uow:
        conversation = await uow.people.open_conversation("web", "", "li", NOW)
        person = conversation.person_id
        staff = await uow.county.add_staff(Staff(name="王海", role="adviser", serves_all=True))
        question = await uow.people.add_question(
            Question(person_id=person, conversation_id=conversation.id, language="zh", asked_at=NOW, outcome="answer")
        )
        case = await uow.cases.open(
            Case(
                person_id=person, conversation_id=conversation.id, language="zh", reason="asked", opened_at=NOW,
                answer_due=NOW, status=CaseStatus.CLAIMED, adviser_id=staff.id,
            )
        )  # fmt: skip
        for matter, day in (("far", date(2027, 5, 1)), ("unknown", None), ("near", date(2026, 12, 1))):
            await uow.deadlines.add(
                RunningDeadline(
                    person_id=person, conversation_id=conversation.id, question_id=question.id, matter=matter,
                    last_day=day, state="running" if day else "asked", created_at=NOW,
                )
            )  # fmt: skip
        await uow.deadlines.into_case(question.id, case.id)
        await uow.commit()
    async with database.read() as uow:
        for place in ({"question_id": question.id, "case_id": None}, {"question_id": None, "case_id": case.id}):
            found = await uow.deadlines.find(person, "near", **place)
            assert found is not None
            assert found.case_id == case.id
        assert await uow.deadlines.find(person, "near", question_id=None, case_id=None) is None
        assert await uow.deadlines.find(person + 1, "near", question_id=question.id, case_id=None) is None
        assert [row.matter for row in await uow.deadlines.of_person(person)] == ["near", "far", "unknown"]
        assert [row.matter for row in await uow.deadlines.of_case(case.id)] == ["near", "far", "unknown"]
        assert [row.matter for row in await uow.deadlines.running()] == ["near", "far", "unknown"]
        assert [row.matter for row in await uow.deadlines.of_adviser(staff.id, date(2026, 12, 24))] == ["near"]
        assert await uow.deadlines.of_adviser(staff.id + 1, date(2026, 12, 24)) == []
        assert await uow.deadlines.get(2**40) is None
