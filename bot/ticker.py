"""The clock: runs due tasks and pages those who come on duty. APScheduler only ticks, in memory.

A tick that comes late or twice does no harm: a task runs in the transaction that marks it done.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from handlers import casework, duty, escalating, following_up, limit_reminders, recalling, routing
from handlers.messages import Outcome
from storage.database import is_passing
from storage.tables import Task
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from bot.app import App

log = structlog.get_logger(__name__)

TICK_SECONDS = 1
LOOK_AGAIN = timedelta(seconds=30)
"""When a clock is looked at again that could not be worked on, and a task that was put off to no later moment."""

TASKS = {
    "follow_up": following_up.due,
    "recall": recalling.due,
    "deadline": limit_reminders.due,
    "roster_gaps": duty.gaps_due,
}
"""What runs for a task of each kind."""


class Ticker:
    """Ticks until cancelled. `failures` counts ticks that ended in an error which does not pass by itself."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.failures = 0
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._planned = ""
        self._standing: tuple[object, ...] = ()

    async def run(self) -> None:
        self._scheduler.add_job(self.tick, "interval", seconds=TICK_SECONDS, max_instances=1, coalesce=True)
        self._scheduler.start()
        try:
            await self.tick()
            await asyncio.Event().wait()
        finally:
            self._scheduler.shutdown(wait=False)

    async def tick(self) -> None:
        """Everything that is due now. Database trouble is left for the next tick."""
        try:
            await self._plan_day()
            await self._work_off()
            await self._page_waiting()
        except Exception as error:
            if not is_passing(error):
                self.failures += 1
                log.error("tick.failed", error=type(error).__name__, exc_info=error)
            else:
                log.warning("tick.waits", error=type(error).__name__)

    async def _plan_day(self) -> None:
        """Have the roster looked at today, in a county that has one. After a stop of days, today's look is enough."""
        app = self._app
        task = duty.gaps_task(app.house, app.clock())
        if task.dedup == self._planned:
            return
        async with app.db.read() as uow:
            if not await uow.county.villages() or not await uow.roster.active():
                return
        async with app.db.write() as uow:
            await uow.tasks.schedule(task.kind, task.run_at, task.dedup, task.payload)
            await uow.commit()
        self._planned = task.dedup

    async def _work_off(self) -> None:
        """Run tasks and look at clocks by turns, so that a thousand due tasks hold no clock up."""
        now = self._app.clock()
        async with self._app.db.read() as uow:
            tasks, clocks = await uow.tasks.oldest_due(now) is not None, await uow.clocks.is_due(now)
        while tasks or clocks:
            tasks = tasks and await self.run_one()
            clocks = clocks and await self.look_at_one()

    async def run_one(self) -> bool:
        """Run the task that has been due longest; False when none is."""
        app = self._app
        now = app.clock()
        task_id = 0
        try:
            async with app.db.write() as uow:
                task = await uow.tasks.take_due(now)
                if task is None:
                    return False
                task_id = task.id
                await self._work(task, uow)
                await uow.commit()
        except Exception as error:
            if is_passing(error) or not task_id:
                raise
            log.error("task.failed", task=task_id, error=type(error).__name__, exc_info=error)
            async with app.db.write() as uow:
                await uow.tasks.failed(task_id, type(error).__name__, now)
                await uow.commit()
        app.bells.outbox.ring()
        app.bells.messages.ring()
        return True

    async def _work(self, task: Task, uow: UnitOfWork) -> None:
        app = self._app
        now = app.clock()
        result = await TASKS[task.kind](task, app.house, uow, now)
        match result:
            case following_up.PutOff(until):
                task.run_at = until if until > now else now + LOOK_AGAIN
            case following_up.Dropped(why):
                await uow.tasks.finish(task, now, dropped=why)
            case Outcome():
                await app.writer.write(result, uow, now)
                await uow.tasks.finish(task, now)

    async def look_at_one(self) -> bool:
        """Look at the service clock that has waited longest for it; False when none does."""
        app = self._app
        now = app.clock()
        clock_id = 0
        try:
            async with app.db.write() as uow:
                taken = await uow.clocks.take_due(now)
                if taken is None:
                    return False
                clock, case = taken
                clock_id = clock.id
                await app.writer.write(await escalating.look(clock, case, app.house, uow, now), uow, now)
                await uow.commit()
        except Exception as error:
            if is_passing(error) or not clock_id:
                raise
            log.error("clock.failed", clock=clock_id, error=type(error).__name__, exc_info=error)
            async with app.db.write() as uow:
                await uow.clocks.put_off(clock_id, now + LOOK_AGAIN)
                await uow.commit()
            return False
        app.bells.outbox.ring()
        app.bells.messages.ring()
        return True

    async def _page_waiting(self) -> None:
        """Page for what waits, when it or who is there has changed since the last look of this process."""
        app = self._app
        now = app.clock()
        async with app.db.read() as uow:
            waiting = await uow.cases.waiting()
            standing = routing.standing(await routing.board(app.house, uow, now), waiting) if waiting else ()
        if standing == self._standing:
            return
        async with app.db.write() as uow:
            outcome = await casework.page_waiting(app.house, uow, now)
            await app.writer.write(outcome, uow, now)
            await uow.commit()
        self._standing = standing
        app.bells.outbox.ring()
