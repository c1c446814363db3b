"""How did it go? Asked on the day, outside quiet hours; what has lost its sense is noted."""

from __future__ import annotations

from datetime import timedelta

from storage.tables import TaskState
from tests.dialogues.stage import Actor, Stage

DAY = timedelta(days=1)


async def answered(stage: Stage) -> Actor:
    li = stage.person("li")
    await li.moves_in()
    await li.says("老板拖欠工资不给怎么办")
    li.hears("依据")
    return li


async def test_after_an_answer_solved_rated_and_a_word(stage: Stage) -> None:
    li = await answered(stage)
    await stage.passes(3 * DAY - timedelta(seconds=1))
    li.hears_nothing()
    await stage.passes(timedelta(seconds=1))
    li.hears("解决了吗", choices=["solved:yes", "solved:no"])
    await stage.passes(DAY)
    li.hears_nothing()
    await li.presses("solved:yes")
    li.hears("几分", choices=["rate:1", "rate:5"])
    await li.presses("rate:4")
    li.hears("4 分")
    await li.says("讲得很清楚")
    li.hears("记下了")
    async with stage.app.db.read() as uow:
        question = await uow.people.question(1)
    assert question is not None
    assert (question.solved, question.rating, question.comment) == (True, 4, "讲得很清楚")


async def test_not_solved_becomes_a_case(stage: Stage) -> None:
    li = await answered(stage)
    wang = await stage.adviser("王海")
    await stage.passes(3 * DAY)
    li.hears("解决了吗")
    await li.presses("solved:no")
    li.hears("案号 #1", "王海")
    wang.hears("没解决", "拖欠工资")


async def test_a_closed_case_not_solved_reopens_with_the_same_adviser(stage: Stage) -> None:
    li, wang = stage.person("li"), await stage.adviser("王海")
    await stage.adviser("陈静")
    await li.moves_in()
    await li.says("/person")
    await wang.presses("case:1:claim")
    await wang.presses("case:1:close:answered")
    li.hears_all()
    wang.hears_all()
    await stage.passes(3 * DAY)
    li.hears("#1", "解决了吗")
    await li.presses("solved:no")
    li.hears("重新打开", "王海")
    wang.hears("没解决", "还归您办", choices=["case:1:close:answered"])
    await li.says("还是没给")
    wang.hears("还是没给")
    await wang.presses("case:1:close:legal_aid")
    li.hears("办结")
    await stage.passes(3 * DAY)
    li.hears("解决了吗")


async def test_quiet_hours_hold_it_until_morning(stage: Stage) -> None:
    stage.clock.advance(timedelta(hours=13))  # 22:00 in the county
    li = await answered(stage)
    await stage.passes(3 * DAY)
    li.hears_nothing()
    await stage.passes(timedelta(hours=10))
    li.hears("解决了吗")


async def test_downtime_into_the_quiet_hours_puts_it_off(stage: Stage) -> None:
    li = await answered(stage)
    await stage.passes(3 * DAY + timedelta(hours=14))  # first tick after the stop: 23:00 in the county
    li.hears_nothing()
    await stage.passes(timedelta(hours=9))
    li.hears("解决了吗")


async def test_what_has_lost_its_sense_is_noted(stage: Stage) -> None:
    li = await answered(stage)
    await li.presses("solved:yes")
    li.hears_all()
    await stage.passes(3 * DAY)
    li.hears_nothing()
    async with stage.app.db.read() as uow:
        counts = await uow.tasks.counts()
    assert counts == {TaskState.DROPPED: 1}


async def test_stop_means_no_follow_up(stage: Stage) -> None:
    li = await answered(stage)
    await li.says("/stop")
    li.hears("不再回访")
    await stage.passes(4 * DAY)
    li.hears_nothing()


async def test_a_question_instead_of_a_comment_is_answered(stage: Stage) -> None:
    li = await answered(stage)
    await li.presses("solved:yes")
    await li.presses("rate:5")
    li.hears_all()
    await li.says("借出去的钱不还怎么办")
    assert "记下了" not in li.hears_all()[0].text


async def test_a_second_press_changes_the_rating(stage: Stage) -> None:
    li = await answered(stage)
    await li.presses("solved:yes")
    await li.presses("rate:5")
    await li.presses("rate:3")
    async with stage.app.db.read() as uow:
        question = await uow.people.question(1)
    assert question is not None
    assert question.rating == 3
