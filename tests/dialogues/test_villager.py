"""The villager's side of the story, as transcripts."""

from __future__ import annotations

from datetime import timedelta

from handlers.messages import Attachment, Blocked, Contact, Edited, Joined, Location, Photo, Unsupported, Voice
from tests.dialogues.stage import Stage, choices_of


async def test_start_language_consent_village_then_a_question(stage: Stage) -> None:
    await stage.village("shizhuang", "石庄村")
    li = stage.person("li")
    await li.says("/start")
    li.hears("您好", "Hello", choices=["lang:zh", "lang:en"])
    await li.presses("lang:zh")
    li.hears("法律", "看得到", choices=["consent:yes", "consent:no"])
    await li.presses("consent:yes")
    li.hears("哪个村", choices=["village:skip"])
    await li.says("石庄")
    li.hears("石庄村")
    li.hears("请说您的事")
    await li.says("老板拖欠工资不给怎么办")
    li.hears("依据", "《", "条", "还没有本地律师确认", choices=["solved:yes", "solved:no", "person"])


async def test_a_question_before_the_start_is_answered_after_it(stage: Stage) -> None:
    li = stage.person("li")
    await li.says("老板拖欠工资不给怎么办")
    li.hears("您好", choices=["lang:zh"])
    await li.presses("lang:zh")
    await li.presses("consent:yes")
    li.hears_all()
    await li.presses("village:skip")
    li.hears("依据")


async def test_no_consent_still_gets_the_numbers_and_a_way_back(stage: Stage) -> None:
    li = stage.person("li")
    await li.says("/start")
    await li.presses("lang:zh")
    li.hears_all()
    await li.presses("consent:no")
    li.hears("12348", "110", choices=["consent:yes"])
    await li.presses("consent:yes")
    li.hears("哪个村")


async def test_a_poster_names_the_village(stage: Stage) -> None:
    await stage.village("shizhuang", "石庄村")
    li = stage.person("li")
    await li.says("/start v_shizhuang")
    await li.presses("lang:zh")
    li.hears_all()
    await li.presses("consent:yes")
    li.hears("请说您的事")


async def test_two_villages_of_one_name_are_asked_about(stage: Stage) -> None:
    await stage.village("wang1", "王庄村", "东镇")
    await stage.village("wang2", "王庄村", "西镇")
    li = stage.person("li")
    await li.says("/start")
    await li.presses("lang:zh")
    await li.presses("consent:yes")
    li.hears_all()
    await li.says("王庄")
    li.hears("哪个村", choices=["village:wang1", "village:wang2", "village:skip"])
    await li.presses("village:wang2")
    li.hears("王庄村")


async def test_unsure_offers_choices_and_none_of_these_opens_a_case(stage: Stage) -> None:
    li = stage.person("li")
    await stage.adviser("王海")
    await li.moves_in()
    await li.says("欠钱")
    asked = li.hears("哪一件", choices=["none"])
    entry = next(choice for choice in choices_of(asked) if choice.startswith("entry:"))
    await li.presses(entry)
    li.hears("依据")
    await li.presses("none", on=asked)
    li.hears("案号 #1", "王海")


async def test_not_found_becomes_a_case_with_a_promise(stage: Stage) -> None:
    li = stage.person("li")
    await stage.adviser("王海")
    await li.moves_in()
    await li.says("请问卫星轨道的频率许可归哪里批")
    li.hears("案号 #1", "王海", "前回复")
    await li.says("补充一句")
    li.hears("加进案号 #1")


async def test_nobody_on_duty_says_when_and_keeps_the_case(stage: Stage) -> None:
    li = stage.person("li")
    wang = await stage.adviser("王海", on_duty=False)
    await stage.shift("王海", stage.clock.now + timedelta(hours=10))
    await li.moves_in()
    await li.says("/person")
    li.hears("没有人值班", "有人上班")
    wang.hears_nothing()
    await stage.passes(timedelta(hours=10, seconds=1))
    wang.hears("#1", choices=["case:1:claim"])


async def test_no_duty_planned_is_said(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.presses("person")
    li.hears("还没有排班")


async def test_an_emergency_comes_first_in_every_state(stage: Stage) -> None:
    li = stage.person("li")
    wang = await stage.adviser("王海")
    await li.says("我老公又打我，刀都拿出来了")
    li.hears("110", "12338")
    li.hears("案号 #1", "王海")
    wang.hears("紧急", "又打我", choices=["case:1:claim"])
    await wang.presses("case:1:claim")
    li.hears("王海接了")
    await li.says("他又打我了")
    li.hears("110")
    li.hears_nothing()


async def test_a_never_automatic_matter_is_a_card_and_a_person(stage: Stage) -> None:
    li = stage.person("li")
    wang = await stage.adviser("王海")
    await li.moves_in()
    await li.presses("entry:domestic-violence")
    li.hears("人身安全保护令")
    li.hears("案号 #1")
    wang.hears("要紧的事")


async def test_an_edited_question_keeps_both_versions(stage: Stage) -> None:
    li = stage.person("li")
    wang = await stage.adviser("王海")
    await li.moves_in()
    first = await li.says("请问卫星轨道的频率许可归哪里批")
    await wang.presses("case:1:claim")
    wang.hears_all()
    await li.sends(Edited(of=first, text="请问卫星频率许可归哪里批"))
    wang.hears("原来：请问卫星轨道", "现在：请问卫星频率")
    async with stage.app.db.read() as uow:
        history = await uow.people.of_case(1)
    assert [row.text for row in history if row.author == "villager"] == [
        "请问卫星轨道的频率许可归哪里批",
        "请问卫星频率许可归哪里批",
    ]


async def test_a_photo_without_words_reaches_the_adviser(stage: Stage) -> None:
    stage.channel.files["r1"] = b"\x89PNG\r\n\x1a\n" + bytes(32)
    li = stage.person("li")
    wang = await stage.adviser("王海")
    await li.moves_in()
    await li.sends(Photo(Attachment("photo", "a.png", 40, "r1")))
    li.hears("案号 #1")
    await wang.presses("case:1:claim")
    assert any(message.blob_id for message in wang.hears_all())
    await li.sends(Location(32.1, 121.2))
    await li.sends(Contact("李", "13800001111"))
    wang.hears("位置", "32.1")
    wang.hears("联系方式", "13800001111")


async def test_a_file_that_is_too_large_is_said_and_the_words_go_on(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.sends(Photo(Attachment("photo", "a.png", 20_000_000, "r1"), "老板拖欠工资不给怎么办"))
    li.hears("文件太大", "10 MB")
    li.hears("依据")


async def test_a_voice_message_that_cannot_be_fetched_is_said(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.sends(Voice(Attachment("voice", "", 20_000_000, "r1"), 3))
    li.hears("文件太大")


async def test_blocked_pauses_and_says_so_and_joined_goes_on(stage: Stage) -> None:
    li = stage.person("li")
    wang = await stage.adviser("王海")
    await li.moves_in()
    await li.says("/person")
    await wang.presses("case:1:claim")
    wang.hears_all()
    await li.sends(Blocked())
    wang.hears("停用了聊天")
    await li.sends(Joined())
    wang.hears("回来了")


async def test_old_and_forged_buttons_say_why_not(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    for forged in (
        "case:1:claim",
        "case:99999999999:close:x",
        "entry:no-such",
        "rate:9",
        "lang:xx",
        "x" * 64,
        "village:zz",
    ):
        await li.presses(forged)
        assert li.hears_all(), forged
    async with stage.app.db.read() as uow:
        assert await uow.cases.listed() == []


async def test_odd_input_gets_an_answer(stage: Stage) -> None:
    li = stage.person("li")
    await stage.adviser("王海")
    await li.moves_in()
    for odd in ("", "😀😀", "\u202eabc", "？？？"):
        await li.says(odd)
        assert li.hears_all(), odd
    await li.sends(Unsupported("sticker"))
    li.hears("看不懂")
    await li.says("字" * 4097)
    assert li.hears_all()


async def test_thanks_opens_no_case(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.says("谢谢！")
    li.hears("不客气")
    await li.says("你好")
    li.hears("请说您的事")


async def test_in_a_group_nothing_private_is_said(stage: Stage) -> None:
    group = stage.person("group")
    from handlers.messages import Command, Text

    await group.sends(Text("老板拖欠工资不给怎么办"), private=False)
    group.hears_nothing()
    await group.sends(Command("start"), private=False)
    group.hears("单独写给我")


async def test_english_from_start_to_answer(stage: Stage) -> None:
    ann = stage.person("ann")
    await ann.moves_in(language="en")
    await ann.says("My boss has not paid my wages, what can I do?")
    ann.hears("The law", "not yet confirmed by a local lawyer", choices=["solved:yes"])


async def test_the_village_is_changed_while_a_case_is_open_and_other_words_reach_the_case(stage: Stage) -> None:
    await stage.village("shizhuang", "石庄村")
    li, wang = stage.person("li"), await stage.adviser("王海")
    await li.moves_in()
    await li.says("/person")
    await wang.presses("case:1:claim")
    wang.hears_all()
    li.hears_all()
    await li.says("/village")
    li.hears("村")
    await li.says("石庄村")
    li.hears("石庄村")
    wang.hears_nothing()
    await li.says("/village")
    await li.says("他今天又来要钱了")
    wang.hears("他今天又来要钱了")
