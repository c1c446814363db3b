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

    async def wait(self, seconds: float) -> None:
        """Return when rung, or after `seconds`."""
        event = self._event
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return


@dataclass(frozen=True, slots=True)
class Bells:
    """`inbox`: updates were stored; `outbox`: messages wait to be sent; `messages`: somebody said something."""

    inbox: Bell = field(default_factory=Bell)
    outbox: Bell = field(default_factory=Bell)
    messages: Bell = field(default_factory=Bell)
