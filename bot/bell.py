"""A bell: whoever waits wakes when something has been committed in this process, or after a while anyway.

Other processes' commits ring no bell here; the wait's limit is how soon they are noticed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


class Bell:
    """Rung after a commit; wakes everybody who waits."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    def mark(self) -> asyncio.Event:
        """Where we are now: `wait` with it, and a ring while the waiter was still busy is not missed."""
        return self._event

    async def wait(self, seconds: float, since: asyncio.Event | None = None) -> None:
        """Return when rung (since the mark, where one is given), or after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await (since or self._event).wait()
        except TimeoutError:
            return


@dataclass(frozen=True, slots=True)
class Bells:
    """`inbox`: updates were stored; `outbox`: messages wait to be sent; `messages`: somebody said something;
    `knowledge`: an entry was published or withdrawn."""

    inbox: Bell = field(default_factory=Bell)
    outbox: Bell = field(default_factory=Bell)
    messages: Bell = field(default_factory=Bell)
    knowledge: Bell = field(default_factory=Bell)
