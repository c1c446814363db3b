"""Follow-ups and calls as rows."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import build
from bot.config import Config
from bot.ticker import Ticker
from storage.database import Database
from storage.tables import Call, Case, CaseStatus, FollowUp
from tests.conftest import Clock
from tests.dialogues.stage import PaperChannel

DAY = timedelta(days=1)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data_dir=tmp_path)


async def person(db: Database, clock: Clock, chat: str = "li") -> tuple[int, int]:
    async with db.write() as uow:
        conversation = await uow.people.open_conversation("paper", "desk", chat, clock.now)
        await uow.commit()
    return conversation.person_id, conversation.id


async def test_planned_rows_are_listed_in_order_and_dropped_by_case(database: Database, clock: Clock) -> None:
    person_id, conversation_id = await person(database, clock)
    async with database.write() as uow:
        case = await uow.cases.open(
            Case(
                person_id=person_id, conversation_id=conversation_id, language="zh", reason="asked",
                opened_at=clock.now, answer_due=clock.now,
            )
        )  # fmt: skip
        for kind, days in (("later", 30), ("closed", 3), ("remind", 5)):
            row = FollowUp(
                person_id=person_id, conversation_id=conversation_id, case_id=case.id, kind=kind,
                due=clock.now + days * DAY,
            )  # fmt: skip
            await uow.follow_ups.plan(row)
        await uow.commit()
    async with database.write() as uow:
        assert [row.kind for row in await uow.follow_ups.of_case(case.id)] == ["closed", "remind", "later"]
        await uow.follow_ups.drop(case.id, ["closed", "later"], "why")
        await uow.commit()
    async with database.read() as uow:
        assert [row.kind for row in await uow.follow_ups.planned_of(person_id)] == ["remind"]
        assert await uow.follow_ups.planned_of(person_id, ["closed"]) == []
        assert await uow.follow_ups.counts() == {"dropped": 2, "planned": 1}
        assert await uow.follow_ups.get(2**40) is None
        assert await uow.follow_ups.call(-1) is None


async def test_a_villager_who_writes_closes_their_calls_only(database: Database, clock: Clock) -> None:
    li, _ = await person(database, clock)
    mei, _ = await person(database, clock, "mei")
    async with database.write() as uow:
        for person_id in (li, mei):
            await uow.follow_ups.add_call(Call(person_id=person_id, reason="silent", since=clock.now))
        assert await uow.follow_ups.open_call_of(li, None, None) is not None
        assert await uow.follow_ups.open_call_of(li, 7, None) is None
        assert await uow.follow_ups.villager_wrote(li, clock.now) == 1
        assert await uow.follow_ups.villager_wrote(li, clock.now) == 0
        await uow.commit()
    async with database.read() as uow:
        assert [call.person_id for call in await uow.follow_ups.open_calls()] == [mei]


async def test_two_workers_at_once_keep_to_one_a_day(database: Database, clock: Clock, config: Config) -> None:
    person_id, conversation_id = await person(database, clock)
    apps = [build(config, clock=clock, channels=[PaperChannel()], db=database) for _ in range(2)]
    async with database.write() as uow:
        case = await uow.cases.open(
            Case(
                person_id=person_id, conversation_id=conversation_id, language="zh", reason="asked",
                status=CaseStatus.CLOSED, opened_at=clock.now, answer_due=clock.now, closed_at=clock.now,
            )
        )  # fmt: skip
        for number in range(6):
            row = await uow.follow_ups.plan(
                FollowUp(
                    person_id=person_id, conversation_id=conversation_id, case_id=case.id, kind="performance",
                    words=str(number), due=clock.now,
                )
            )  # fmt: skip
            await uow.tasks.schedule("follow_up", clock.now, f"follow_up:row:{row.id}:1", {"follow_up_id": row.id})
        await uow.commit()
    await asyncio.gather(*(Ticker(app).tick() for app in apps))
    async with database.read() as uow:
        assert await uow.follow_ups.counts() == {"asked": 1, "planned": 5}
        assert sum((await uow.outbox.counts()).values()) == 1
