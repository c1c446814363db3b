"""The inbox: updates as they came. Stored before confirmed, done in the same commit as what they led to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.dialect import insert_new
from storage.tables import Inbox, InboxState


class InboxStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def store(self, channel: str, account: str, updates: Sequence[tuple[str, str, str]], now: datetime) -> None:
        """Keep updates (update id, chat, body). One seen before (UNIQUE channel, account, update id) is passed over."""
        if updates:
            rows = [
                {
                    "channel": channel,
                    "account": account,
                    "update_id": update_id,
                    "chat": chat,
                    "body": body.replace("\x00", ""),
                    "received_at": now,
                    "state": InboxState.WAITING,
                    "attempts": 0,
                    "error": "",
                }
                for update_id, chat, body in updates
            ]
            await self._session.exec(insert_new(self._session, Inbox, rows, ["channel", "account", "update_id"]))

    async def heads(
        self, now: datetime, limit: int, busy: Collection[tuple[str, str]], channels: Collection[str]
    ) -> list[Inbox]:
        """The first waiting update of each chat that may run now, oldest first; `busy` (channel, chat) left out.

        A chat whose first update waits for its next try is left out whole: order within a conversation holds.
        """
        earlier = aliased(Inbox)
        has_earlier = (
            select(earlier.id)
            .where(
                col(earlier.state) == InboxState.WAITING,
                col(earlier.channel) == Inbox.channel,
                col(earlier.account) == Inbox.account,
                col(earlier.chat) == Inbox.chat,
                col(earlier.id) < Inbox.id,
            )
            .exists()
        )
        query = (
            select(Inbox)
            .where(
                Inbox.state == InboxState.WAITING,
                col(Inbox.channel).in_(channels),
                or_(col(Inbox.not_before).is_(None), col(Inbox.not_before) <= now),
                ~has_earlier,
            )
            .order_by(col(Inbox.id))
            .limit(limit + len(busy))
        )
        rows = (await self._session.exec(query)).all()
        return [row for row in rows if (row.channel, row.chat) not in busy][:limit]

    async def take(self, inbox_id: int) -> Inbox | None:
        """Lock a waiting update for this transaction; None when it is done or another worker has it."""
        query = (
            select(Inbox)
            .where(Inbox.id == inbox_id, Inbox.state == InboxState.WAITING)
            .with_for_update(skip_locked=True)
        )
        return (await self._session.exec(query)).first()

    async def failed(self, inbox_id: int, error: str, now: datetime, tries: int) -> Inbox | None:
        """Count a failed try; after `tries` the update is set aside. Returns the row as it is then."""
        row = await self._session.get(Inbox, inbox_id, with_for_update=True)
        if row is None or row.state != InboxState.WAITING:
            return None
        row.attempts += 1
        row.error = error
        row.not_before = now + timedelta(seconds=min(60, 0.5 * 2**row.attempts))
        if row.attempts >= tries:
            row.state = InboxState.SET_ASIDE
            row.done_at = now
        return row

    async def find(self, channel: str, account: str, update_id: str) -> Inbox | None:
        query = select(Inbox).where(Inbox.channel == channel, Inbox.account == account, Inbox.update_id == update_id)
        return (await self._session.exec(query)).first()

    async def retry(self, inbox_id: int) -> bool:
        """Put a set-aside update back in the queue."""
        done: Any = await self._session.exec(
            update(Inbox)
            .where(col(Inbox.id) == inbox_id, col(Inbox.state) == InboxState.SET_ASIDE)
            .values(state=InboxState.WAITING, attempts=0, not_before=None, done_at=None)
        )
        return bool(done.rowcount)

    async def set_aside(self) -> list[Inbox]:
        query = select(Inbox).where(Inbox.state == InboxState.SET_ASIDE).order_by(col(Inbox.id).desc()).limit(100)
        return list((await self._session.exec(query)).all())

    async def listed(self) -> list[Inbox]:
        return list((await self._session.exec(select(Inbox).order_by(col(Inbox.id)))).all())

    async def counts(self) -> dict[str, int]:
        rows = await self._session.exec(select(Inbox.state, func.count()).group_by(Inbox.state))
        return dict(rows.all())

    async def oldest_waiting(self) -> datetime | None:
        query = select(func.min(Inbox.received_at)).where(Inbox.state == InboxState.WAITING)
        return (await self._session.exec(query)).one()
