"""The knowledge pages in-process: an entry from the form to the answer, gaps, hostile input, who may do what."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.app import App, build
from bot.config import Config
from bot.desk.passes import sign_in_link
from bot.librarian import Librarian
from bot.web import create_web
from handlers.rules import entry_form
from storage import schema
from storage.database import Database
from storage.tables import Case, Message, Question, Role, Staff

HOME = "/desk/knowledge"
WAGES = f"{HOME}/entry/zh/unpaid-wages"


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    config = Config(data_dir=tmp_path)
    app = build(config, db=Database(config.database_url))
    await schema.upgrade(app.db)
    async with app.db.write() as uow:
        for name, role in (("王海", Role.ADVISER), ("陈静", Role.DIRECTOR), ("孙德福", Role.MEDIATOR)):
            await uow.county.add_staff(Staff(name=name, role=role, serves_all=True))
        await uow.commit()
    yield app
    await app.close()


@asynccontextmanager
async def signed_in(app: App, staff_id: int) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_web(app, chat=True, desk=True), raise_app_exceptions=False)
    async with app.db.write() as uow:
        link = await sign_in_link(uow, staff_id, "http://doorstep", app.clock() + timedelta(hours=1))
        await uow.commit()
    async with httpx.AsyncClient(transport=transport, base_url="http://doorstep", follow_redirects=True) as client:
        assert (await client.get(link)).status_code == 200
        yield client


@pytest.fixture
async def wang(app: App) -> AsyncIterator[httpx.AsyncClient]:
    async with signed_in(app, 1) as client:
        yield client


@pytest.fixture
async def chen(app: App) -> AsyncIterator[httpx.AsyncClient]:
    async with signed_in(app, 2) as client:
        yield client


def fields(app: App, entry_id: str = "unpaid-wages", **changed: str) -> dict[str, str]:
    entry = app.house.matcher.entry(entry_id, "zh")
    assert entry is not None
    return {**entry_form.typed(entry), **changed}


def number_of(page: httpx.Response) -> int:
    found = re.search(r"/desk/knowledge/version/(\d+)", str(page.url) + page.text)
    assert found
    return int(found[1])


async def test_from_the_form_to_the_answer(app: App, wang: httpx.AsyncClient, chen: httpx.AsyncClient) -> None:
    begun = await wang.get(f"{HOME}/new", params={"of": "unpaid-wages", "language": "zh"})
    assert "保障农民工工资支付条例 | 10 | 2019-12-30" in begun.text
    kept = await wang.post(f"{HOME}/new", data={**fields(app, answer="县里的答案。"), "fresh": "0"})
    assert "草稿存好了" in kept.text
    number = number_of(kept)
    assert "县里的答案。" in (await wang.get(f"{HOME}/version/{number}?edit=1")).text
    saved = await wang.post(f"{HOME}/version/{number}", data={**fields(app, answer="县里的新答案。"), "edits": "0"})
    assert "县里的新答案。" in saved.text
    assert "已送审" in (await wang.post(f"{HOME}/version/{number}/send")).text
    assert "批准并发布" not in (await wang.get(f"{HOME}/version/{number}")).text
    assert (await wang.post(f"{HOME}/version/{number}/approve")).status_code == 409
    assert "老板拖欠工资" in (await chen.get(f"{HOME}/queue")).text
    done = await chen.post(f"{HOME}/version/{number}/approve")
    assert "已发布" in done.text
    assert "县里的新答案。" in done.text
    await Librarian(app).look()
    entry = app.house.matcher.entry("unpaid-wages", "zh")
    assert entry is not None
    assert (entry.answer, entry.reviewed_by) == ("县里的新答案。", "director")
    listed = (await chen.get(HOME, params={"status": "published"})).text
    assert "老板拖欠工资" in listed
    assert "1 条" in listed


async def test_errors_stand_beside_the_field_and_nothing_typed_is_lost(app: App, wang: httpx.AsyncClient) -> None:
    typed = fields(app, id="Wrong Id", sources="劳动法 第五十条", question="", explanation="<b>写了很多</b>\n第二行")
    page = await wang.post(f"{HOME}/new", data={**typed, "fresh": "1"})
    assert page.status_code == 422
    for words in ("编号只用小写字母", "这样写：劳动法 | 50", "这一栏要填", "&lt;b&gt;写了很多&lt;/b&gt;\n第二行",
                  'value="Wrong Id"', 'id="sources-fault"', 'aria-describedby="question-fault"'):  # fmt: skip
        assert words in page.text
    assert "<b>写了很多" not in page.text
    page = await wang.post(f"{HOME}/new", data={**fields(app), "fresh": "1"})
    assert "已经有了" in page.text


async def test_a_save_from_an_old_window_keeps_the_words_on_the_page(app: App, wang: httpx.AsyncClient) -> None:
    number = number_of(await wang.post(f"{HOME}/new", data={**fields(app, answer="一。"), "fresh": "0"}))
    await wang.post(f"{HOME}/version/{number}", data={**fields(app, answer="二。"), "edits": "0"})
    late = await wang.post(f"{HOME}/version/{number}", data={**fields(app, answer="三，迟了。"), "edits": "0"})
    assert late.status_code == 409
    assert "没有覆盖" in late.text
    assert "三，迟了。" in late.text


async def test_withdrawn_counted_and_recalled(app: App, wang: httpx.AsyncClient) -> None:
    async with app.db.write() as uow:
        conversation = await uow.people.open_conversation("web", "web", "x" * 64, app.clock())
        (await uow.people.person(conversation.person_id)).consent_at = app.clock()
        await uow.people.add_question(
            Question(
                person_id=conversation.person_id, conversation_id=conversation.id, text="工资", language="zh",
                asked_at=app.clock(), outcome="answer", entry_id="unpaid-wages", entry_version="older",
                entry_language="zh", solved=False,
            )
        )  # fmt: skip
        await uow.commit()
    page = await wang.get(WAGES)
    assert "有 1 个人拿到的是旧答案" in page.text
    assert "问 1 次，解决 0，没解决 1" in page.text
    assert (await wang.post(f"{WAGES}/withdraw", data={"note": " "})).status_code == 409
    gone = await wang.post(f"{WAGES}/withdraw", data={"note": "法改了"})
    assert "已停用" in gone.text
    told = await wang.post(f"{WAGES}/recall")
    assert "会告诉 1 个人" in told.text
    assert (await wang.post(f"{WAGES}/recall")).status_code == 409
    async with app.db.read() as uow:
        [task] = await uow.tasks.listed()
    assert task.kind == "recall"


async def test_a_gap_becomes_a_draft_without_personal_details(app: App, wang: httpx.AsyncClient) -> None:
    async with app.db.write() as uow:
        conversation = await uow.people.open_conversation("web", "web", "y" * 64, app.clock())
        case = await uow.cases.open(
            Case(person_id=conversation.person_id, conversation_id=conversation.id, language="zh", reason="not_found",
                 opened_at=app.clock(), answer_due=app.clock())
        )  # fmt: skip
        for text in ("我叫李小红，光伏板租金村里不给，13800138000", "村里光伏板租金不给"):
            await uow.people.add_question(
                Question(person_id=conversation.person_id, conversation_id=conversation.id, text=text, language="zh",
                         asked_at=app.clock(), outcome="escalate", case_id=case.id)
            )  # fmt: skip
        await uow.people.heard(
            Message(conversation_id=conversation.id, direction="in", author="staff", case_id=case.id,
                    text="找村委会要合同，打13900139000。", said_at=app.clock())
        )  # fmt: skip
        await uow.commit()
    page = await wang.get(f"{HOME}/gaps")
    assert "问过 2 次" in page.text
    for private in ("李小红", "13800138000"):
        assert private not in page.text
    link = re.search(r'href="(/desk/knowledge/new\?question=\d+&amp;case=1)"', page.text)
    assert link
    form = await wang.get(link[1].replace("&amp;", "&"))
    assert "找村委会要合同" in form.text
    assert "13900139000" not in form.text
    assert "请再看一遍" in form.text


async def test_search_filters_and_pages(app: App, wang: httpx.AsyncClient) -> None:
    everything = (await wang.get(HOME)).text
    assert f"{len(app.house.matcher.entries)} 条" in everything
    assert "2 ›" in everything
    assert "拖欠工资" in (await wang.get(HOME, params={"words": "拖欠 工资", "topic": "labour"})).text
    assert "没有" in (await wang.get(HOME, params={"words": "zzzz不存在"})).text
    assert "0 条" in (await wang.get(HOME, params={"due": "1"})).text
    for strange in ("-1", "99999999999", "x", "0"):
        assert (await wang.get(HOME, params={"page": strange})).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/version/999999999999", 404), ("/version/abc", 422), ("/version/0", 404), ("/entry/zh/nobody", 404),
        ("/entry/xx/unpaid-wages", 404), ("/new?question=99999999999999", 404), ("/new?of=nobody&language=zh", 404),
        ("/new?question=1&case=99999999999", 404), ("/entry/zh/%00", 404),
    ],
)  # fmt: skip
async def test_what_is_not_there(wang: httpx.AsyncClient, path: str, status: int) -> None:
    page = await wang.get(HOME + path)
    assert page.status_code == status
    assert "Traceback" not in page.text


async def test_strangers_and_mediators(app: App) -> None:
    transport = httpx.ASGITransport(create_web(app, chat=True, desk=True), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://doorstep") as stranger:
        for path in ("", "/new", "/queue", "/gaps", "/version/1", "/entry/zh/unpaid-wages"):
            assert (await stranger.get(HOME + path)).status_code == 401
        for path in ("/new", "/version/1", "/version/1/approve"):
            assert (await stranger.post(HOME + path)).status_code == 401
        assert (await stranger.post(f"{WAGES}/withdraw", data={"note": "x"})).status_code == 401
        assert (await stranger.post(f"{WAGES}/recall")).status_code == 401
    async with signed_in(app, 3) as sun:
        assert "停用" not in (await sun.get(WAGES)).text
        assert (await sun.post(f"{WAGES}/withdraw", data={"note": "x"})).status_code == 409
        assert (await sun.post(f"{HOME}/version/1/nonsense")).status_code in {404, 409}


async def test_a_broken_knowledge_base_is_shown_on_the_desk(app: App, wang: httpx.AsyncClient) -> None:
    app.shelf.file_problems = ("labour.yaml:3: unpaid-wages: anser: did you mean 'answer'?",)
    assert "labour.yaml:3" in (await wang.get("/desk")).text
    assert "labour.yaml:3" in (await wang.get(HOME)).text
