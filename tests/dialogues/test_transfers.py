"""A colleague is asked to take a case over: until they say yes it stays where it is, and the question has a clock."""

from __future__ import annotations

from datetime import timedelta

from storage.tables import CaseStatus, Transfer
from tests.dialogues.stage import Actor, Stage
from tests.dialogues.test_clocks import DAY, HOUR, MINUTE, clocks, events, hear_all, hear_nothing, on_leave, station


async def asked(stage: Stage, *, words: str = "/person") -> tuple[Actor, Actor, Actor, Actor, Actor]:
    """Wang has Li's case, has answered, and has asked Chen at 10:00 to take it over."""
    li, wang, chen, zhao, sun = await station(stage)
    await li.says(words)
    await wang.presses("case:1:claim")
    await wang.says("/reply 1 我看看。")
    await wang.presses("transfer:ask:1:2")
    wang.hears_among("还归您办")
    chen.hears_among("王海请您接手", choices=["transfer:yes:1", "transfer:no:1"])
    hear_all(li, wang, chen, zhao, sun)
    return li, wang, chen, zhao, sun


async def transfer(stage: Stage, number: int = 1) -> Transfer:
    async with stage.app.db.read() as uow:
        row = await uow.roster.transfer(number)
    assert row is not None
    return row


async def holder(stage: Stage) -> tuple[int | None, int | None]:
    async with stage.app.db.read() as uow:
        case = await uow.cases.get(1)
    assert case is not None
    return case.adviser_id, case.owner_id


async def test_nobody_answers_the_colleague_the_asker_the_director_the_county_then_it_lapses(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await asked(stage)
    assert (await clocks(stage))["transfer"].due == stage.clock.now + DAY + timedelta(hours=7, minutes=30)
    await stage.passes(DAY + 3 * HOUR)  # 13:00, half of the working day before 17:30
    chen.hears("王海请您接手案件 #1", "11月25日17:30", choices=["transfer:yes:1", "transfer:no:1"])
    hear_nothing(li, wang, zhao, sun)
    await stage.passes(108 * MINUTE)
    wang.hears("陈静还没回话", "还归您办", "/transfer 1")
    hear_nothing(li, chen, zhao, sun)
    await stage.passes(81 * MINUTE)
    zhao.hears("王海请陈静接手", "还归王海办")
    await stage.passes(54 * MINUTE)
    sun.hears("王海请陈静接手", "27 分钟")
    hear_nothing(li, wang, chen, zhao)
    assert await holder(stage) == (1, 1)
    await stage.passes(27 * MINUTE)
    wang.hears("还归您办", "不再等")
    chen.hears("不用接了")
    zhao.hears("没有转成", "还归王海办")
    hear_nothing(li, sun)
    assert (await transfer(stage)).state == "lapsed"
    assert "transfer" not in await clocks(stage)
    assert [row.kind for row in await events(stage)].count("breached") == 1
    await chen.presses("transfer:yes:1")
    chen.hears("不用接了")
    assert await holder(stage) == (1, 1)
    await stage.passes(HOUR)
    hear_nothing(li, wang, chen, zhao, sun)


async def test_an_urgent_transfer_has_an_hour(stage: Stage) -> None:
    li, wang, chen, zhao, _ = await asked(stage, words="他打我，救命")
    await stage.passes(30 * MINUTE)
    chen.hears("王海请您接手", choices=["transfer:yes:1"])
    await stage.passes(30 * MINUTE)
    wang.hears("不再等")
    zhao.hears("没有转成")
    li.hears_nothing()
    assert await holder(stage) == (1, 1)


async def test_what_turns_urgent_has_an_hour_too(stage: Stage) -> None:
    li, *_ = await asked(stage)
    await li.says("他打我，救命")
    assert (await clocks(stage))["transfer"].due == stage.clock.now + HOUR


async def test_a_decline_ends_the_clock(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await asked(stage)
    await chen.presses("transfer:no:1")
    wang.hears("没有接")
    assert "transfer" not in await clocks(stage)
    chen.hears_all()
    await stage.passes(2 * DAY)
    hear_nothing(li, wang, chen, zhao, sun)
    assert await holder(stage) == (1, 1)


async def test_an_acceptance_ends_the_clock_and_the_new_adviser_has_time(stage: Stage) -> None:
    li, wang, chen, _, _ = await asked(stage)
    await chen.presses("transfer:yes:1")
    li.hears("现在由陈静办")
    assert await holder(stage) == (2, 2)
    assert (await clocks(stage)).keys() == {"result"}
    hear_all(wang, chen)
    await stage.passes(HOUR)
    hear_nothing(wang, chen)
    assert [row.kind for row in await events(stage)].count("claimed") == 1


async def test_asking_somebody_else_withdraws_the_first_question_and_gives_the_second_its_own_time(
    stage: Stage,
) -> None:
    _, wang, chen, zhao, sun = await asked(stage)
    await stage.passes(DAY + 3 * HOUR)
    chen.hears("王海请您接手")
    await wang.presses("transfer:ask:1:3")
    zhao.hears("王海请您接手", choices=["transfer:yes:2"])
    assert (await transfer(stage)).state == "withdrawn"
    assert (await clocks(stage))["transfer"].due == stage.clock.now + DAY + timedelta(hours=4, minutes=30)
    hear_all(wang)
    await stage.passes(3 * HOUR)
    hear_nothing(chen, zhao, sun)
    await chen.presses("transfer:yes:1")
    chen.hears("不用接了")
    await zhao.presses("transfer:yes:2")
    assert await holder(stage) == (3, 3)


async def test_a_closed_case_is_handed_to_nobody(stage: Stage) -> None:
    _, wang, chen, zhao, _ = await asked(stage)
    await wang.presses("case:1:close:answered")
    assert (await transfer(stage)).state == "withdrawn"
    assert not await clocks(stage)
    await chen.presses("transfer:yes:1")
    chen.hears("不用接了")
    await stage.passes(2 * DAY)
    zhao.hears_nothing()


async def test_a_colleague_on_leave_is_not_waited_for_in_silence(stage: Stage) -> None:
    _, wang, chen, _, _ = await asked(stage)
    await on_leave(stage, "陈静")
    await stage.passes(DAY + 3 * HOUR)
    wang.hears("陈静还没回话")
    chen.hears_nothing()


async def test_downtime_over_the_whole_time_tells_the_end_once(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await asked(stage)
    await stage.passes(2 * DAY)
    wang.hears("不再等")
    zhao.hears("没有转成")
    chen.hears("不用接了")
    hear_nothing(li, sun)
    for _ in range(3):
        await stage.passes(MINUTE)
    hear_nothing(li, wang, chen, zhao, sun)


async def test_who_falls_ill_hands_on_a_case_that_was_just_offered_to_a_colleague(stage: Stage) -> None:
    """The case waits again with a clock of its own; the question to the colleague is gone."""
    li, wang, chen, zhao, _ = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    await wang.presses("transfer:ask:1:2")
    hear_all(li, wang, chen)
    await wang.says("/sick")
    async with stage.app.db.read() as uow:
        case = await uow.cases.get(1)
    assert case is not None
    assert (case.status, case.owner_id) == (CaseStatus.WAITING, 2)
    assert (await transfer(stage)).state == "withdrawn"
    assert (await clocks(stage)).keys() == {"claim", "first_answer", "result"}
    assert [(row.kind, row.detail.get("reason")) for row in await events(stage) if row.kind == "released"] == [
        ("released", "sick")
    ]
    hear_all(chen, zhao)
    await stage.passes(10 * MINUTE)
    zhao.hears("超时", "还没有人接", choices=["case:1:claim"])
