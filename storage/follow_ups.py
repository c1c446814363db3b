"""Follow-ups planned and asked, and the list of those who are to be called."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Call, Direction, FollowUp, Message, Person


class FollowUps:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def plan(self, row: FollowUp) -> FollowUp:
        """Keep a follow-up and give it its id."""
        self._session.add(row)
        await self._session.flush()
        return row

    async def get(self, follow_up_id: int, *, lock: bool = False) -> FollowUp | None:
        """None when there is none. `lock` holds it for this transaction."""
        if not 0 < follow_up_id < 2**31:
            return None
        return await self._session.get(
            FollowUp, follow_up_id, with_for_update={"key_share": True} if lock else None, populate_existing=lock
        )

    async def lock_person(self, person_id: int) -> Person:
        """The person, held for this transaction, so that two follow-ups of theirs are not sent at once.

        Raises LookupError when there is none.
        """
        found = await self._session.get(
            Person, person_id, with_for_update={"key_share": True}, populate_existing=True
        )  # fmt: skip
        if found is None:
            raise LookupError(f"no person {person_id}")
        return found

    async def asked_in(self, conversation_id: int) -> FollowUp | None:
        """The follow-up that was asked last in a conversation and not answered yet."""
        query = (
            select(FollowUp)
            .where(
                FollowUp.conversation_id == conversation_id,
                col(FollowUp.state).in_(["asked", "silent"]),
                col(FollowUp.asked_at).is_not(None),
            )
            .order_by(col(FollowUp.asked_at).desc(), col(FollowUp.id).desc())
        )
        return (await self._session.exec(query)).first()

    async def asked_at(self, conversation_id: int, moment: datetime) -> FollowUp | None:
        """The follow-up that was asked (last) at just this moment."""
        query = select(FollowUp).where(FollowUp.conversation_id == conversation_id, FollowUp.asked_at == moment)
        return (await self._session.exec(query.order_by(col(FollowUp.id).desc()))).first()

    async def of_case(self, case_id: int) -> list[FollowUp]:
        """All of a case, the next one first."""
        query = select(FollowUp).where(FollowUp.case_id == case_id).order_by(col(FollowUp.due), col(FollowUp.id))
        return list((await self._session.exec(query)).all())

    async def of_question(self, question_id: int) -> list[FollowUp]:
        query = select(FollowUp).where(FollowUp.question_id == question_id).order_by(col(FollowUp.id))
        return list((await self._session.exec(query)).all())

    async def planned_of(self, person_id: int, kinds: Collection[str] = ()) -> list[FollowUp]:
        """What a person is still going to be asked for the first time, the next one first; only some `kinds`."""
        query = select(FollowUp).where(FollowUp.person_id == person_id, FollowUp.state == "planned")
        if kinds:
            query = query.where(col(FollowUp.kind).in_(list(kinds)))
        return list((await self._session.exec(query.order_by(col(FollowUp.due), col(FollowUp.id)))).all())

    async def drop(self, case_id: int, kinds: Collection[str], why: str) -> None:
        """Give up what is planned or asked about a case, with a note why."""
        await self._session.exec(
            update(FollowUp)
            .where(
                col(FollowUp.case_id) == case_id,
                col(FollowUp.kind).in_(list(kinds)),
                col(FollowUp.state).in_(["planned", "asked"]),
            )
            .values(state="dropped", note=why)
            .execution_options(synchronize_session="fetch")
        )

    async def wrote_since(self, conversation_id: int, since: datetime) -> bool:
        """Whether a villager has said anything in a conversation after a moment."""
        query = select(Message.id).where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.IN,
            Message.author == "villager",
            col(Message.said_at) > since,
        )
        return (await self._session.exec(query.limit(1))).first() is not None

    async def add_call(self, call: Call) -> Call:
        self._session.add(call)
        await self._session.flush()
        return call

    async def call(self, call_id: int, *, lock: bool = False) -> Call | None:
        if not 0 < call_id < 2**31:
            return None
        return await self._session.get(
            Call, call_id, with_for_update={"key_share": True} if lock else None, populate_existing=lock
        )

    async def open_calls(self, limit: int = 500) -> list[Call]:
        """Those who are still to be called, the one that has waited longest first."""
        query = select(Call).where(col(Call.done_at).is_(None)).order_by(col(Call.since), col(Call.id)).limit(limit)
        return list((await self._session.exec(query)).all())

    async def open_call_of(self, person_id: int, case_id: int | None, question_id: int | None) -> Call | None:
        """The open call about the same matter."""
        query = select(Call).where(
            Call.person_id == person_id,
            col(Call.done_at).is_(None),
            col(Call.case_id).is_(None) if case_id is None else Call.case_id == case_id,
            col(Call.question_id).is_(None) if question_id is None else Call.question_id == question_id,
        )
        return (await self._session.exec(query)).first()

    async def villager_wrote(self, person_id: int, now: datetime) -> int:
        """A villager wrote: nobody needs to call them any more. How many calls that closes."""
        done: Any = await self._session.exec(
            update(Call)
            .where(col(Call.person_id) == person_id, col(Call.done_at).is_(None))
            .values(done_at=now)
            .execution_options(synchronize_session="fetch")
        )
        return int(done.rowcount)

    async def counts(self) -> dict[str, int]:
        """How many follow-ups are in which state."""
        rows = await self._session.exec(select(FollowUp.state, func.count()).group_by(FollowUp.state))
        return dict(rows.all())
