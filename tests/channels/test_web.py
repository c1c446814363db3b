"""The pages in-process: hostile posts, other people's things, trouble with the store. No browser needed."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.app import App, build
from bot.config import Config, TelegramConfig, UploadsConfig, WebConfig
from bot.demo import load_demo
from bot.desk.passes import sign_in_link
from bot.pump import Pump
from bot.web import create_web
from storage import schema
from storage.database import Database
from storage.tables import Staff

LIMIT = 64 * 1024
WEB = WebConfig(public_url="http://help.example.org")
HOOK = TelegramConfig.model_validate(
    {
        "token": "1:abc",
        "webhook_url": "https://x.org/hook",
        "webhook_secret": "s3cret",
        "api_base": "http://127.0.0.1:9",
    }
)


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    config = Config(data_dir=tmp_path, uploads=UploadsConfig(max_bytes=LIMIT), telegram=HOOK, web=WEB)
    app = build(config, db=Database(config.database_url))
    await schema.upgrade(app.db)
    async with app.db.write() as uow:
        await load_demo(uow, app.clock())
        await uow.commit()
    pump = asyncio.create_task(Pump(app).run())
    yield app
    pump.cancel()
    await asyncio.gather(pump, return_exceptions=True)
    await app.close()


def browser(app: App) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_web(app, chat=True, desk=True), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://doorstep", follow_redirects=True)


@pytest.fixture
async def villager(app: App) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        yield client


@pytest.fixture
async def adviser(app: App) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        await signs_in(client, app, 1)
        yield client


async def signs_in(client: httpx.AsyncClient, app: App, staff_id: int) -> str:
    async with app.db.write() as uow:
        link = await sign_in_link(uow, staff_id, "http://doorstep", app.clock() + timedelta(hours=1))
        await uow.commit()
    assert (await client.get(link)).status_code == 200
    return link


async def moves_in(client: httpx.AsyncClient) -> None:
    for choice in ("lang:zh", "consent:yes", "village:dongpo"):
        assert (await client.post("/chat", data={"choice": choice})).status_code == 200


async def test_the_page_offers_languages_and_keeps_its_secret(villager: httpx.AsyncClient) -> None:
    first = await villager.get("/")
    assert 'value="lang:zh"' in first.text
    assert "演示" in first.text
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    assert "set-cookie" not in (await villager.get("/")).headers
    assert "default-src 'none'" in first.headers["content-security-policy"]


async def test_a_poster_names_the_village(villager: httpx.AsyncClient, app: App) -> None:
    await villager.get("/v/dongpo")
    await villager.post("/chat", data={"choice": "lang:zh"})
    done = await villager.post("/chat", data={"choice": "consent:yes"})
    assert "请说您的事" in done.text
    assert "哪个村" not in done.text
    await villager.post("/chat", data={"text": "/person"})
    async with app.db.read() as uow:
        [case] = await uow.cases.listed()
        village = await uow.county.village(case.village_id)
    assert village is not None
    assert village.code == "dongpo"
    assert (await villager.get("/v/no%20such%20village")).status_code == 404


async def test_the_same_form_twice_counts_once(villager: httpx.AsyncClient) -> None:
    await moves_in(villager)
    for _ in range(2):
        page = await villager.post("/chat", data={"text": "我要找人，字号七七七", "nonce": "once-only-1"})
    assert page.text.count("字号七七七") == 1


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        ({"text": ""}, 400, "还没有写字"),
        ({"text": "  \n "}, 400, "还没有写字"),
        ({"text": "\x00"}, 400, "还没有写字"),
        ({}, 400, "还没有写字"),
        ({"text": "长" * 10_001}, 400, "太长了"),
        ({"choice": "x" * 65}, 400, "没有做成"),
        ({"text": "😀😀😀"}, 200, "😀😀😀"),
        ({"text": "\u202eدعم قانوني"}, 200, "قانوني"),
        ({"text": "a" * 4097}, 200, "案号 #1"),
        ({"text": "<script>alert(1)</script>"}, 200, "&lt;script&gt;"),
        ({"choice": "case:1:claim"}, 200, "用不了"),
        ({"choice": "entry:../../etc/passwd"}, 200, ""),
        ({"choice": "rate:9999999999999"}, 200, ""),
        ({"choice": "solved:maybe", "on": "9" * 500}, 200, ""),
        ({"text": "/my", "nonce": "'; DROP TABLE inbox; --"}, 200, "还没有案子"),
    ],
)
async def test_hostile_posts_get_a_clear_answer(
    villager: httpx.AsyncClient, app: App, data: dict[str, str], status: int, words: str
) -> None:
    await moves_in(villager)
    answer = await villager.post("/chat", data=data)
    assert answer.status_code == status
    assert words in answer.text
    assert "<script>alert" not in answer.text
    async with app.db.read() as uow:
        assert await uow.inbox.set_aside() == []


async def test_files(villager: httpx.AsyncClient, app: App) -> None:
    await moves_in(villager)
    large = await villager.post("/chat", files={"file": ("a.bin", b"x" * (LIMIT + 1))})
    assert (large.status_code, "文件太大" in large.text) == (400, True)
    huge = await villager.post("/chat", files={"file": ("a.bin", b"x" * 20_000_000)})
    assert (huge.status_code, "文件太大" in huge.text) == (413, True)
    page = await villager.post("/chat", files={"file": ("../../x.svg", b"<svg onload='alert(1)'/>")})
    found = re.search(r"/files/[0-9a-f]{64}", page.text)
    assert found
    mine = await villager.get(found[0])
    assert mine.headers["content-type"] == "application/octet-stream"
    assert mine.headers["content-disposition"].startswith("attachment")
    async with browser(app) as stranger:
        assert (await stranger.get(found[0])).status_code == 404
        assert (await stranger.get("/files/..%2f..%2fetc")).status_code == 404


async def test_posts_from_other_sites_are_refused(villager: httpx.AsyncClient, app: App) -> None:
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        assert (await villager.post("/chat", data={"text": "x"}, headers=headers)).status_code == 403
    async with app.db.read() as uow:
        assert await uow.inbox.listed() == []
    hidden = {"origin": "http://help.example.org", "host": "127.0.0.1:8080", "sec-fetch-site": "same-origin"}
    assert (await villager.post("/chat", data={"text": "x"}, headers=hidden)).status_code == 200


async def test_a_webhook_stores_or_refuses(villager: httpx.AsyncClient, app: App) -> None:
    secret = {"x-telegram-bot-api-secret-token": "s3cret"}
    assert (await villager.post("/hook", content=b'{"update_id": 1}')).status_code == 403
    assert (await villager.post("/hook", content=b"{", headers=secret)).status_code == 400
    for _ in range(5):
        assert (await villager.post("/hook", content=b'{"update_id": 1}', headers=secret)).status_code == 200
    async with app.db.read() as uow:
        assert [row.update_id for row in await uow.inbox.listed()] == ["1"]


async def test_a_full_disk_says_so_and_loses_nothing_typed(
    villager: httpx.AsyncClient, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    await moves_in(villager)
    path = app.db.sqlite_path
    assert path is not None
    async with app.db.engine.connect() as connection:
        # SQLite's own limit on the file gives the same error as a disk without room.
        await connection.exec_driver_sql("PRAGMA max_page_count=1")
    answer = await villager.post("/chat", data={"text": "满" * 9000})
    assert answer.status_code == 503
    assert "没有存上" in answer.text
    assert "满" * 9000 in answer.text
    async with app.db.engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert "还没有案子" in (await villager.post("/chat", data={"text": "/my"})).text


async def test_the_desk_is_closed_to_others(villager: httpx.AsyncClient, app: App) -> None:
    for path in ("/desk", "/desk/case/1"):
        assert (await villager.get(path)).status_code == 401
    for path in ("claim", "reply", "close"):
        assert (await villager.post(f"/desk/case/1/{path}", data={"text": "x"})).status_code == 401
    assert (await villager.get("/desk/enter?pass=guess")).status_code == 403


async def test_a_link_is_spent(app: App) -> None:
    async with browser(app) as first, browser(app) as second:
        link = await signs_in(first, app, 1)
        assert (await second.get(link)).status_code == 403
        assert (await first.get(link)).status_code == 200
        await first.post("/desk/leave")
        assert (await first.get("/desk")).status_code == 401
        assert (await second.get("/desk")).status_code == 401


async def test_only_the_claimer_answers(app: App, villager: httpx.AsyncClient, adviser: httpx.AsyncClient) -> None:
    await moves_in(villager)
    await villager.post("/chat", data={"text": "/person"})
    early = await adviser.post("/desk/case/1/reply", data={"text": "早了一步"})
    assert early.status_code == 409
    assert "先接案" in early.text
    async with app.db.write() as uow:
        other = await uow.county.add_staff(Staff(name="另一位", role="adviser", serves_all=True))
        outsider = await uow.county.add_staff(Staff(name="外村", role="adviser"))
        await uow.commit()
    async with browser(app) as second, browser(app) as third:
        await signs_in(second, app, other.id)
        await signs_in(third, app, outsider.id)
        answers = await asyncio.gather(*(client.post("/desk/case/1/claim") for client in (adviser, second)))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        winner, loser = (adviser, second) if answers[0].status_code == 200 else (second, adviser)
        refused = await loser.post("/desk/case/1/reply", data={"text": "抢答"})
        assert refused.status_code == 409
        assert "抢答" in refused.text
        for _ in range(2):
            await winner.post("/desk/case/1/reply", data={"text": "独一份", "nonce": "same-form-1"})
        assert (await third.get("/desk/case/1")).status_code == 404
        assert (await third.post("/desk/case/1/claim")).status_code == 404
        assert (await winner.post("/desk/case/1/close", data={"choice": "case:1:close:nonsense"})).status_code == 409
        assert (await winner.post("/desk/case/999999999999/claim")).status_code == 404
    page = (await villager.get("/")).text
    assert page.count("独一份") == 1
    assert "抢答" not in page


async def test_health_tells_of_a_lost_database(app: App, villager: httpx.AsyncClient) -> None:
    assert (await villager.get("/readyz")).status_code == 200
    assert 'doorstep_inbox_updates{state="waiting"}' in (await villager.get("/metrics")).text
    path = app.db.sqlite_path
    assert path is not None
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert (await villager.get("/readyz")).status_code == 503
    assert (await villager.get("/healthz")).status_code == 200
    assert (await villager.get("/nowhere")).status_code == 404


async def test_a_poster_is_said_once_and_can_be_changed(villager: httpx.AsyncClient) -> None:
    await villager.get("/?start=v_dongpo")
    await villager.post("/chat", data={"choice": "lang:zh"})
    done = await villager.post("/chat", data={"choice": "consent:yes"})
    assert done.text.count("记下了：东坡村") == 1
    assert 'value="village"' in done.text
    assert "哪个村" in (await villager.post("/chat", data={"choice": "village"})).text
    assert "柳湾村" in (await villager.post("/chat", data={"choice": "village:liuwan"})).text
    # The poster's address, kept as a bookmark, changes nothing any more.
    assert (await villager.get("/v/dongpo")).text.count("海报") == 1


async def test_an_unknown_poster_is_no_dead_end(villager: httpx.AsyncClient) -> None:
    await villager.get("/v/nowhere")
    await villager.post("/chat", data={"choice": "lang:zh"})
    done = await villager.post("/chat", data={"choice": "consent:yes"})
    assert "没查到" in done.text
    assert "哪个村" in done.text


async def test_a_restored_form_with_an_old_key_loses_no_new_words(villager: httpx.AsyncClient) -> None:
    await moves_in(villager)
    for text in ("字号七七七", "字号八八八", "字号七七七"):
        page = await villager.post("/chat", data={"text": text, "nonce": "same-key-1"})
    assert (page.text.count("字号七七七"), page.text.count("字号八八八")) == (1, 1)
