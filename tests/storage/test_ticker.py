"""The tick, on both databases: it ends whatever a task answers, and takes tasks and clocks by turns."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import ticker
from bot.app import App, build
from bot.config import Config
from bot.ticker import LOOK_AGAIN, Ticker
from handlers.following_up import Dropped, PutOff
from handlers.messages import Outcome
from handlers.turn import House
from storage.database import Database
from storage.tables import Task
from storage.unit_of_work import UnitOfWork
from tests.conftest import Clock


@pytest.fixture
def app(database: Database, clock: Clock, tmp_path: Path) -> App:
    return build(Config(data_dir=tmp_path), clock=clock, channels=[], db=database)


async def schedule(app: App, *kinds: str) -> None:
    async with app.db.write() as uow:
        for number, kind in enumerate(kinds):
            await uow.tasks.schedule(kind, app.clock(), f"{kind}:{number}", {})
        await uow.commit()


async def test_a_task_put_off_to_no_later_moment_waits_all_the_same(
    app: App, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[datetime] = []

    async def due(task: Task, house: House, uow: UnitOfWork, now: datetime) -> PutOff | Dropped:
        looked.append(now)
        return PutOff(now - timedelta(hours=1)) if len(looked) < 10 else Dropped("looked at without end")

    monkeypatch.setitem(ticker.TASKS, "odd", due)
    await schedule(app, "odd")
    await Ticker(app).tick()
    assert len(looked) == 1
    clock.advance(LOOK_AGAIN)
    await Ticker(app).tick()
    assert len(looked) == 2


async def test_many_due_tasks_hold_no_clock_up(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    async def due(task: Task, house: House, uow: UnitOfWork, now: datetime) -> Outcome:
        order.append("task")
        return Outcome()

    async def look(self: Ticker) -> bool:
        order.append("clock")
        return order.count("clock") < 2

    async def is_due(self: object, now: datetime) -> bool:
        return True

    monkeypatch.setitem(ticker.TASKS, "odd", due)
    monkeypatch.setattr(Ticker, "look_at_one", look)
    async with app.db.read() as uow:
        monkeypatch.setattr(type(uow.clocks), "is_due", is_due)
    await schedule(app, *["odd"] * 5)
    await Ticker(app).tick()
    assert order == ["task", "clock", "task", "clock", "task", "task", "task"]
