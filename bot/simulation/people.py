"""What villagers and staff of a simulation have in common: they act later, some time after they heard something."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from handlers.messages import Event


class Deeds(Protocol):
    """What people do to the world: at a moment, a chat sends an event."""

    def later(self, at: datetime, chat: str, event: Event) -> None: ...


def after(chance: Random, minutes: float, spread: float = 1.0) -> timedelta:
    """A delay around a median, with the long tail that people's delays have; at least 5 seconds."""
    return timedelta(seconds=max(5.0, 60 * minutes * math.exp(chance.gauss(0, spread))))


def starting(choices: list[str], *prefixes: str) -> list[str]:
    """The buttons whose id begins with one of these."""
    return [choice for choice in choices if choice.startswith(prefixes)]


def ending(choices: list[str], *suffixes: str) -> list[str]:
    """The buttons whose id ends with one of these."""
    return [choice for choice in choices if choice.endswith(suffixes)]
