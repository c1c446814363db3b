"""Messages and their delivery: `say` writes both rows; the courier claims, sends, and records what came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, insert, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import ChannelAccount, Conversation, Delivery, Direction, Message, Outbox


@dataclass(frozen=True, slots=True)
class Said:
    """A message to be kept with its delivery. `dedup` is unique to it: what was said before is not said again.

    `delivered`: the commit itself delivers it (the person reads from our store).
    """

    conversation: Conversation
    message: Message
    dedup: str
    priority: int
    delivered: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """An outbox row in the courier's hands, with what it needs to send it."""

    row: Outbox
    message: Message
    chat: str


class OutboxStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def say(self, rows: Sequence[Said], now: datetime) -> list[Said]:
        """Keep messages and their deliveries, in order. Returns those that were not said before."""
        query = select(Outbox.dedup).where(col(Outbox.dedup).in_([row.dedup for row in rows]))
        said = set((await self._session.exec(query)).all()) if rows else set()
        fresh: list[Said] = []
        for row in rows:
            if row.dedup in said:
                continue
            said.add(row.dedup)
            fresh.append(row)
            row.message.direction = Direction.OUT
            if row.delivered:
                # What our own pages call the message by; a platform gives its own id when it has sent one.
                row.message.remote_id = row.dedup
            self._session.add(row.message)
        if fresh:
            await self._session.flush()
            deliveries = [_delivery(row, now).model_dump(exclude={"id"}) for row in fresh]
            await self._session.exec(insert(Outbox), params=deliveries)
        return fresh

    async def has_said(self, dedup_prefix: str) -> bool:
        """Whether anything was said under a dedup key that is this prefix and a ':' with more."""
        query = select(Outbox.id).where(col(Outbox.dedup) > f"{dedup_prefix}:", col(Outbox.dedup) < f"{dedup_prefix};")
        return (await self._session.exec(query.limit(1))).first() is not None

    async def said_since(self, dedup_prefix: str, since: datetime) -> bool:
        """Whether anything was said after a moment under a dedup key that is this prefix and a ':' with more."""
        query = select(Outbox.id).where(
            col(Outbox.dedup) > f"{dedup_prefix}:",
            col(Outbox.dedup) < f"{dedup_prefix};",
            col(Outbox.created_at) > since,
        )
        return (await self._session.exec(query.limit(1))).first() is not None

    async def claim(
        self, channel: str, account: str, holder: str, now: datetime, limit: int, busy: Collection[int]
    ) -> list[Claimed]:
        """Mark the head of each chat as `sending` and return it. `busy` are conversations to leave alone for now.

        The head is the most urgent, then oldest, row; a chat that is being sent to, or waits for a retry, has none.
        """
        other = aliased(Outbox)
        goes_before = (
            select(other.id)
            .where(
                col(other.channel) == Outbox.channel,
                col(other.account) == Outbox.account,
                col(other.conversation_id) == Outbox.conversation_id,
                or_(
                    col(other.outcome) == Delivery.SENDING,
                    and_(
                        col(other.outcome) == Delivery.WAITING,
                        or_(
                            col(other.priority) < Outbox.priority,
                            and_(col(other.priority) == Outbox.priority, col(other.id) < Outbox.id),
                        ),
                    ),
                ),
            )
            .exists()
        )
        query = (
            select(Outbox.id)
            .where(
                Outbox.outcome == Delivery.WAITING,
                Outbox.channel == channel,
                Outbox.account == account,
                or_(col(Outbox.not_before).is_(None), col(Outbox.not_before) <= now),
                col(Outbox.conversation_id).not_in(busy),
                ~goes_before,
            )
            .order_by(col(Outbox.priority), col(Outbox.id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        claimed = (
            update(Outbox)
            .where(col(Outbox.id).in_(query))
            .values(outcome=Delivery.SENDING, holder=holder, attempts=col(Outbox.attempts) + 1)
            .returning(col(Outbox.id))
        )
        ids = [row[0] for row in (await self._session.exec(claimed)).all()]
        if not ids:
            return []
        rows = await self._session.exec(
            select(Outbox, Message, Conversation.chat)
            .join(Message, col(Message.id) == Outbox.message_id)
            .join(Conversation, col(Conversation.id) == Outbox.conversation_id)
            .where(col(Outbox.id).in_(ids))
            .order_by(col(Outbox.priority), col(Outbox.id))
        )
        return [Claimed(row, message, chat) for row, message, chat in rows.all()]

    async def record(self, outbox_id: int, holder: str, **values: Any) -> bool:
        """Write what a send came to; False when this holder no longer has the row."""
        done: Any = await self._session.exec(
            update(Outbox)
            .where(col(Outbox.id) == outbox_id, col(Outbox.outcome) == Delivery.SENDING, col(Outbox.holder) == holder)
            .values(holder="", **values)
        )
        return bool(done.rowcount)

    async def remember_remote_id(self, message_id: int, remote_id: str) -> None:
        """Keep the channel's id of a sent message, so that replies to it and its buttons find their way."""
        await self._session.exec(update(Message).where(col(Message.id) == message_id).values(remote_id=remote_id))

    async def orphaned(self, channel: str, account: str, under_way: Collection[int], why: str) -> int:
        """Mark as unknown, and put back, what was being sent by nobody any more. For the holder of the courier's lease.

        `under_way` are the rows it is sending now; every other row that says `sending` has lost its sender, or the
        answer to the commit that claimed it. Returns how many.
        """
        done: Any = await self._session.exec(
            update(Outbox)
            .where(
                col(Outbox.outcome) == Delivery.SENDING,
                col(Outbox.channel) == channel,
                col(Outbox.account) == account,
                col(Outbox.id).not_in(under_way),
            )
            .values(outcome=Delivery.WAITING, unknown=True, holder="", why=why)
        )
        return int(done.rowcount)

    async def pause(self, conversation_id: int) -> None:
        """Hold what waits for a chat that is closed to us."""
        await self._move(conversation_id, Delivery.WAITING, Delivery.PAUSED)

    async def resume(self, conversation_id: int) -> None:
        """Let a chat's held messages go again."""
        await self._move(conversation_id, Delivery.PAUSED, Delivery.WAITING)

    async def _move(self, conversation_id: int, before: Delivery, after: Delivery) -> None:
        await self._session.exec(
            update(Outbox)
            .where(col(Outbox.conversation_id) == conversation_id, col(Outbox.outcome) == before)
            .values(outcome=after, not_before=None)
        )

    async def account(self, channel: str, account: str) -> ChannelAccount:
        """The state of an account on a channel; made on first use."""
        found = await self._session.get(ChannelAccount, (channel, account))
        if found is None:
            found = ChannelAccount(channel=channel, account=account)
            self._session.add(found)
        return found

    async def listed(self) -> list[tuple[Outbox, Message, Conversation]]:
        query = (
            select(Outbox, Message, Conversation)
            .join(Message, col(Message.id) == Outbox.message_id)
            .join(Conversation, col(Conversation.id) == Outbox.conversation_id)
            .order_by(col(Outbox.id))
        )
        return [(row, message, conversation) for row, message, conversation in (await self._session.exec(query)).all()]

    async def of_messages(self, message_ids: Sequence[int]) -> dict[int, Outbox]:
        """The delivery of each of these messages, by message id."""
        rows = await self._session.exec(select(Outbox).where(col(Outbox.message_id).in_(message_ids)))
        return {row.message_id: row for row in rows.all()}

    async def counts(self) -> dict[str, int]:
        rows = await self._session.exec(select(Outbox.outcome, func.count()).group_by(Outbox.outcome))
        return dict(rows.all())

    async def count_unknown(self) -> int:
        """How many messages had an attempt that ended without an answer."""
        return (await self._session.exec(select(func.count()).where(col(Outbox.unknown).is_(True)))).one()

    async def oldest_waiting(self) -> datetime | None:
        query = select(func.min(Outbox.created_at)).where(Outbox.outcome == Delivery.WAITING)
        return (await self._session.exec(query)).one()


def _delivery(said: Said, now: datetime) -> Outbox:
    conversation = said.conversation
    waits = Delivery.PAUSED if conversation.blocked_at else Delivery.WAITING
    return Outbox(
        message_id=said.message.id,
        conversation_id=conversation.id,
        channel=conversation.channel,
        account=conversation.account,
        dedup=said.dedup,
        priority=said.priority,
        outcome=Delivery.SENT if said.delivered else waits,
        attempts=int(said.delivered),
        created_at=now,
        sent_at=now if said.delivered else None,
    )
