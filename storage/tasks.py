"""Durable work. A task runs inside the transaction that marks it done, so a crash leaves it due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.dialect import insert_new
from storage.tables import Task, TaskState

TRIES = 5
"""How often a failing task is tried before it is given up and shown on the desk."""


class TaskStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def schedule(self, kind: str, run_at: datetime, dedup: str, payload: dict[str, Any]) -> None:
        """Have `kind` run at `run_at`; a second time with the same `dedup` does nothing."""
        row = {
            "kind": kind,
            "run_at": run_at,
            "dedup": dedup,
            "payload": payload,
            "state": TaskState.WAITING,
            "attempts": 0,
            "note": "",
        }
        await self._session.exec(insert_new(self._session, Task, [row], ["dedup"]))

    async def take_due(self, now: datetime) -> Task | None:
        """Lock the task that has been due longest, for this transaction."""
        query = (
            select(Task)
            .where(Task.state == TaskState.WAITING, col(Task.run_at) <= now)
            .order_by(col(Task.run_at), col(Task.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return (await self._session.exec(query)).first()

    async def finish(self, task: Task, now: datetime, dropped: str = "") -> None:
        """The task is done; or `dropped` says why it had lost its sense."""
        task.state = TaskState.DROPPED if dropped else TaskState.DONE
        task.note = dropped
        task.done_at = now

    async def failed(self, task_id: int, error: str, now: datetime) -> None:
        """Count a failed try and put it off; after `TRIES` the task is given up."""
        task = await self._session.get(Task, task_id, with_for_update=True)
        if task is not None and task.state == TaskState.WAITING:
            task.attempts += 1
            task.note = error
            task.run_at = now + timedelta(seconds=2**task.attempts)
            if task.attempts >= TRIES:
                task.state = TaskState.FAILED
                task.done_at = now

    async def given_up(self) -> list[Task]:
        query = select(Task).where(Task.state == TaskState.FAILED).order_by(col(Task.id).desc()).limit(100)
        return list((await self._session.exec(query)).all())

    async def listed(self) -> list[Task]:
        return list((await self._session.exec(select(Task).order_by(col(Task.id)))).all())

    async def counts(self) -> dict[str, int]:
        rows = await self._session.exec(select(Task.state, func.count()).group_by(Task.state))
        return dict(rows.all())

    async def oldest_due(self, now: datetime) -> datetime | None:
        query = select(func.min(Task.run_at)).where(Task.state == TaskState.WAITING, col(Task.run_at) <= now)
        return (await self._session.exec(query)).one()
