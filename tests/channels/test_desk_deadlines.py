"""Time limits on the desk: kept, restarted and ended by a form; refused with the reason; nobody else's."""

from __future__ import annotations

import httpx

from bot.app import App
from tests.channels.test_web import adviser, app, browser, moves_in, villager

__all__ = ["adviser", "app", "villager"]


async def claimed(villager: httpx.AsyncClient, adviser: httpx.AsyncClient) -> None:
    await moves_in(villager)
    await villager.post("/chat", data={"text": "/person"})
    await adviser.post("/desk/case/1/claim")


async def test_kept_restarted_and_done(app: App, villager: httpx.AsyncClient, adviser: httpx.AsyncClient) -> None:
    await claimed(villager, adviser)
    assert "没有。" in (await adviser.get("/desk/case/1")).text
    wages = {"matter": "labour-arbitration", "day": "2026-01-15"}
    page = (await adviser.post("/desk/case/1/deadline", data=wages)).text
    assert "2027年1月15日" in page
    assert "2027年1月15日" in (await villager.get("/")).text
    page = (await adviser.post("/desk/case/1/deadline/1/demand", data={"day": "2026-03-01"})).text
    assert "2027年3月1日" in page
    soon = (await adviser.get("/desk/deadlines")).text
    assert "没有。" in soon
    await adviser.post("/desk/case/1/deadline", data={"matter": "appeal-judgment", "day": "2026-11-20"})
    soon = (await adviser.get("/desk/deadlines")).text
    assert "2026年12月" in soon
    assert "#1" in soon
    await adviser.post("/desk/case/1/deadline/1/done")
    await adviser.post("/desk/case/1/deadline/2/done")
    assert "没有。" in (await adviser.get("/desk/deadlines")).text
    async with app.db.read() as uow:
        assert await uow.deadlines.running() == []


async def test_what_changes_the_day(app: App, villager: httpx.AsyncClient, adviser: httpx.AsyncClient) -> None:
    await claimed(villager, adviser)
    page = (await adviser.post("/desk/case/1/deadline", data={"matter": "reconsideration", "day": "2026-05-06"})).text
    assert "可能已经晚了" in page
    for about in ("obstacle", "longest", "right"):
        assert f'action="/desk/case/1/deadline/1/{about}"' in page
    assert "/deadline/1/demand" not in page
    page = (await adviser.post("/desk/case/1/deadline/1/right", data={"day": "2026-11-20"})).text
    assert "2027年1月19日" in page
    page = (await adviser.post("/desk/case/1/deadline/1/obstacle", data={"day": "2026-11-21", "over": ""})).text
    assert "2027年1月19日" in page  # it goes on: nothing moves yet
    page = (
        await adviser.post("/desk/case/1/deadline/1/obstacle", data={"day": "2026-11-21", "over": "2026-11-23"})
    ).text
    assert "2027年1月21日" in page
    page = (await adviser.post("/desk/case/1/deadline/1/longest", data={"day": "2021-12-09"})).text
    assert "2026年12月9日" in page
    for about, data in (
        ("right", {"day": "2026-05-01"}), ("right", {"day": "x"}), ("longest", {"day": "2026-05-07"}),
        ("obstacle", {"day": "2026-11-21", "over": "2026-11-20"}), ("obstacle", {"day": "2026-11-21", "over": "x"}),
        ("obstacle", {}), ("demand", {"day": "2026-11-20"}),
    ):  # fmt: skip
        assert (await adviser.post(f"/desk/case/1/deadline/1/{about}", data=data)).status_code == 409, (about, data)
    async with app.db.read() as uow:
        [limit] = await uow.deadlines.running()
    assert limit.obstacles == [["2026-11-21", "2026-11-23"]]
    assert "2026年12月9日" in (await villager.get("/")).text


async def test_what_cannot_be_is_refused_with_the_reason(
    app: App, villager: httpx.AsyncClient, adviser: httpx.AsyncClient
) -> None:
    await claimed(villager, adviser)
    for path, data in (
        ("/desk/case/1/deadline", {"matter": "<script>", "day": "2026-01-15"}),
        ("/desk/case/1/deadline", {"matter": "labour-arbitration", "day": "2099-01-15"}),
        ("/desk/case/1/deadline", {}),
        ("/desk/case/99/deadline", {"matter": "labour-arbitration", "day": "2026-01-15"}),
        ("/desk/case/1/deadline/7/done", {}),
        ("/desk/case/1/deadline/99999999999999/done", {}),
        ("/desk/case/1/deadline/7/demand", {"day": "x"}),
    ):
        answer = await adviser.post(path, data=data)
        assert answer.status_code == 409, path
        assert "<script>" not in answer.text.split("<main", 1)[1]
    async with browser(app) as stranger:
        assert (await stranger.get("/desk/deadlines")).status_code == 401
        assert (await stranger.post("/desk/case/1/deadline", data={})).status_code == 401
    async with app.db.read() as uow:
        assert await uow.deadlines.running() == []


async def test_the_calendar_file_is_the_villager_s_alone(
    app: App, villager: httpx.AsyncClient, adviser: httpx.AsyncClient
) -> None:
    await claimed(villager, adviser)
    await adviser.post("/desk/case/1/deadline", data={"matter": "labour-arbitration", "day": "2026-01-15"})
    await villager.post("/chat", data={"choice": "limit:1:calendar"})
    page = (await villager.get("/")).text
    link = page.split('href="/files/')[1].split('"')[0]
    file = await villager.get(f"/files/{link}")
    assert file.headers["content-type"].startswith("text/calendar")
    assert '.ics"' in file.headers["content-disposition"]
    assert file.text.startswith("BEGIN:VCALENDAR")
    async with browser(app) as stranger:
        assert (await stranger.get(f"/files/{link}")).status_code == 404
