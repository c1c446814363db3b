"""The desk's lists and case page: ages, promises, filters, what became of each reply, and the way back."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from bot.app import App
from handlers import ties
from storage.tables import Case, Message
from tests.channels.test_web import adviser, app, browser, moves_in, villager

__all__ = ["adviser", "app", "villager"]


async def opens_case(app: App, *, words: str, ago: timedelta, due: timedelta, urgent: bool = False) -> int:
    """A case that somebody opened `ago`, whose answer was promised `due` from now (or before, when negative)."""
    now = app.clock()
    async with app.db.write() as uow:
        conversation = await uow.people.open_conversation("web", "", words, now)
        case = await uow.cases.open(
            Case(
                person_id=conversation.person_id,
                conversation_id=conversation.id,
                language="zh",
                reason="asked",
                urgent=urgent,
                opened_at=now - ago,
                answer_due=now + due,
            )
        )
        await uow.people.heard(
            Message(
                conversation_id=conversation.id,
                direction="in",
                author="villager",
                text=words,
                case_id=case.id,
                said_at=now - ago,
            )
        )
        await uow.commit()
    return case.id


async def test_urgent_ones_first_with_age_and_what_is_late(app: App, adviser: httpx.AsyncClient) -> None:
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    await opens_case(app, words="不急的", ago=10 * minute, due=hour)
    await opens_case(app, words="晚了的", ago=7 * hour, due=-2 * hour - minute)
    await opens_case(app, words="紧急的", ago=timedelta(0), due=hour, urgent=True)
    page = (await adviser.get("/desk")).text
    assert page.index("紧急的") < page.index("晚了的") < page.index("不急的")
    assert "超时 2 小时" in page
    assert page.count("超时") == 1
    for age in ("刚来的", "10 分钟前来的", "7 小时前来的"):
        assert age in page
    assert "(3)" in page


async def test_links_filter_the_lists(app: App, adviser: httpx.AsyncClient) -> None:
    empty = (await adviser.get("/desk")).text
    for words in ("没有人在等", "您手上没有案件", "还没有办结的"):
        assert words in empty
    for words in ("甲事", "乙事", "丙事"):
        await opens_case(app, words=words, ago=timedelta(0), due=timedelta(hours=1))
    await adviser.post("/desk/case/2/claim")
    await adviser.post("/desk/case/3/claim")
    await adviser.post("/desk/case/3/close", data={"choice": "case:3:close:referred"})
    shown = {}
    for name in ("waiting", "mine", "closed", "nonsense"):
        page = (await adviser.get(f"/desk?show={name}")).text
        shown[name] = [words for words in ("甲事", "乙事", "丙事") if words in page]
    assert shown == {"waiting": ["甲事"], "mine": ["乙事"], "closed": ["丙事"], "nonsense": ["甲事", "乙事", "丙事"]}
    assert "刚办结 · 转其他部门" in page
    links = re.findall(r'href="(/desk[^"/]*)"', page)
    assert {"/desk", "/desk?show=waiting", "/desk?show=mine", "/desk?show=closed"} <= set(links)


async def test_a_case_claimed_by_mistake_goes_back(
    app: App, villager: httpx.AsyncClient, adviser: httpx.AsyncClient
) -> None:
    await moves_in(villager)
    await villager.post("/chat", data={"text": "/person"})
    assert "放回" not in (await adviser.get("/desk/case/1")).text
    for _ in range(2):
        claimed = await adviser.post("/desk/case/1/claim")
        assert 'value="case:1:release"' in claimed.text
        back = await adviser.post("/desk/case/1/release")
        assert (back.status_code, "没有告诉村民" in back.text) == (200, True)
    page = (await villager.get("/")).text
    assert page.count("接了您的事") == 2
    assert "放回" not in page
    assert (await adviser.post("/desk/case/1/release")).status_code == 409
    await adviser.post("/desk/case/1/claim")
    await adviser.post("/desk/case/1/reply", data={"text": "带上工资条"})
    assert 'value="case:1:release"' not in (await adviser.get("/desk/case/1")).text
    assert (await adviser.post("/desk/case/1/release")).status_code == 409
    async with browser(app) as outsider:
        assert (await outsider.post("/desk/case/1/release")).status_code == 401


@pytest.mark.parametrize(
    ("outcome", "unknown", "words"),
    [
        ("sent", False, "已发出"),
        ("sent", True, "可能重复"),
        ("rejected", False, "发不出去"),
        ("paused", False, "先存着"),
    ],
)
async def test_each_reply_says_what_became_of_it(
    app: App, adviser: httpx.AsyncClient, outcome: str, unknown: bool, words: str
) -> None:
    number = await opens_case(app, words="一件事", ago=timedelta(0), due=timedelta(hours=1))
    await adviser.post(f"/desk/case/{number}/claim")
    await adviser.post(f"/desk/case/{number}/reply", data={"text": "带上工资条"})
    async with app.db.write() as uow:
        for delivery, message, _ in await uow.outbox.listed():
            if "带上工资条" in message.text:
                delivery.outcome, delivery.unknown = outcome, unknown
        await uow.commit()
    page = (await adviser.get(f"/desk/case/{number}")).text
    assert words in page[page.index("带上工资条") :]


async def test_words_typed_before_the_sign_in_ran_out_come_back(app: App, adviser: httpx.AsyncClient) -> None:
    number = await opens_case(app, words="一件事", ago=timedelta(0), due=timedelta(hours=1))
    await adviser.post(f"/desk/case/{number}/claim")
    await adviser.post("/desk/leave")
    lost = await adviser.post(f"/desk/case/{number}/reply", data={"text": "写了半天的<答复>"})
    assert lost.status_code == 401
    assert "写了半天的&lt;答复&gt;</textarea>" in lost.text


async def test_a_reply_with_an_old_key_loses_no_new_words(app: App, adviser: httpx.AsyncClient) -> None:
    number = await opens_case(app, words="一件事", ago=timedelta(0), due=timedelta(hours=1))
    await adviser.post(f"/desk/case/{number}/claim")
    for text in ("头一句", "第二句", "头一句"):
        await adviser.post(f"/desk/case/{number}/reply", data={"text": text, "nonce": "same-key-1"})
    page = (await adviser.get(f"/desk/case/{number}")).text
    assert (page.count("头一句"), page.count("第二句")) == (1, 1)


async def test_a_reply_that_is_too_long_comes_back_whole(app: App, adviser: httpx.AsyncClient) -> None:
    number = await opens_case(app, words="一件事", ago=timedelta(0), due=timedelta(hours=1))
    await adviser.post(f"/desk/case/{number}/claim")
    refused = await adviser.post(f"/desk/case/{number}/reply", data={"text": "长" * 10_500})
    assert refused.status_code == 409
    assert "长" * 10_500 in refused.text


async def test_clocks_stand_on_the_desk_and_what_is_late_has_its_list(
    app: App, adviser: httpx.AsyncClient, villager: httpx.AsyncClient
) -> None:
    await moves_in(villager)
    await villager.post("/chat", data={"text": "/person"})
    await adviser.post("/desk/case/1/claim")
    refused = await adviser.post("/desk/case/1/wait")
    assert (refused.status_code, "先问村民" in refused.text) == (409, True)
    await adviser.post("/desk/case/1/reply", data={"text": "请把材料发来"})
    page = (await adviser.get("/desk/case/1")).text
    assert "办结还剩" in page
    assert 'action="/desk/case/1/wait"' in page
    page = (await adviser.post("/desk/case/1/wait")).text
    assert "办结：等村民回话，时间停着" in page
    assert 'action="/desk/case/1/wait"' not in page
    assert "都按时了" in (await adviser.get("/desk?show=late")).text
    await villager.post("/chat", data={"text": "好的，照片在手机里"})
    assert (await adviser.post("/desk/case/1/extend", data={"reason": "  "})).status_code == 409
    assert (await adviser.post("/desk/case/1/decide", data={"choice": "extend:1:yes"})).status_code == 409
    async with app.db.write() as uow:
        for clock in await uow.clocks.running(1):
            clock.due = app.clock() - timedelta(hours=3)
        await uow.commit()
    page = (await adviser.get("/desk?show=late")).text
    assert "办结超时 3 小时" in page
    assert "/desk/case/1" in page
    assert 'doorstep_clocks{kind="result",state="late"} 1.0' in (await villager.get("/metrics")).text
    assert "村民回话，时间接着算" in (await adviser.get("/desk/case/1")).text


async def test_a_walled_adviser_loses_the_page_and_the_next_one_sees_why(app: App, adviser: httpx.AsyncClient) -> None:
    await opens_case(app, words="张三打我", ago=timedelta(0), due=timedelta(hours=1))
    await adviser.post("/desk/case/1/claim")
    await adviser.post("/desk/case/1/opponent", data={"side": "neighbour", "party": "", "opponent": "张三"})
    page = (await adviser.get("/desk/case/1")).text
    assert "张三" in page
    assert "为什么是他" in page
    assert "接案</p>" in page
    async with app.db.write() as uow:
        case = await uow.cases.get(1)
        assert case is not None
        assert case.adviser_id is not None
        _, outcome = await ties.declare(
            case.adviser_id, "relative", "张三", None, app.house, uow, app.clock(), key="tie"
        )
        await app.writer.write(outcome, uow, app.clock())
        await uow.commit()
    for path in ("/desk/case/1", "/desk/case/1/events"):
        gone = await adviser.get(path)
        assert gone.status_code == 404
        assert "张三" not in gone.text
    for what in ("claim", "reply", "close", "transfer", "refer", "wait"):
        answer = await adviser.post(f"/desk/case/1/{what}", data={"choice": "case:1:claim", "text": "我来"})
        assert "张三" not in answer.text
    for show in ("", "?show=waiting", "?show=mine", "?show=late", "?show=closed"):
        assert "张三" not in (await adviser.get(f"/desk{show}")).text
    async with app.db.read() as uow:
        case = await uow.cases.get(1)
    assert case is not None
    assert (case.adviser_id, case.answered_at) == (None, None)
