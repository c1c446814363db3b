"""Messages that are more, or less, than one question, as transcripts."""

from __future__ import annotations

from tests.dialogues.stage import Stage


async def test_two_questions_at_once_get_two_answers(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.says("老板拖欠工资不给怎么办？协议离婚的冷静期是多久？")
    li.hears("12333", choices=["solved:yes"])
    li.hears("三十天", choices=["solved:yes"])


async def test_what_follows_is_read_with_the_question_before(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.says("老板拖欠工资不给怎么办")
    li.hears_all()
    await li.says("那要是他还不给呢")
    li.hears("接着刚才那件事", choices=["entry:labour-arbitration-how", "person"])


async def test_anger_is_met_with_calm_and_a_person(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.says("垃圾机器人")
    li.hears_all()
    await li.says("滚蛋")
    li.hears("消消气", choices=["person"])


async def test_the_weather_opens_no_case(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.says("今天天气怎么样")
    li.hears("我只懂法律", choices=["person"])
    await li.says("/my")
    li.hears("还没有案子")


async def test_what_may_be_an_emergency_gets_the_numbers_and_an_answer(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.says("我弟进看守所了，几天能见着，送衣服行吗")
    li.hears("要是眼下有危险", "12348")
    assert li.hears_all()
