"""One listener an account: of several processes, the one that holds the lease brings updates into the inbox."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.channels.base import Channel
from storage.database import is_passing

if TYPE_CHECKING:
    from bot.app import App

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=6)
RENEW_SECONDS = 2.0


class Inbound:
    """Listens on one channel account while it holds the lease."""

    def __init__(self, app: App, channel: Channel) -> None:
        self._app = app
        self._channel = channel
        self._holder = uuid.uuid4().hex
        self._lease = f"inbound:{channel.name}:{channel.account}"

    async def run(self) -> None:
        """Listen until cancelled, whenever the lease is ours; then give it back."""
        listening: asyncio.Task[None] | None = None
        try:
            while True:
                held = await self._renew()
                if held and listening is None:
                    listening = asyncio.create_task(self._channel.listen(self._app.store))
                if not held and listening is not None:
                    await _end(listening)
                    listening = None
                if listening is not None and listening.done():
                    listening.result()
                    return
                await asyncio.sleep(RENEW_SECONDS if held else RENEW_SECONDS / 4)
        finally:
            if listening is not None:
                await _end(listening)
            await self._release()

    async def _renew(self) -> bool:
        try:
            async with self._app.db.write() as uow:
                held = await uow.leases.hold(self._lease, self._holder, LEASE)
                await uow.commit()
        except Exception as error:
            if not is_passing(error):
                raise
            log.warning("inbound.no_database", error=type(error).__name__)
            return False
        return held

    async def _release(self) -> None:
        try:
            async with self._app.db.write() as uow:
                await uow.leases.release(self._lease, self._holder)
                await uow.commit()
        except Exception as error:
            log.warning("inbound.lease_kept", error=type(error).__name__)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
