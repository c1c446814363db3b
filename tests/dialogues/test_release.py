"""A case claimed by mistake is put back: nobody is told, and whoever is on duty is paged again."""

from __future__ import annotations

from tests.dialogues.stage import Stage, choices_of
from tests.dialogues.test_adviser import opened_case


async def test_a_case_put_back_waits_for_somebody_else(stage: Stage) -> None:
    li, wang = await opened_case(stage)
    chen = await stage.adviser("陈静")
    await stage.tick()
    chen.hears("#1")
    await wang.presses("case:1:claim")
    wang.hears_all()
    li.hears("王海接了")
    await wang.presses("case:1:release")
    wang.hears("#1 放回了", "没有告诉村民", choices=["case:1:claim"])
    wang.hears_nothing()
    chen.hears("#1", "卫星轨道", choices=["case:1:claim"])
    li.hears_nothing()
    await stage.tick()
    chen.hears_nothing()
    await chen.presses("case:1:claim")
    chen.hears("归您办", "卫星轨道")
    li.hears("陈静接了")


async def test_whoever_put_it_back_may_claim_it_again(stage: Stage) -> None:
    li, wang = await opened_case(stage)
    for _ in range(2):
        await wang.presses("case:1:claim")
        wang.hears_all()
        li.hears("王海接了")
        await wang.presses("case:1:release")
        wang.hears("放回了")
    await stage.tick()
    wang.hears_nothing()
    li.hears_nothing()
    await li.says("/my")
    li.hears("#1", "等人接")


async def test_only_the_claimer_puts_it_back_and_only_once(stage: Stage) -> None:
    li, wang = await opened_case(stage)
    chen = await stage.adviser("陈静")
    await wang.presses("case:1:claim")
    li.hears_all()
    await chen.presses("case:1:release")
    chen.hears("王海", "在办")
    await li.presses("case:1:release")
    li.hears("用不了")
    wang.hears_all()
    await wang.presses("case:1:release")
    wang.hears("放回了")
    await wang.presses("case:1:release")
    wang.hears("本来就在等人接")
    await chen.presses("case:9:release")
    chen.hears_all()
    await wang.presses("case:1:claim")
    await wang.presses("case:1:close:withdrawn")
    wang.hears_all()
    await wang.presses("case:1:release")
    wang.hears("已经办结")


async def test_once_answered_it_stays_with_its_adviser(stage: Stage) -> None:
    li, wang = await opened_case(stage)
    wang.hears_all()
    await wang.presses("case:1:claim")
    shown = wang.hears("归您办", choices=["case:1:release"])
    await wang.says("归工信部批。", reply_to=shown)
    await wang.presses("case:1:release")
    wang.hears("已经答复过")
    await wang.presses("case:1:close:answered")
    li.hears_all()
    wang.hears_all()
    await stage.passes(stage.app.config.follow_up.after)
    await stage.passes(stage.app.config.follow_up.after)
    await li.presses("solved:no")
    assert "case:1:release" not in choices_of(wang.hears("重新打开"))


async def test_what_was_written_meanwhile_reaches_the_next(stage: Stage) -> None:
    li, wang = await opened_case(stage)
    chen = await stage.adviser("陈静")
    await wang.presses("case:1:claim")
    await li.says("人在外地")
    await wang.presses("case:1:release")
    li.hears_all()
    await li.says("下周回来")
    li.hears("加进案号 #1")
    chen.hears_all()
    await chen.presses("case:1:claim")
    chen.hears("人在外地", "下周回来")
