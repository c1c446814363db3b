"""The adviser's side: claim, answer, close; and what must not happen."""

from __future__ import annotations

from handlers.messages import Edited
from tests.dialogues.stage import Actor, Stage


async def opened_case(stage: Stage) -> tuple[Actor, Actor]:
    li, wang = stage.person("li"), await stage.adviser("王海")
    await li.moves_in()
    await li.says("请问卫星轨道的频率许可归哪里批")
    li.hears("案号 #1")
    return li, wang


async def test_claim_reply_close(stage: Stage) -> None:
    await stage.village("shizhuang", "石庄村")
    li, wang = stage.person("li"), await stage.adviser("王海")
    await li.moves_in(village="shizhuang")
    await li.says("请问卫星轨道的频率许可归哪里批")
    await li.says("急用")
    wang.hears("石庄村", "卫星轨道", choices=["case:1:claim"])
    await wang.presses("case:1:claim")
    shown = wang.hears("归您办", "卫星轨道", "急用", choices=["case:1:close:answered"])
    li.hears_all()
    await wang.says("归工信部批。", reply_to=shown)
    li.hears("王海", "归工信部批。")
    await li.says("好的，知道了")
    relayed = wang.hears("好的，知道了")
    li.hears_nothing()
    await wang.says("不客气", reply_to=relayed)
    li.hears("不客气")
    await wang.presses("case:1:close:answered")
    wang.hears("已办结")
    li.hears("#1", "办结", "已经答复")


async def test_of_two_claims_one_wins_and_the_other_is_told_who(stage: Stage) -> None:
    li, wang = await opened_case(stage)
    chen = await stage.adviser("陈静")
    await stage.tick()
    await wang.presses("case:1:claim")
    chen.hears("#1")
    await chen.presses("case:1:claim")
    chen.hears("王海", "在办")
    li.hears("王海接了")
    li.hears_nothing()


async def test_only_the_claimer_writes_to_the_villager(stage: Stage) -> None:
    li, wang = await opened_case(stage)
    chen = await stage.adviser("陈静")
    await stage.tick()
    paged = chen.hears("#1")
    await wang.presses("case:1:claim")
    li.hears_all()
    await chen.says("我来答", reply_to=paged)
    chen.hears("王海", "没有发出")
    li.hears_nothing()


async def test_words_that_name_no_case_are_asked_about_and_never_sent(stage: Stage) -> None:
    li, wang = await opened_case(stage)
    await wang.presses("case:1:claim")
    wang.hears_all()
    li.hears_all()
    await wang.says("明天来我办公室")
    wang.hears("哪个案件", "没有发出", choices=["case:1:send", "case:1:discard"])
    li.hears_nothing()
    await wang.presses("case:1:send")
    li.hears("明天来我办公室")
    wang.hears("已答复")
    await wang.presses("case:1:send")
    wang.hears("没有等着发的话")
    li.hears_nothing()


async def test_discarded_words_go_to_nobody(stage: Stage) -> None:
    li, wang = await opened_case(stage)
    await wang.presses("case:1:claim")
    li.hears_all()
    await wang.says("写错了")
    await wang.presses("case:1:discard")
    await wang.presses("case:1:send")
    li.hears_nothing()


async def test_a_reply_before_the_claim_waits_for_it(stage: Stage) -> None:
    li, wang = await opened_case(stage)
    paged = wang.hears("#1")
    await wang.says("归工信部批。", reply_to=paged)
    wang.hears("先接案", choices=["case:1:claim"])
    await wang.presses("case:1:claim")
    wang.hears("归您办")
    wang.hears("接案前写的话", choices=["case:1:send"])
    li.hears("王海接了")
    await wang.presses("case:1:send")
    li.hears("归工信部批。")


async def test_a_reply_to_a_message_whose_id_was_never_learnt_goes_by_the_number_in_it(stage: Stage) -> None:
    li, wang = await opened_case(stage)
    await wang.presses("case:1:claim")
    shown = wang.hears_all()[-1]
    li.hears_all()
    shown.remote_id = "never-recorded"
    await wang.says("归工信部批。", reply_to=shown)
    li.hears("归工信部批。")


async def test_a_changed_reply_goes_out_as_a_correction(stage: Stage) -> None:
    li, wang = await opened_case(stage)
    await wang.presses("case:1:claim")
    shown = wang.hears_all()[-1]
    sent = await wang.says("十天内", reply_to=shown)
    li.hears_all()
    await wang.sends(Edited(of=sent, text="十五天内"))
    li.hears("更正", "十五天内")


async def test_commands_reply_close_and_list(stage: Stage) -> None:
    li, wang = await opened_case(stage)
    await wang.says("/cases")
    wang.hears_all()
    await wang.presses("case:1:claim")
    wang.hears_all()
    li.hears_all()
    await wang.says("/reply 1 归工信部批。")
    li.hears("归工信部批。")
    await wang.says("/close 1")
    wang.hears("已答复")
    wang.hears("怎么办结", choices=["case:1:close:referred"])
    await wang.presses("case:1:close:referred")
    li.hears("转给了别的部门")
    await wang.says("/reply 1 再补一句")
    wang.hears("已办结")
    wang.hears("已经办结")
    li.hears_nothing()


async def test_a_village_that_is_not_theirs_stays_closed(stage: Stage) -> None:
    await stage.village("a", "甲村")
    await stage.village("b", "乙村")
    li = stage.person("li")
    await stage.adviser("王海", villages=("a",))
    zhao = await stage.adviser("赵敏", villages=("b",))
    await li.moves_in(village="a")
    await li.says("/person")
    zhao.hears_nothing()
    await zhao.presses("case:1:claim")
    zhao.hears("不归您的村")


async def test_villagers_cannot_use_staff_commands(stage: Stage) -> None:
    li, _ = await opened_case(stage)
    for command in ("/cases", "/reply 1 x", "/close 1"):
        await li.says(command)
        li.hears("工作人员")


async def test_whoami_tells_the_id(stage: Stage) -> None:
    li, wang = await opened_case(stage)
    await li.says("/whoami")
    li.hears("li")
    wang.hears_all()
    await wang.says("/whoami")
    wang.hears("您是王海")
