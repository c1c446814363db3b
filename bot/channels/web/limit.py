"""How fast one visitor may post: so many a minute for a cookie, and as many for an address. Kept in memory only."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from fastapi import Request

MINUTE = timedelta(minutes=1)
KEPT = 20_000
"""The most visitors and addresses remembered; the one unheard of for longest is forgotten first."""


class Allowance:
    """Counts posts of the last minute by key. What was refused does not count: whoever waits a minute gets through."""

    def __init__(self, per_minute: int, clock: Callable[[], datetime], kept: int = KEPT) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._kept = kept
        self._posts: OrderedDict[str, deque[datetime]] = OrderedDict()

    def take(self, *keys: str, urgent: bool = False) -> bool:
        """Count a post for all these keys, unless one has used up its minute. An urgent one always goes through."""
        now = self._clock()
        if not urgent and any(len(self._recent(key, now)) >= self._per_minute for key in keys):
            return False
        for key in keys:
            posts = self._posts.setdefault(key, deque(maxlen=self._per_minute))
            posts.append(now)
            self._posts.move_to_end(key)
        while len(self._posts) > self._kept:
            self._posts.popitem(last=False)
        return True

    def _recent(self, key: str, now: datetime) -> deque[datetime]:
        posts = self._posts.get(key, deque())
        # A moment in the future: the machine's clock was set back, and the count is worth nothing.
        while posts and not timedelta(0) <= now - posts[0] < MINUTE:
            posts.popleft()
        return posts


def address_of(request: Request, *, trust_proxy: bool) -> str:
    """The address a request comes from. Behind a proxy that we trust it is the last in X-Forwarded-For: the one that
    the proxy itself saw and added; whatever stands before it, anybody can write.
    """
    peer = request.client.host if request.client else ""
    forwarded = request.headers.getlist("x-forwarded-for") if trust_proxy else []
    named = forwarded[-1].rpartition(",")[2].strip() if forwarded else peer
    return _whole(named) or _whole(peer) or peer


def _whole(address: str) -> str:
    """An address in one spelling; of IPv6 the /64, which one household has as a whole. '' for what is none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ip_network((int(parsed), 64), strict=False))
    return str(parsed)
