"""Follow-ups on the desk: the case page's list and forms, and the page of those to be called."""

from __future__ import annotations

from datetime import timedelta

import httpx

from bot.app import App
from storage.tables import Call
from tests.channels.test_desk import opens_case
from tests.channels.test_web import adviser, app, villager

__all__ = ["adviser", "app", "villager"]


async def claimed(app: App, adviser: httpx.AsyncClient) -> int:
    number = await opens_case(app, words="欠钱不还", ago=timedelta(0), due=timedelta(hours=1))
    await adviser.post(f"/desk/case/{number}/claim")
    return number


async def test_dates_and_words_are_planned_by_forms(app: App, adviser: httpx.AsyncClient) -> None:
    number = await claimed(app, adviser)
    page = (await adviser.get(f"/desk/case/{number}")).text
    assert "没有安排回访" in page
    assert f'action="/desk/case/{number}/perform"' in page
    day = (app.clock() + timedelta(days=20)).date()
    done = await adviser.post(f"/desk/case/{number}/perform", data={"text": f"{day} 付<b>第一笔</b>"})
    assert done.status_code == 200
    await adviser.post(f"/desk/case/{number}/remind", data={"text": "3d 带合同"})
    page = (await adviser.get(f"/desk/case/{number}")).text
    for words in ("问约定做到没有", "付&lt;b&gt;第一笔&lt;/b&gt;", "捎话", "带合同", "等着"):
        assert words in page


async def test_what_cannot_be_planned_is_said_and_kept(app: App, adviser: httpx.AsyncClient) -> None:
    number = await claimed(app, adviser)
    for what, text in (("perform", "明天付钱"), ("remind", "3d"), ("remind", "\x00"), ("remind", "3d " + "x" * 9000)):
        refused = await adviser.post(f"/desk/case/{number}/{what}", data={"text": text})
        assert refused.status_code == 409
    refused = await adviser.post(f"/desk/case/{number}/perform", data={"text": '明天"付钱'})
    assert "没看懂日期" in refused.text
    assert "明天&#34;付钱" in refused.text
    assert (await adviser.post("/desk/case/999/remind", data={"text": "3d 话"})).status_code == 409


async def test_the_call_list(app: App, adviser: httpx.AsyncClient) -> None:
    number = await claimed(app, adviser)
    async with app.db.write() as uow:
        case = await uow.cases.get(number)
        assert case is not None
        call = await uow.follow_ups.add_call(
            Call(person_id=case.person_id, case_id=number, reason="silent", since=app.clock())
        )
        await uow.commit()
    page = (await adviser.get("/desk/calls")).text
    for words in (f"#{number}", "两次没回", "没留电话", "欠钱不还", f'action="/desk/calls/{call.id}/done"'):
        assert words in page
    assert "没有要打的电话" in (await adviser.post(f"/desk/calls/{call.id}/done")).text
    assert "没有要打的电话" in (await adviser.post(f"/desk/calls/{call.id}/done")).text
    assert (await adviser.post("/desk/calls/999/done")).status_code == 409


async def test_nobody_from_outside(app: App, villager: httpx.AsyncClient) -> None:
    assert (await villager.get("/desk/calls")).status_code == 401
    assert (await villager.post("/desk/calls/1/done")).status_code == 401
    assert (await villager.post("/desk/case/1/remind", data={"text": "3d 话"})).status_code == 401
