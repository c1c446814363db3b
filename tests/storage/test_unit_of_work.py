"""The unit of work on both databases: what a commit keeps, what an attempt undoes, and who wins of two at once."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import select

from storage.database import Database
from storage.tables import Case, CaseStatus, Person, Staff, Village
from storage.unit_of_work import UnitOfWork
from tests.conftest import Clock


async def names(database: Database) -> list[str]:
    async with database.read() as uow:
        return [village.name for village, _ in await uow.county.villages()]


async def _breaks(database: Database) -> None:
    async with database.write() as uow:
        await uow.county.add_village("b", "乙村", "镇")
        await uow.flush()
        raise RuntimeError


async def test_nothing_is_kept_without_a_commit(database: Database) -> None:
    async with database.write() as uow:
        await uow.county.add_village("a", "甲村", "镇")
        await uow.flush()
    with pytest.raises(RuntimeError):
        await _breaks(database)
    assert await names(database) == []
    async with database.write() as uow:
        await uow.county.add_village("a", "甲村", "镇")
        await uow.commit()
        await uow.county.add_village("b", "乙村", "镇")
    assert await names(database) == ["甲村"]


async def _attempts_in_vain(uow: UnitOfWork) -> None:
    async with uow.attempt():
        await uow.county.add_village("c", "丙村", "镇")
        uow.session.add(Village(code="a", name="又一个甲", town_id=1))
        await uow.flush()


async def test_an_attempt_that_fails_undoes_its_own_part_alone(database: Database) -> None:
    async with database.write() as uow:
        await uow.county.add_village("a", "甲村", "镇")
        async with uow.attempt():
            await uow.county.add_village("b", "乙村", "镇")
        with pytest.raises(IntegrityError):
            await _attempts_in_vain(uow)
        await uow.county.add_village("d", "丁村", "镇")
        await uow.commit()
    assert await names(database) == ["甲村", "乙村", "丁村"]


async def test_a_look_changes_nothing(database: Database) -> None:
    async with database.read() as uow:
        if database.is_sqlite:
            with pytest.raises(OperationalError, match="readonly"):
                await uow.county.add_village("a", "甲村", "镇")
        else:
            await uow.county.add_village("a", "甲村", "镇")
    assert await names(database) == []


async def opened(database: Database, clock: Clock) -> int:
    async with database.write() as uow:
        row = await uow.people.open_conversation("telegram", "1", "a", clock.now)
        case = Case(
            person_id=row.person_id, conversation_id=row.id, language="zh", reason="asked",
            opened_at=clock.now, answer_due=clock.now,
        )  # fmt: skip
        number = (await uow.cases.open(case)).id
        for name in ("王海", "李梅", "陈静"):
            await uow.county.add_staff(Staff(name=name, role="adviser"))
        await uow.commit()
    return number


async def test_of_advisers_who_claim_a_case_at_once_one_wins(database: Database, clock: Clock) -> None:
    number = await opened(database, clock)
    # Everybody has looked at the waiting case before anybody claims it; SQLite lets writers in one by one.
    ready = asyncio.Barrier(1 if database.is_sqlite else 3)

    async def claim(staff_id: int) -> bool:
        async with database.write() as uow:
            case = await uow.cases.get(number)
            assert case is not None
            await ready.wait()
            won = await uow.cases.claim(number, staff_id, clock.now)
            await uow.commit()
        return won

    won = await asyncio.gather(*(claim(staff_id) for staff_id in (1, 2, 3)))
    assert sum(won) == 1
    async with database.read() as uow:
        case = await uow.cases.get(number)
    assert case is not None
    assert (case.status, case.adviser_id) == (CaseStatus.CLAIMED, won.index(True) + 1)


async def test_two_workers_who_open_one_chat_at_once_have_one_conversation(database: Database, clock: Clock) -> None:
    async def opens() -> tuple[int, int]:
        async with database.write() as uow:
            found = await uow.people.open_conversation("paper", "desk", "王海", clock.now)
            await asyncio.sleep(0.05)
            await uow.commit()
            return found.id, found.person_id

    assert len(set(await asyncio.gather(*(opens() for _ in range(4))))) == 1
    async with database.read() as uow:
        assert len((await uow.session.exec(select(Person))).all()) == 1
