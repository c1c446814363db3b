"""The running product: the parts a role needs, started together and stopped together within 5 seconds."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Coroutine, Iterator
from enum import StrEnum
from typing import Any

import structlog
import uvicorn

from bot.app import App
from bot.courier import Courier
from bot.inbound import Inbound
from bot.librarian import Librarian
from bot.pump import Pump
from bot.ticker import Ticker
from bot.web import create_web

log = structlog.get_logger(__name__)

GRACE_SECONDS = 2


class RunRole(StrEnum):
    """What a process does: `inbound` hears, `worker` thinks and speaks, `web` serves pages; `all` everything."""

    ALL = "all"
    INBOUND = "inbound"
    WORKER = "worker"
    WEB = "web"


async def _bring_vectors(app: App) -> None:
    """Bring in the sentence vectors, in a thread; until they are there, and where they fail, answers do without."""

    def bring() -> None:
        try:
            app.house.matcher.bring_vectors()
        except Exception as error:
            log.error("vectors.failed", error=type(error).__name__, exc_info=error)

    # A thread of its own that a stop does not wait for: the first time it has work for minutes.
    threading.Thread(target=bring, name="vectors", daemon=True).start()
    await asyncio.Event().wait()


class _Server(uvicorn.Server):
    """A server that leaves signals to the service."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen_socket(host: str, port: int) -> socket.socket:
    """A bound socket for the web server. Raises OSError when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        # At once: the address is printed before the server is up, and whoever follows it waits instead of failing.
        sock.listen()
    except OSError:
        sock.close()
        raise
    return sock


class Service:
    """Runs the parts of one role until stopped. `sock` is where the web server listens, for roles that have one."""

    def __init__(self, app: App, role: RunRole, sock: socket.socket | None) -> None:
        self._app = app
        self._role = role
        self._sock = sock
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Ask everything to end."""
        self._stop.set()

    async def run(self) -> None:
        """Run until a signal or `stop()`. Raises what a part failed with."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self.stop)
        parts = [asyncio.create_task(part, name=name) for name, part in self._parts().items()]
        stopping = asyncio.create_task(self._stop.wait(), name="stop")
        done: set[asyncio.Task[Any]] = set()
        try:
            done, _ = await asyncio.wait([stopping, *parts], return_when=asyncio.FIRST_COMPLETED)
        finally:
            log.info("service.stops")
            for part in (stopping, *parts):
                part.cancel()
            await asyncio.gather(stopping, *parts, return_exceptions=True)
            await self._app.close()
        for task in done - {stopping}:
            task.result()

    def _parts(self) -> dict[str, Coroutine[Any, Any, None]]:
        """What this role runs, by name."""
        app, role = self._app, self._role
        outside = [channel for channel in app.channels.values() if not channel.capabilities.delivered_by_commit]
        parts: dict[str, Coroutine[Any, Any, None]] = {}
        if role in {RunRole.ALL, RunRole.INBOUND}:
            for channel in outside:
                parts[f"inbound:{channel.name}"] = Inbound(app, channel).run()
        if role in {RunRole.ALL, RunRole.WORKER}:
            parts["pump"] = Pump(app).run()
            parts["ticker"] = Ticker(app).run()
            parts["vectors"] = _bring_vectors(app)
            for channel in outside:
                parts[f"courier:{channel.name}"] = Courier(app, channel, app.config.telegram.chat_interval).run()
        if role is not RunRole.INBOUND:
            parts["librarian"] = Librarian(app).run()
        if self._sock is not None:
            pages = role in {RunRole.ALL, RunRole.WEB}
            parts["web"] = self._serve(create_web(app, chat=pages, desk=pages), self._sock)
        return parts

    async def _serve(self, web: Any, sock: socket.socket) -> None:
        """Serve pages until cancelled; requests under way get a moment to end."""
        config = uvicorn.Config(
            web, http="httptools", ws="none", lifespan="off", log_config=None, access_log=False,
            timeout_graceful_shutdown=GRACE_SECONDS, proxy_headers=self._app.config.web.trust_proxy,
        )  # fmt: skip
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        try:
            await asyncio.shield(serving)
        finally:
            web.state.stopping.set()
            server.should_exit = True
            await serving
