"""How fast one may post: a browser, an address, a forged header; and what is never held up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.app import App, build
from bot.channels.web.limit import Allowance
from bot.config import Config, WebConfig
from bot.demo import load_demo
from bot.pump import Pump
from bot.web import create_web
from storage import schema
from storage.database import Database
from tests.conftest import Clock

ASKS = {"text": "/numbers"}
Opened = Callable[[WebConfig], Awaitable[App]]


@pytest.fixture
async def opened(tmp_path: Path, clock: Clock) -> AsyncIterator[Opened]:
    """Opens the product with these web settings, three posts a minute; its clock stands still."""
    async with AsyncExitStack() as stack:

        async def open_(web: WebConfig) -> App:
            config = Config(data_dir=tmp_path, web=web.model_copy(update={"posts_per_minute": 3}))
            app = build(config, db=Database(config.database_url), clock=clock)
            await schema.upgrade(app.db)
            async with app.db.write() as uow:
                await load_demo(uow, app.clock())
                await uow.commit()
            pump = asyncio.create_task(Pump(app).run())
            stack.push_async_callback(closed, app, pump)
            return app

        yield open_


async def closed(app: App, pump: asyncio.Task[None]) -> None:
    pump.cancel()
    await asyncio.gather(pump, return_exceptions=True)
    await app.close()


def browser(web: object, address: str = "192.0.2.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(web, client=(address, 1234))  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://doorstep", follow_redirects=True)


async def test_a_browser_gets_a_plain_word_and_keeps_what_it_typed(opened: Opened, clock: Clock) -> None:
    web = create_web(await opened(WebConfig()), chat=True, desk=True)
    async with browser(web) as villager:
        await villager.get("/")
        answers = [await villager.post("/chat", data=ASKS) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        refused = await villager.post("/chat", data={"text": "老板<不给>工资"})
        assert refused.status_code == 429
        assert "发得太快" in refused.text
        assert "老板&lt;不给&gt;工资</textarea>" in refused.text
        live = await villager.post("/chat", data=ASKS, headers={"x-live": "1"})
        assert (live.status_code, "发得太快" in live.text, "<html" in live.text) == (429, True, False)
        clock.advance(timedelta(seconds=61))
        assert (await villager.post("/chat", data={"text": "老板不给工资"})).status_code == 200


async def test_an_emergency_is_never_held_up(opened: Opened) -> None:
    app = await opened(WebConfig())
    async with browser(create_web(app, chat=True, desk=True)) as villager:
        for _ in range(4):
            await villager.post("/chat", data=ASKS)
        for words in ("他在打我，救命", "/person 有人要跳楼"):
            answer = await villager.post("/chat", data={"text": words})
            assert answer.status_code == 200
            assert "马上打" in answer.text
        assert (await villager.post("/chat", data=ASKS)).status_code == 429


async def test_a_new_cookie_for_each_post_does_not_help(opened: Opened) -> None:
    app = await opened(WebConfig())
    web = create_web(app, chat=True, desk=True)
    statuses = []
    for number in range(6):
        async with browser(web) as stranger:
            stranger.cookies.set("doorstep_chat", f"a-secret-of-ones-own-{number}")
            forged = {"x-forwarded-for": f"198.51.100.{number}", "forwarded": f"for=198.51.100.{number}"}
            statuses.append((await stranger.post("/chat", data=ASKS, headers=forged)).status_code)
    assert statuses == [200, 200, 200, 429, 429, 429]
    async with browser(web, "192.0.2.77") as neighbour:
        assert (await neighbour.post("/chat", data=ASKS)).status_code == 200


async def test_posters_count_too(opened: Opened) -> None:
    app = await opened(WebConfig())
    web = create_web(app, chat=True, desk=True)
    statuses = []
    for number in range(5):
        async with browser(web) as stranger:
            statuses.append((await stranger.get(f"/v/guess{number}")).status_code)
    assert statuses == [200, 200, 200, 429, 429]
    async with app.db.read() as uow:
        assert len(await uow.inbox.listed()) == 3


async def test_behind_a_trusted_proxy_only_its_own_word_counts(opened: Opened) -> None:
    web = create_web(await opened(WebConfig(trust_proxy=True)), chat=True, desk=True)

    async def posts(forwarded: list[str]) -> int:
        async with browser(web) as client:
            headers = [("x-forwarded-for", line) for line in forwarded]
            return (await client.post("/chat", data=ASKS, headers=headers)).status_code

    # What a visitor writes into the header stands before what the proxy adds.
    assert [await posts([f"10.0.0.{n}, 203.0.113.9"]) for n in range(4)] == [200, 200, 200, 429]
    assert [await posts([f"10.0.0.{n}", "203.0.113.10"]) for n in range(4)] == [200, 200, 200, 429]
    # A household has a whole /64 of IPv6 addresses.
    assert [await posts([f"2001:db8::{n + 1:x}"]) for n in range(4)] == [200, 200, 200, 429]
    # Nonsense counts for the proxy itself.
    assert [await posts([word]) for word in ("unknown", "", "1.2.3.4:80", "' OR 1=1")] == [200, 200, 200, 429]
    assert await posts(["203.0.113.11"]) == 200


async def test_files_over_the_limit_are_not_kept(opened: Opened) -> None:
    app = await opened(WebConfig())
    async with browser(create_web(app, chat=True, desk=True)) as villager:
        for _ in range(3):
            await villager.post("/chat", data=ASKS)
        answer = await villager.post("/chat", data={"text": "照片"}, files={"file": ("a.png", b"\x89PNG\r\n\x1a\n")})
    assert answer.status_code == 429
    assert "照片</textarea>" in answer.text
    assert not [path for path in (app.config.data_dir / "blobs").rglob("*") if path.is_file()]


def test_few_visitors_are_remembered_and_a_clock_set_back_locks_nobody_out(clock: Clock) -> None:
    allowance = Allowance(1, clock, kept=2)
    assert [allowance.take(key) for key in ("a", "b", "c", "c")] == [True, True, True, False]
    assert allowance.take("a")
    clock.advance(timedelta(hours=-1))
    assert allowance.take("c")
