"""outbox row -> channel -> recorded outcome.

One courier an account, by a lease row. It owns each chat's order and pace; what it was sending when it died is marked
as unknown by the next one and sent again: nothing is lost, a double only where the outcome was unknown.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bot.channels.base import Channel, ChatClosed, NotSent, Rejected, SendOutcome, Sent, Unknown
from handlers.housekeeping import chat_closed
from handlers.messages import Content, Option
from storage.database import is_passing
from storage.outbox import Claimed
from storage.tables import Delivery
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from bot.app import App

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=6)
RENEW_SECONDS = 2.0
IDLE_SECONDS = 0.5
AT_ONCE = 16
LONGEST_WAIT = timedelta(minutes=10)
FINISH_SECONDS = 3.5
"""How long sends under way may take when stopping, within the 5 s a stop may take."""


def backoff(attempts: int) -> timedelta:
    """How long to wait before the next try after this many."""
    return min(LONGEST_WAIT, timedelta(seconds=2 ** min(attempts, 12)))


class Courier:
    """Sends what the outbox holds for one channel account."""

    def __init__(self, app: App, channel: Channel, chat_interval: timedelta) -> None:
        self._app = app
        self._channel = channel
        self._interval = chat_interval
        self._holder = uuid.uuid4().hex
        self._lease = f"courier:{channel.name}:{channel.account}"
        self._renewed: float | None = None
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._rows: dict[int, int] = {}
        self._finished: list[tuple[Claimed, SendOutcome]] = []
        self._resting: dict[int, datetime] = {}
        self._paused_until: datetime | None = None

    async def run(self) -> None:
        """Work until cancelled; then finish the sends under way and give the lease back."""
        try:
            while True:
                try:
                    await self._round()
                except Exception as error:
                    if not is_passing(error):
                        raise
                    log.warning("outbox.unreachable", error=type(error).__name__)
                    await asyncio.sleep(1)
        finally:
            await self._finish()

    async def _round(self) -> None:
        """Record what sends came to, and take what goes next: one commit for both."""
        bell = self._app.bells.outbox.mark()
        now = self._app.clock()
        leading = await self._holds_lease()
        claimed: list[Claimed] = []
        async with self._app.db.write() as uow:
            recorded = await self._record(uow, now)
            if leading and self._may_claim(now):
                claimed = await self._claim(uow, now)
            if recorded or claimed:
                await uow.commit()
        self._forget(recorded)
        for item in claimed:
            self._rows[item.row.conversation_id] = item.row.id
            self._sending[item.row.conversation_id] = asyncio.create_task(self._deliver(item))
        if not leading:
            await asyncio.sleep(RENEW_SECONDS / 2)
        else:
            await self._rest(now, bell)

    async def _rest(self, now: datetime, bell: asyncio.Event) -> None:
        """Until a bell rings, a send ends, or the first chat may be written to again."""
        pauses = [(moment - now).total_seconds() for moment in self._resting.values()]
        await self._app.bells.outbox.wait(max(0.01, min([IDLE_SECONDS, *pauses])), bell)

    async def _holds_lease(self) -> bool:
        asked = time.monotonic()
        if self._renewed is not None and asked - self._renewed < RENEW_SECONDS:
            return True
        async with self._app.db.write() as uow:
            held = await uow.leases.hold(self._lease, self._holder, LEASE)
            if held:
                orphans = await uow.outbox.orphaned(
                    self._channel.name, self._channel.account, list(self._rows.values()), "lost while it was being sent"
                )
                if orphans:
                    log.warning("courier.orphans", channel=self._channel.name, unknown=orphans)
            if held and self._renewed is None:
                account = await uow.outbox.account(self._channel.name, self._channel.account)
                self._paused_until = account.paused_until
            await uow.commit()
        self._renewed = asked if held else None
        return held

    def _may_claim(self, now: datetime) -> bool:
        return len(self._sending) < AT_ONCE and (self._paused_until is None or now >= self._paused_until)

    async def _claim(self, uow: UnitOfWork, now: datetime) -> list[Claimed]:
        self._resting = {chat: moment for chat, moment in self._resting.items() if moment > now}
        return await uow.outbox.claim(
            self._channel.name,
            self._channel.account,
            self._holder,
            now,
            AT_ONCE - len(self._sending),
            self._sending.keys() | self._resting.keys(),
        )

    async def _deliver(self, item: Claimed) -> None:
        """Send one message. What it came to waits for the next round; until then its chat counts as being sent to."""
        outcome = await self._send(item)
        self._resting[item.row.conversation_id] = self._app.clock() + self._interval
        self._finished.append((item, outcome))
        self._app.bells.outbox.ring()

    async def _send(self, item: Claimed) -> SendOutcome:
        message = item.message
        blob = None
        if message.blob_id:
            try:
                blob = await asyncio.to_thread(self._app.blobs.get, message.blob_id)
            except (OSError, ValueError):
                log.error("blob.missing", outbox=item.row.id)
        content = Content(
            message.text,
            tuple(Option(row[0], row[1]) for row in message.choices),
            message.blob_id if blob is not None else "",
            message.blob_kind if blob is not None else "",
            message.blob_name,
        )
        try:
            return await self._channel.send(item.chat, content, blob)
        except asyncio.CancelledError:
            return Unknown("stopped while it was being sent")
        except Exception as error:
            log.error("courier.broke", outbox=item.row.id, error=type(error).__name__, exc_info=error)
            return Unknown(type(error).__name__)

    async def _record(self, uow: UnitOfWork, now: datetime) -> list[Claimed]:
        """Write down what finished sends came to. One that cannot be written so is written as unknown."""
        recorded = []
        for item, outcome in self._finished:
            try:
                async with uow.attempt():
                    await self._write(item, outcome, uow, now)
            except Exception as error:
                if is_passing(error):
                    raise
                log.error("courier.unrecorded", outbox=item.row.id, error=type(error).__name__, exc_info=error)
                await self._write(item, Unknown("what it came to could not be recorded"), uow, now)
            recorded.append(item)
        return recorded

    def _forget(self, recorded: list[Claimed]) -> None:
        """Let go of sends that are written down."""
        del self._finished[: len(recorded)]
        for item in recorded:
            self._sending.pop(item.row.conversation_id, None)
            self._rows.pop(item.row.conversation_id, None)

    async def _write(self, item: Claimed, outcome: SendOutcome, uow: UnitOfWork, now: datetime) -> None:
        row = item.row
        values: dict[str, Any]
        match outcome:
            case Sent(remote_id):
                values = {"outcome": Delivery.SENT, "sent_at": now, "why": ""}
                await uow.outbox.remember_remote_id(row.message_id, remote_id)
            case NotSent(why, retry_after, whole_account):
                wait = retry_after or backoff(row.attempts)
                values = {"outcome": Delivery.WAITING, "not_before": now + wait, "why": why}
                if whole_account:
                    self._paused_until = now + wait
                    account = await uow.outbox.account(self._channel.name, self._channel.account)
                    account.paused_until = self._paused_until
            case Unknown(why):
                values = {
                    "outcome": Delivery.WAITING,
                    "not_before": now + backoff(row.attempts),
                    "unknown": True,
                    "why": why,
                }
            case Rejected(why):
                values = {"outcome": Delivery.REJECTED, "why": why}
            case ChatClosed(why):
                values = {"outcome": Delivery.PAUSED, "why": why}
        await uow.outbox.record(row.id, self._holder, **values)
        if isinstance(outcome, ChatClosed):
            conversation = await uow.people.conversation_by_id(row.conversation_id)
            said = await chat_closed(conversation, self._app.house, uow, now, key=f"outbox:{row.id}:{row.attempts}")
            await self._app.writer.write(said, uow, now)
        if not isinstance(outcome, Sent):
            log.warning("outbox.outcome", outbox=row.id, outcome=type(outcome).__name__, attempts=row.attempts)

    async def _finish(self) -> None:
        """Let sends under way end; what does not end in time is recorded as unknown. Then release the lease."""
        under_way = list(self._sending.values())
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=FINISH_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
        try:
            async with self._app.db.write() as uow:
                now = self._app.clock()
                await self._record(uow, now)
                if self._renewed is not None:
                    await uow.leases.release(self._lease, self._holder)
                await uow.commit()
        except Exception as error:
            # What is not written down says `sending`: the next courier marks it as unknown.
            log.warning("courier.unfinished", error=type(error).__name__)
