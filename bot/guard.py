"""What every request passes first: a limit on bodies, no posts from other sites, and headers that keep pages ours."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
}
ROOM_FOR_FORM = 256 * 1024
"""Bytes a form may need beside the file in it."""


Refuse = Callable[[Request, int, str], Response]


class TooLarge(Exception):
    """A body is larger than any we accept."""


class Guard:
    """ASGI middleware. `limit` is the largest file accepted, in bytes; `host` the public one, which a proxy may hide;
    `refuse` makes the page for a status and the key of its text.
    """

    def __init__(self, app: ASGIApp, limit: int, host: str, refuse: Refuse) -> None:
        self._app = app
        self._host = host
        self._refuse = refuse
        self._limit = limit + ROOM_FOR_FORM

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    answer.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    answer.setdefault("cache-control", "no-store")
            await send(message)

        if scope["method"] == "POST" and _from_elsewhere(headers, self._host):
            await self._refuse(Request(scope), 403, "web.not_allowed")(scope, receive, dressed)
            return
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._limit:
            await self._refuse(Request(scope), 413, "web.too_large")(scope, receive, dressed)
            return
        await self._app(scope, self._counted(receive), dressed)

    def _counted(self, receive: Receive) -> Receive:
        """Bodies that announce no length, or a wrong one, end where the limit is."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._limit:
                raise TooLarge
            return message

        return counted


def _from_elsewhere(headers: Headers, host: str) -> bool:
    """Whether a browser says that the request was made by another site's page."""
    if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        return True
    origin = headers.get("origin")
    return bool(origin) and urlsplit(origin).netloc not in {headers.get("host", ""), host or None}
