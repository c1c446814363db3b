"""The conflict wall acts at once, whenever it comes up, and leaves no case without somebody who sees to it."""

from __future__ import annotations

from datetime import timedelta

from handlers import ties
from storage.tables import CaseStatus, Transfer
from tests.dialogues.stage import Actor, Stage
from tests.dialogues.test_clocks import DAY, HOUR, MINUTE, clocks, events, hear_all, hear_nothing, station


async def declares(
    stage: Stage, staff_id: int, name: str = "张三", *, tie: str = "relative", village: int | None = None
) -> None:
    """Somebody declares a tie."""
    async with stage.app.db.write() as uow:
        _, outcome = await ties.declare(
            staff_id, tie, name, village, stage.app.house, uow, stage.clock.now, key=f"tie{staff_id}{name}"
        )
        await stage.app.writer.write(outcome, uow, stage.clock.now)
        await uow.commit()
    await stage.think()


async def standing(stage: Stage, number: int = 1) -> tuple[str, int | None, int | None]:
    async with stage.app.db.read() as uow:
        case = await uow.cases.get(number)
    assert case is not None
    return case.status, case.adviser_id, case.owner_id


async def against_zhang(stage: Stage) -> tuple[Actor, Actor, Actor, Actor, Actor]:
    """Li's case against Zhang San is with Wang; Chen is on duty too, Zhao directs, Sun is of the county desk."""
    li, wang, chen, zhao, sun = await station(stage)
    await li.says("/person")
    await li.presses("side:1:neighbour")
    await li.says("张三")
    await wang.presses("case:1:claim")
    hear_all(li, wang, chen, zhao, sun)
    return li, wang, chen, zhao, sun


async def test_a_tie_declared_after_the_claim_takes_the_case_away_at_once(stage: Stage) -> None:
    li, wang, chen, *_ = await against_zhang(stage)
    await declares(stage, 1)
    li.hears("换一位顾问", "不用再说一遍")
    wang.hears("避嫌")
    chen.hears("#1", choices=["case:1:claim"])
    assert await standing(stage) == (CaseStatus.WAITING, None, 2)
    for words in (
        "/reply 1 我来说",
        "/close 1",
        "/why 1",
        "/transfer 1",
        "/wait 1",
        "/refer 1 工会",
        "/perform 1 1月5日",
    ):
        await wang.says(words)
        assert not any("张三" in row.text for row in wang.hears_all())
    await wang.presses("case:1:claim")
    wang.hears("没有案件 #1")
    await wang.presses("case:1:close:answered")
    wang.hears("没有案件 #1")
    await li.says("张三又来了")
    hear_nothing(wang)
    assert [(row.kind, row.staff_id, row.detail) for row in await events(stage) if row.kind == "walled"] == [
        ("walled", 1, {"reason": "relative"})
    ]
    assert "claim" in await clocks(stage)
    await chen.presses("case:1:claim")
    await chen.says("/why 1")
    assert "王海避嫌离开：跟对方是亲戚" in chen.hears_all()[-1].text


async def test_the_next_town_is_called_when_the_station_may_not_and_the_county_desk_is_off_duty(stage: Stage) -> None:
    li, _, chen, zhao, sun = await against_zhang(stage)
    await stage.village("hp", "和平村", "河口镇")
    zhou = await stage.adviser("周丽", villages=("hp",))
    await declares(stage, 2)
    await declares(stage, 1)
    li.hears("换一位顾问")
    zhou.hears("#1", "张三", choices=["case:1:claim"])
    hear_nothing(chen, zhao, sun)
    assert await standing(stage) == (CaseStatus.WAITING, None, 5)
    await zhou.presses("case:1:claim")
    li.hears("周丽接了")


async def test_without_a_wall_the_next_town_is_not_called_at_night(stage: Stage) -> None:
    await stage.village("sz", "石庄村")
    await stage.village("hp", "和平村", "河口镇")
    wang = await stage.adviser("王海", villages=("sz",), on_duty=False)
    zhou = await stage.adviser("周丽", villages=("hp",))
    await stage.shift("王海", stage.clock.now + 15 * HOUR)
    li = stage.person("li")
    await li.moves_in(village="sz")
    await li.says("/person")
    hear_nothing(wang, zhou)
    assert await standing(stage) == (CaseStatus.WAITING, None, 1)


async def test_when_everybody_is_walled_off_the_county_desk_finds_somebody_from_elsewhere(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await against_zhang(stage)
    for staff_id in (2, 3, 4):
        await declares(stage, staff_id)
    hear_nothing(li, wang, chen, zhao, sun)
    await declares(stage, 1)
    li.hears("换一位顾问")
    li.hears("都要避嫌", "孙科长负责另请一位", "正在找", "12348")
    wang.hears("避嫌")
    assert "张三" not in sun.hears("#1", "石庄村", "另请一位").text
    assert await standing(stage) == (CaseStatus.WAITING, None, 4)
    await stage.passes(MINUTE)
    hear_nothing(li, wang, chen, zhao, sun)
    await sun.presses("case:1:claim")
    sun.hears("没有案件 #1")
    owned = [row for row in await events(stage) if row.kind == "owned"][-1]
    assert (owned.staff_id, owned.detail["finds"]) == (4, True)
    assert set(owned.detail["left_out"].values()) == {"relative"}
    await stage.passes(10 * MINUTE)
    sun.hears("超时", "#1")
    assert not sun.heard[-1].choices
    zhou = await stage.adviser("周丽")
    await stage.tick()
    zhou.hears("#1", "张三", choices=["case:1:claim"])
    assert await standing(stage) == (CaseStatus.WAITING, None, 5)
    await zhou.presses("case:1:claim")
    li.hears("周丽接了")


async def test_at_night_the_villager_is_told_from_when_somebody_is_looked_for(stage: Stage) -> None:
    li, *_ = await against_zhang(stage)
    for staff_id in (2, 3, 4):
        await declares(stage, staff_id)
    stage.clock.advance(12 * HOUR)
    await declares(stage, 1)
    li.hears("换一位顾问")
    li.hears("11月25日08:30上班就找")


async def test_an_urgent_case_that_nobody_may_open_calls_its_keeper_again_and_again(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await against_zhang(stage)
    for staff_id in (1, 2, 3, 4):
        await declares(stage, staff_id)
    hear_all(li, wang, chen, zhao, sun)
    await li.says("他打我，救命")
    hear_all(sun)
    for _ in range(3):
        await stage.passes(3 * MINUTE)
        said = sun.hears("紧急", "#1")
        assert not said.choices
        hear_nothing(wang, chen, zhao)


async def test_of_two_opposed_cases_that_turn_out_so_the_adviser_keeps_the_older(stage: Stage) -> None:
    """The older one's other side is named last: the newer one leaves."""
    li, wang, chen, *_ = await station(stage)
    zhang = stage.person("zhang")
    await zhang.moves_in(village="sz")
    await li.says("/person")
    await wang.presses("case:1:claim")
    await zhang.says("/person")
    await wang.presses("case:2:claim")
    await zhang.presses("side:2:neighbour")
    await zhang.says("我叫张三，对方叫李四")
    hear_all(li, wang, chen, zhang)
    assert await standing(stage, 2) == (CaseStatus.CLAIMED, 1, 1)
    await li.presses("side:1:neighbour")
    await li.says("我叫李四，对方叫张三")
    assert await standing(stage) == (CaseStatus.CLAIMED, 1, 1)
    assert await standing(stage, 2) == (CaseStatus.WAITING, None, 2)
    zhang.hears("案号 #2 要换一位顾问")
    wang.hears_among("#2", "避嫌")
    chen.hears("#2", choices=["case:2:claim"])
    hear_all(wang)
    await wang.says("/reply 2 我来说")
    wang.hears("没有案件 #2")
    await wang.says("/reply 1 我来说")
    li.hears_among("我来说")


async def test_a_colleague_behind_the_wall_is_asked_no_more_to_take_the_case_over(stage: Stage) -> None:
    _, wang, chen, *_ = await against_zhang(stage)
    await wang.presses("transfer:ask:1:2")
    chen.hears("王海请您接手")
    hear_all(wang)
    await declares(stage, 2)
    wang.hears("不能转给这位同事")
    assert "transfer" not in await clocks(stage)
    async with stage.app.db.read() as uow:
        row: Transfer | None = await uow.roster.transfer(1)
    assert row is not None
    assert row.state == "withdrawn"
    await chen.presses("transfer:yes:1")
    chen.hears("不用接了")
    assert await standing(stage) == (CaseStatus.CLAIMED, 1, 1)


async def test_a_closed_case_opens_again_with_another_than_the_walled_adviser(stage: Stage) -> None:
    li, wang, chen, *_ = await against_zhang(stage)
    await wang.says("/reply 1 去调解。")
    await wang.presses("case:1:close:answered")
    await declares(stage, 1)
    await stage.passes(3 * DAY)
    hear_all(wang, chen)
    await li.presses("solved:no")
    chen.hears_among("#1", choices=["case:1:claim"])
    wang.hears_nothing_of("张三", "案件 #1 又")
    assert (await standing(stage))[:2] == (CaseStatus.WAITING, None)


async def test_help_in_an_emergency_is_not_asked_of_the_other_side_s_people(stage: Stage) -> None:
    """Wang, off duty, has the closed case; Chen, on duty, is of the other side; Zhao is told instead."""
    li, wang, chen, zhao, _ = await against_zhang(stage)
    await wang.says("/reply 1 去调解。")
    await wang.presses("case:1:close:answered")
    await declares(stage, 2)
    await stage.passes(3 * DAY)
    async with stage.app.db.write() as uow:
        await uow.county.remove_shift(1)
        await uow.commit()
    hear_all(wang, chen, zhao)
    await li.says("他又打我了，救命")
    wang.hears_among("#1")
    chen.hears_nothing()
    zhao.hears("#1")


async def test_a_wall_between_the_page_and_the_claim(stage: Stage) -> None:
    li, wang, chen, *_ = await station(stage)
    await li.says("/person")
    wang.hears("#1")
    await declares(stage, 1)
    await li.says("对方叫张三")
    await wang.presses("case:1:claim")
    wang.hears_among("没有案件 #1")
    assert await standing(stage) == (CaseStatus.WAITING, None, 2)
    chen.hears("#1")
    await stage.passes(timedelta(minutes=10))
    hear_nothing(wang)
