"""What a simulation and its checks look at: what falls due, what nobody owns, what was said since, whole tables."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from sqlmodel import SQLModel, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Case, CaseStatus, Clock, Conversation, Direction, Message, Outbox, Task, TaskState

Row = TypeVar("Row", bound=SQLModel)


_NOBODYS = (
    col(Case.status).in_([CaseStatus.WAITING, CaseStatus.CLAIMED]),
    col(Case.adviser_id).is_(None),
    col(Case.owner_id).is_(None),
)


class Figures:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def glance(self) -> tuple[datetime | None, int, int]:
        """The earliest moment at which a task or a service clock wants to be looked at (None when none does), the
        newest message, and how many cases nobody owns: in one query, since it is asked after every step.
        """
        tasks = select(func.min(Task.run_at)).where(Task.state == TaskState.WAITING).scalar_subquery()
        clocks = select(func.min(Clock.next_look)).where(col(Clock.met_at).is_(None)).scalar_subquery()
        newest = select(func.max(Message.id)).scalar_subquery()
        unowned = select(func.count()).where(*_NOBODYS).select_from(Case).scalar_subquery()
        found = (await self._session.exec(select(tasks, clocks, newest, unowned))).one()
        return min((moment for moment in found[:2] if moment is not None), default=None), found[2] or 0, found[3]

    async def unowned(self) -> list[int]:
        """Open cases that neither an owner nor an adviser has, by number."""
        return list((await self._session.exec(select(Case.id).where(*_NOBODYS))).all())

    async def said_after(self, message_id: int) -> list[tuple[Message, str, str, bool]]:
        """What was said after a message, in order: the message, the chat it went to, its dedup key, and whether it is
        about an urgent case.
        """
        query = (
            select(Message, Conversation.chat, Outbox.dedup, func.coalesce(Case.urgent, False))
            .join(Outbox, col(Outbox.message_id) == Message.id)
            .join(Conversation, col(Conversation.id) == Message.conversation_id)
            .join(Case, col(Case.id) == Message.case_id, isouter=True)
            .where(col(Message.id) > message_id)
            .order_by(col(Message.id))
        )
        return list((await self._session.exec(query)).all())

    async def first_answers(self) -> dict[int, datetime]:
        """When somebody of the staff first wrote to the villager of a case, by case."""
        query = (
            select(Message.case_id, func.min(Message.said_at))
            .where(Message.author == "staff", Message.direction == Direction.OUT, col(Message.case_id).is_not(None))
            .group_by(col(Message.case_id))
        )
        return {case_id: moment for case_id, moment in (await self._session.exec(query)).all() if case_id is not None}

    async def every(self, table: type[Row]) -> list[Row]:
        """Every row of a table, in no order."""
        return list((await self._session.exec(select(table))).all())
