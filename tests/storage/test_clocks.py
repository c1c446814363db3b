"""Service clocks on both databases: of several workers each takes another one; of two takers of a case one wins."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import App, build
from bot.config import Config
from bot.ticker import LOOK_AGAIN, Ticker
from handlers import advising, clocks
from storage.database import Database
from storage.tables import Case, CaseStatus, Leave, Staff
from tests.conftest import Clock as Watch
from tests.dialogues.stage import PaperChannel

HOUR = timedelta(hours=1)
LATE = timedelta(hours=3, minutes=31)
"""When the backup has been told of a first answer due in 5 hours; 20:31 on the stage."""


@pytest.fixture
async def app(database: Database, clock: Watch, tmp_path: Path) -> App:
    app = build(Config(data_dir=tmp_path), clock=clock, channels=[PaperChannel()], db=database)
    async with database.write() as uow:
        for name in ("王海", "陈静", "赵敏"):
            person = await uow.county.add_staff(Staff(name=name, role="adviser", serves_all=True))
            await uow.county.set_address(person.id, "paper", name)
            await uow.county.add_shift(person.id, clock.now - HOUR, None)
        await uow.commit()
    return app


async def opens(app: App, count: int = 1) -> list[int]:
    """Cases of the first adviser, who does not answer, each with a clock."""
    now, numbers = app.clock(), []
    async with app.db.write() as uow:
        for number in range(count):
            conversation = await uow.people.open_conversation("paper", "desk", f"v{number}", now)
            case = await uow.cases.open(
                Case(
                    person_id=conversation.person_id, conversation_id=conversation.id, language="zh", reason="asked",
                    opened_at=now, answer_due=now + 5 * HOUR, status=CaseStatus.CLAIMED, adviser_id=1, owner_id=1,
                )
            )  # fmt: skip
            await uow.clocks.start(case.id, "first_answer", 0, now, now + 5 * HOUR, now + HOUR)
            numbers.append(case.id)
        await uow.commit()
    return numbers


async def test_a_clock_is_one_per_case_kind_and_round_and_starts_anew_once_met(app: App) -> None:
    (number,) = await opens(app)
    now = app.clock()
    async with app.db.write() as uow:
        running = await uow.clocks.start(number, "first_answer", 0, now, now + HOUR, now)
        assert running.due == now + 5 * HOUR
        running.met_at, running.step = now, 3
        assert await uow.clocks.running(number) == []
        again = await uow.clocks.start(number, "first_answer", 0, now, now + HOUR, now)
        assert (again.id, again.due, again.step, again.met_at) == (running.id, now + HOUR, 0, None)
        assert (await uow.clocks.start(number, "first_answer", 1, now, now + HOUR, now)).id != running.id


async def test_what_another_worker_holds_is_passed_over(app: App) -> None:
    await opens(app, 2)
    now = app.clock() + HOUR
    async with app.db.write() as one:
        first = await one.clocks.take_due(now)
        assert first is not None
        if not app.db.is_sqlite:
            async with app.db.write() as two, app.db.write() as three:
                second = await two.clocks.take_due(now)
                assert second is not None
                assert second[0].id != first[0].id
                assert await three.clocks.take_due(now) is None


async def test_many_looks_at_once_and_each_step_once(app: App, clock: Watch) -> None:
    numbers = await opens(app, 12)
    clock.advance(LATE)
    await asyncio.gather(*(Ticker(app).tick() for _ in range(4)))
    clock.advance(LOOK_AGAIN)
    await Ticker(app).tick()
    async with app.db.read() as uow:
        for number in numbers:
            kinds = [row.kind for row in await uow.events.of_case(number)]
            assert sorted(kinds) == ["moved_on", "warned", "warned"]
        chats = [await uow.people.conversation("paper", "desk", name, lock=False) for name in ("陈静", "赵敏")]
        told = [len(await uow.people.messages(chat.id)) for chat in chats if chat is not None]
    assert sum(told) == 12


async def test_of_two_takers_of_a_silent_advisers_case_one_wins(app: App, clock: Watch) -> None:
    (number,) = await opens(app)
    clock.advance(LATE)
    await Ticker(app).tick()

    async def takes(staff_id: int) -> bool:
        async with app.db.write() as uow:
            person = await uow.county.staff(staff_id)
            assert person is not None
            outcome = await advising.claim(number, person, app.house, uow, clock.now, key=f"take{staff_id}")
            if outcome.done:
                await app.writer.write(outcome, uow, clock.now)
                await uow.commit()
            return outcome.done

    won = await asyncio.gather(takes(2), takes(3))
    assert sorted(won) == [False, True]
    async with app.db.read() as uow:
        case = await uow.cases.get(number)
        assert case is not None
        assert case.adviser_id == (2 if won[0] else 3)
        assert not await clocks.offered_onward(case, uow)
        assert [row.staff_id for row in await uow.events.of_case(number) if row.kind == "claimed"] == [case.adviser_id]


async def test_a_clock_that_cannot_be_worked_on_does_not_stand_in_the_way(app: App, clock: Watch) -> None:
    """Its person is gone from the store; its adviser too, so that it stays due whatever its next look is."""
    broken, sound = await opens(app, 2)
    async with app.db.write() as uow:
        (row,) = await uow.clocks.running(broken)
        row.kind = "first_answer"
        row.next_look, row.due = clock.now, clock.now.replace(year=9999, month=12, day=30)
        uow.session.add(Leave(staff_id=1, starts=clock.now, ends=clock.now + 50 * HOUR))
        await uow.commit()
    clock.advance(HOUR)
    for _ in range(3):
        await Ticker(app).tick()
        clock.advance(timedelta(seconds=1))
    async with app.db.read() as uow:
        assert any(row.kind == "warned" for row in await uow.events.of_case(sound))
        assert not await uow.events.of_case(broken)


async def test_counts_and_what_is_late(app: App, clock: Watch) -> None:
    numbers = await opens(app, 3)
    async with app.db.write() as uow:
        (row,) = await uow.clocks.running(numbers[0])
        row.paused_at = clock.now
        (row,) = await uow.clocks.running(numbers[1])
        row.due = clock.now - HOUR
        await uow.commit()
    async with app.db.read() as uow:
        counts = await uow.clocks.counts(clock.now)
        late = await uow.clocks.late(clock.now)
    assert counts == {("first_answer", state): 1 for state in ("running", "late", "paused")}
    assert [case.id for _, case in late] == [numbers[1]]


async def test_an_answer_owed_by_somebody_on_leave_is_due_at_once(app: App, clock: Watch) -> None:
    (number,) = await opens(app)
    async with app.db.write() as uow:
        assert not await uow.clocks.is_due(clock.now)
        uow.session.add(Leave(staff_id=1, starts=clock.now, ends=clock.now + HOUR))
        await uow.flush()
        assert await uow.clocks.is_due(clock.now)
        assert not await uow.clocks.is_due(clock.now - HOUR)
        taken = await uow.clocks.take_due(clock.now)
        assert taken is not None
        assert taken[1].id == number
