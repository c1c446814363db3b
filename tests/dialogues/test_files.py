"""Files, places and phone numbers on their way to the adviser, and what is said when one does not arrive."""

from __future__ import annotations

from bot.config import Config
from handlers.messages import Attachment, Contact, Document, Location, Photo, Voice
from tests.dialogues.stage import Actor, Stage

TOO_LARGE = Attachment("document", "a.pdf", 11 * 1024 * 1024, remote="large")


async def claimed(stage: Stage) -> tuple[Actor, Actor]:
    li, wang = stage.person("li"), await stage.adviser("王海")
    await li.moves_in()
    await li.says("/person")
    await wang.presses("case:1:claim")
    for actor in (li, wang):
        actor.hears_all()
    return li, wang


async def test_a_place_and_a_number_told_before_the_matter_go_to_the_adviser_with_it(stage: Stage) -> None:
    li, wang = stage.person("li"), await stage.adviser("王海")
    await li.moves_in()
    await li.sends(Location(32.5, 121.0))
    li.hears("一起交给法律顾问")
    await li.sends(Contact("李四", "0513-1234567"))
    li.hears("一起交给法律顾问")
    await li.says("请问卫星轨道的频率许可归哪里批")
    li.hears("案号 #1")
    wang.hears("卫星轨道", "32.500000, 121.000000", "李四 0513-1234567")


async def test_a_detail_goes_with_one_case_only(stage: Stage) -> None:
    li, wang = stage.person("li"), await stage.adviser("王海")
    await li.moves_in()
    await li.sends(Location(32.5, 121.0))
    await li.says("/person")
    wang.hears("32.500000")
    await wang.presses("case:1:claim")
    await wang.presses("case:1:close:answered")
    wang.hears_all()
    await li.says("/person")
    assert "32.5" not in wang.hears("案件 #2").text


async def test_a_file_that_does_not_arrive_is_said_also_while_a_case_is_open(stage: Stage) -> None:
    li, wang = await claimed(stage)
    await li.sends(Document(TOO_LARGE))
    li.hears("文件太大", "10 MB")
    wang.hears("[文件]", "文件没能取到")
    await li.sends(Photo(Attachment("photo", problem="unavailable"), "工资条"))
    li.hears("没有收到", "再发一次")
    wang.hears("工资条", "文件没能取到")


async def test_a_file_that_cannot_be_kept_is_said_and_the_words_go_on(stage: Stage, config: Config) -> None:
    (config.data_dir / "blobs").write_text("no room for files here")
    stage.channel.files["r1"] = b"GIF89a"
    li = stage.person("li")
    await li.moves_in()
    await li.sends(Photo(Attachment("photo", "a.gif", 6, "r1"), "老板拖欠工资不给怎么办"))
    li.hears("没有收到", "再发一次")
    li.hears("依据")


async def test_an_adviser_is_told_that_a_file_did_not_go_out(stage: Stage) -> None:
    li, wang = await claimed(stage)
    shown = wang.heard[-1]
    await wang.sends(Document(TOO_LARGE, "照这个写"), reply_to=shown)
    wang.hears("文件太大")
    li.hears("照这个写")
    await wang.sends(Voice(Attachment("voice", problem="unavailable")), reply_to=shown)
    assert any("没有收到" in message.text for message in wang.hears_all())
    li.hears_nothing()


async def test_a_file_that_does_not_arrive_before_the_start_is_done_is_said_and_opens_no_case(stage: Stage) -> None:
    li = stage.person("li")
    await li.sends(Document(TOO_LARGE))
    li.hears("文件太大")
    await li.moves_in()
    await li.says("/my")
    li.hears("还没有案子")


async def test_the_words_under_a_file_that_does_not_arrive_are_answered_after_the_start(stage: Stage) -> None:
    li = stage.person("li")
    await li.sends(Document(TOO_LARGE, "老板拖欠工资不给怎么办"))
    li.hears("文件太大")
    await li.presses("lang:zh")
    await li.presses("consent:yes")
    await li.presses("village:skip")
    assert any("依据" in message.text for message in li.hears_all())
