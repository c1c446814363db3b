"""Service clocks: nobody's silence leaves a villager without somebody who knows; a broken promise is said plainly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.tables import CaseEvent, Clock, Leave, Staff
from tests.dialogues.stage import Actor, Stage, choices_of

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def station(stage: Stage) -> tuple[Actor, Actor, Actor, Actor, Actor]:
    """Li of Shizhuang; Wang and Chen on duty, Director Zhao and the county's Sun behind them."""
    stage.clock.advance(-7 * HOUR)  # 10:00 in the county
    await stage.village("sz", "石庄村")
    li = stage.person("li")
    wang = await stage.adviser("王海", villages=("sz",))
    chen = await stage.adviser("陈静", villages=("sz",))
    zhao = await stage.adviser("赵主任", villages=("sz",), on_duty=False, role="director")
    sun = await stage.adviser("孙科长", on_duty=False, role="county")
    await li.moves_in(village="sz")
    return li, wang, chen, zhao, sun


async def events(stage: Stage, number: int = 1) -> list[CaseEvent]:
    async with stage.app.db.read() as uow:
        return await uow.events.of_case(number)


async def clocks(stage: Stage, number: int = 1) -> dict[str, Clock]:
    async with stage.app.db.read() as uow:
        return {clock.kind: clock for clock in await uow.clocks.running(number)}


async def on_leave(stage: Stage, name: str) -> None:
    async with stage.app.db.write() as uow:
        staff = next(row for row in await uow.county.all_staff() if row.name == name)
        uow.session.add(Leave(staff_id=staff.id, starts=stage.clock.now, ends=stage.clock.now + 10 * DAY))
        await uow.commit()


def hear_all(*actors: Actor) -> None:
    for actor in actors:
        actor.hears_all()


async def test_nobody_claims_backup_director_county(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await station(stage)
    await li.says("/person")
    hear_all(li, wang, chen)
    await stage.passes(10 * MINUTE)
    chen.hears("#1", "超时", "还没有人接", choices=["case:1:claim"])
    zhao.hears_nothing()
    await stage.passes(10 * MINUTE)
    zhao.hears("#1", "石庄村", choices=["case:1:claim"])
    sun.hears_nothing()
    await stage.passes(10 * MINUTE)
    sun.hears("#1", choices=["case:1:claim"])
    await stage.passes(HOUR)
    for actor in (chen, zhao, sun):
        actor.hears("#1", choices=["case:1:claim"])
    await sun.presses("case:1:claim")
    li.hears("孙科长接了")
    hear_all(wang, chen, zhao, sun)
    await stage.passes(HOUR)
    for actor in (wang, chen, zhao, li):
        actor.hears_nothing()


async def test_adviser_silent_backup_director_county_villager_told_another_takes_over(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    hear_all(li, wang, chen)
    await stage.passes(150 * MINUTE)
    assert "case:1:claim" not in choices_of(wang.hears("还没答复", "还剩 2 小时", "请马上办"))
    await stage.passes(60 * MINUTE)
    chen.hears("#1", "王海在办", choices=["case:1:claim"])
    await stage.passes(45 * MINUTE)
    zhao.hears("王海在办", choices=["case:1:claim"])
    await stage.passes(30 * MINUTE)
    sun.hears("王海在办", "还剩 15 分钟")
    li.hears_nothing()
    await stage.passes(15 * MINUTE)
    li.hears("对不起", "今天15:00", "12348", "赵主任", "不会丢")
    wang.hears("超时")
    hear_all(chen, zhao, sun)
    await chen.presses("case:1:claim")
    chen.hears("归您办")
    li.hears("现在由陈静来办")
    wang.hears("由陈静接过去")
    await sun.presses("case:1:claim")
    sun.hears("陈静在办")
    await chen.says("/reply 1 先申请仲裁。")
    li.hears("先申请仲裁")
    hear_all(chen, wang)
    await stage.passes(3 * HOUR)
    for actor in (li, wang, chen, zhao, sun):
        actor.hears_nothing()
    kinds = [row.kind for row in await events(stage)]
    assert kinds.count("moved_on") == 1
    assert kinds.count("claimed") == 2
    assert "breached" in kinds


async def test_the_taker_who_is_silent_too_loses_it_again(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    await stage.passes(5 * HOUR)
    await chen.presses("case:1:claim")
    hear_all(li, wang, chen, zhao, sun)
    await stage.passes(HOUR)
    chen.hears("超时", "请马上办")
    wang.hears("陈静在办", choices=["case:1:claim"])
    await wang.presses("case:1:claim")
    li.hears("王海来办")


async def test_before_the_backup_is_told_nobody_takes_over(stage: Stage) -> None:
    li, wang, chen, _, _ = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    await stage.passes(3 * HOUR)
    hear_all(chen)
    await chen.presses("case:1:claim")
    chen.hears("王海", "在办")


async def test_downtime_across_three_steps_acts_once_and_keeps_all_on_record(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    hear_all(li, wang, chen)
    await stage.passes(timedelta(hours=4, minutes=20))
    zhao.hears("王海在办")
    for actor in (li, wang, chen, sun):
        actor.hears_nothing()
    warned = [
        (row.detail["step"], row.detail.get("overtaken", "")) for row in await events(stage) if row.kind == "warned"
    ]
    assert warned == [("owner", "director"), ("backup", "director"), ("director", "")]
    stage.clock.advance(-2 * HOUR)
    await stage.tick()
    stage.clock.advance(2 * HOUR)
    await stage.tick()
    for actor in (li, wang, chen, zhao, sun):
        actor.hears_nothing()


async def test_an_adviser_on_leave_is_no_owner(stage: Stage) -> None:
    li, wang, chen, _, _ = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    hear_all(li, wang, chen)
    await on_leave(stage, "王海")
    await stage.passes(MINUTE)
    chen.hears("王海不在岗", choices=["case:1:claim"])
    await stage.passes(MINUTE)
    chen.hears_nothing()
    await chen.presses("case:1:claim")
    li.hears("陈静来办")


async def test_an_inactive_advisers_case_is_offered_onward(stage: Stage) -> None:
    li, wang, chen, _, _ = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    hear_all(li, wang, chen)
    async with stage.app.db.write() as uow:
        staff = next(row for row in await uow.county.all_staff() if row.name == "王海")
        staff.active = False
        await uow.commit()
    await stage.passes(MINUTE)
    chen.hears("不在岗", choices=["case:1:claim"])


async def test_at_night_what_is_not_urgent_wakes_nobody(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await station(stage)
    stage.clock.advance(11 * HOUR)  # 21:00
    await li.says("/person")
    hear_all(li, wang, chen)
    await stage.passes(2 * HOUR)
    hear_nothing(wang, chen, zhao, sun)
    await stage.passes(9 * HOUR)
    assert {name for name in ("王海", "陈静", "赵主任", "孙科长") if stage.person(name).hears_all()}


async def test_an_absent_advisers_case_is_offered_at_night_too(stage: Stage) -> None:
    li, wang, chen, zhao, _ = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    stage.clock.advance(12 * HOUR)  # 22:00, and the promise is broken
    await on_leave(stage, "王海")
    hear_all(li, wang, chen)
    await stage.tick()
    chen.hears("王海不在岗", choices=["case:1:claim"])
    hear_nothing(li, wang, zhao)
    await stage.passes(10 * HOUR)
    li.hears("对不起")


async def test_at_night_a_broken_promise_is_told_in_the_morning(stage: Stage) -> None:
    li, wang, *_ = await station(stage)
    stage.clock.advance(8 * HOUR)  # 18:00
    await li.says("/person")
    await wang.presses("case:1:claim")
    hear_all(li)
    await stage.passes(timedelta(hours=5, minutes=1))
    li.hears_nothing()
    await stage.passes(9 * HOUR)
    li.hears("对不起")


async def test_duty_time_alone_counts(stage: Stage) -> None:
    li = stage.person("li")
    wang = await stage.adviser("王海", on_duty=False)
    await stage.shift("王海", stage.clock.now, stage.clock.now + HOUR)
    await stage.shift("王海", stage.clock.now + 15 * HOUR, stage.clock.now + 23 * HOUR)
    await li.moves_in()
    await li.says("/person")
    li.hears("11月25日12:00前")
    await wang.presses("case:1:claim")
    hear_all(li, wang)
    await stage.passes(14 * HOUR)
    li.hears_nothing()
    wang.hears_nothing()


async def test_urgent_calls_again_and_again_at_night_until_somebody_claims(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await station(stage)
    stage.clock.advance(16 * HOUR)  # 02:00
    await li.says("他打我，救命")
    hear_all(li)
    wang.hears("紧急", choices=["case:1:claim"])
    chen.hears("紧急")
    await stage.passes(3 * MINUTE)
    wang.hears("还没有人接", "#1", choices=["case:1:claim"])
    chen.hears("还没有人接")
    zhao.hears_nothing()
    await stage.passes(MINUTE)
    hear_nothing(wang, chen, zhao, sun)
    await stage.passes(2 * MINUTE)
    for actor in (wang, chen, zhao, sun):
        actor.hears("还没有人接")
    await stage.passes(30 * MINUTE)
    for actor in (wang, chen, zhao, sun):
        actor.hears("还没有人接")
        actor.hears_nothing()
    await chen.presses("case:1:claim")
    hear_all(chen)
    await stage.passes(3 * MINUTE)
    hear_nothing(wang, chen, zhao, sun)


def hear_nothing(*actors: Actor) -> None:
    for actor in actors:
        actor.hears_nothing()


async def test_two_urgent_cases_call_a_person_once_an_interval(stage: Stage) -> None:
    _, wang, chen, _, _ = await station(stage)
    for name in ("a", "b"):
        other = stage.person(name)
        await other.moves_in(village="sz")
        await other.says("他打我，救命")
        await stage.passes(MINUTE)
    hear_all(wang, chen)
    await stage.passes(MINUTE)
    wang.hears("#1、#2", choices=["case:1:claim", "case:2:claim"])
    await stage.passes(MINUTE)
    wang.hears_nothing()


async def test_urgent_with_nobody_on_duty_goes_up_at_once(stage: Stage) -> None:
    await stage.village("sz", "石庄村")
    li = stage.person("li")
    zhao = await stage.adviser("赵主任", villages=("sz",), on_duty=False, role="director")
    await li.moves_in(village="sz")
    await li.says("他打我，救命")
    await stage.tick()
    zhao.hears_among("还没有人接", choices=["case:1:claim"])


async def test_words_that_turn_urgent_shorten_the_promise(stage: Stage) -> None:
    li, wang, chen, _, _ = await station(stage)
    await li.says("/person")
    before = (await clocks(stage))["first_answer"].due
    await li.says("他打我，救命")
    hear_all(wang, chen)
    assert (await clocks(stage))["first_answer"].due == before - 4 * HOUR
    await stage.tick()
    hear_nothing(wang, chen)
    await stage.passes(3 * MINUTE)
    wang.hears("还没有人接")


async def test_pause_and_resume(stage: Stage) -> None:
    li, wang, _, _, _ = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    hear_all(li, wang)
    await wang.says("/wait 1")
    wang.hears("先问村民")
    await wang.says("/reply 1 请把工资条发来。")
    wang.hears("已答复", choices=["wait:1"])
    due = (await clocks(stage))["result"].due
    await wang.presses("wait:1")
    li.hears("工资条")
    li.hears("王海在等您回话")
    hear_all(wang)
    await wang.says("/wait 1")
    wang.hears("已经在等")
    await stage.passes(2 * DAY)
    hear_nothing(li, wang)
    await li.says("发来了")
    wang.hears("发来了")
    await stage.tick()
    assert (await clocks(stage))["result"].due == due + 2 * DAY
    assert [row.kind for row in await events(stage)][-2:] == ["paused", "resumed"]


async def test_the_villager_who_never_writes_is_not_waited_for_for_ever(stage: Stage) -> None:
    li, wang, _, _, _ = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    await wang.says("/reply 1 请把工资条发来。")
    await wang.says("/wait 1")
    hear_all(li, wang)
    await stage.passes(5 * DAY)
    wang.hears("等了 5 天", "电话")
    hear_nothing(li)
    assert (await clocks(stage))["result"].paused_at is None
    await wang.says("/wait 1")
    wang.hears("不能再停")
    await li.says("我回来了")
    wang.hears("我回来了")
    await wang.says("/wait 1")
    wang.hears("停着等村民回话")


async def test_extension_asked_and_approved(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    await wang.says("/reply 1 我去调材料。")
    hear_all(li, wang, chen)
    await wang.says("/extend 1")
    wang.hears("/extend 12")
    await chen.says("/extend 1 我来")
    chen.hears("王海在办")
    await wang.says("/extend 1 等仲裁委的回函")
    wang.hears("赵主任")
    zhao.hears("王海", "仲裁委", "12月15日17:30", choices=["extend:1:yes", "extend:1:no"])
    await wang.presses("extend:1:yes")
    wang.hears("不归您批")
    await wang.says("/extend 1 再说一遍")
    wang.hears("还没有答复")
    await zhao.presses("extend:1:yes")
    zhao.hears("12月15日")
    wang.hears("赵主任同意")
    li.hears("12月15日前办完")
    await zhao.presses("extend:1:no")
    zhao.hears("已经批过")
    await wang.says("/extend 1 还要")
    wang.hears("不能再延长")
    sun.hears_nothing()


async def test_extension_refused_leaves_the_time_as_it_is(stage: Stage) -> None:
    li, wang, _, zhao, _ = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    hear_all(li, wang)
    due = (await clocks(stage))["result"].due
    await wang.says("/extend 1 忙")
    await zhao.presses("extend:1:no")
    hear_all(zhao)
    wang.hears("赵主任")
    wang.hears("不同意")
    assert (await clocks(stage))["result"].due == due


async def test_a_late_result_is_told_and_the_case_may_be_taken_over(stage: Stage) -> None:
    li, wang, chen, zhao, _ = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    await wang.says("/reply 1 我去问问。")
    hear_all(li, wang, chen, zhao)
    await stage.passes(7 * DAY + 8 * HOUR)  # past the fifth working day
    li.hears("对不起", "办完", "12348")
    chen.hears("办结", choices=["case:1:claim"])
    await chen.presses("case:1:claim")
    li.hears("陈静来办")


async def test_a_reopened_case_has_a_new_promise(stage: Stage) -> None:
    li, wang, chen, _, _ = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    await wang.says("/reply 1 去仲裁。")
    await wang.presses("case:1:close:answered")
    hear_all(li, wang, chen)
    await stage.passes(3 * DAY)
    await li.presses("solved:no")
    assert set(await clocks(stage)) == {"reopening", "result"}
    async with stage.app.db.read() as uow:
        case = await uow.cases.get(1)
    assert case is not None
    assert case.answered_at is None
    assert case.answer_due == stage.clock.now + 3 * DAY + timedelta(hours=7, minutes=30)  # Friday to Monday's close
    hear_all(li, wang)
    await li.says("/my")
    li.hears("11月30日17:30")
    await wang.says("/reply 1 我再问问。")
    li.hears("再问问")
    assert set(await clocks(stage)) == {"result"}


@pytest.mark.parametrize("hostile", ["/wait", "/wait x", "/wait 99999999999", "/extend ²", "/wait 7", "/extend -1 x"])
async def test_hostile_commands_do_nothing(stage: Stage, hostile: str) -> None:
    li, wang, *_ = await station(stage)
    await li.says("/person")
    hear_all(li, wang)
    await wang.says(hostile)
    assert len(wang.hears_all()) == 1
    await li.says(hostile)
    li.hears("工作人员")
    for choice in ("wait:1", "extend:1:yes", "extend:x:yes", "wait:", "extend:99999999999:no", "extend:1:maybe"):
        await li.presses(choice)
        li.hears("用不了")
        await wang.presses(choice)
        assert len(wang.hears_all()) == 1
    assert (await clocks(stage)).keys() == {"claim", "first_answer", "result"}


async def test_a_closed_case_owes_nothing(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    await wang.presses("case:1:close:withdrawn")
    hear_all(li, wang, chen)
    await stage.passes(2 * DAY)
    hear_nothing(li, wang, chen, zhao, sun)
    assert not await clocks(stage)


async def test_somebody_who_wants_no_messages_gets_none(stage: Stage) -> None:
    li, wang, *_ = await station(stage)
    await li.says("/person")
    async with stage.app.db.write() as uow:
        case = await uow.cases.get(1)
        assert case is not None
        (await uow.people.person(case.person_id)).contact = "none"
        await uow.commit()
    hear_all(li, wang)
    await stage.passes(6 * HOUR)
    li.hears_nothing()
    assert any(row.kind == "breached" for row in await events(stage))


async def test_a_county_without_anybody_else_still_tells_the_villager(stage: Stage) -> None:
    li = stage.person("li")
    async with stage.app.db.write() as uow:
        await uow.county.add_staff(Staff(name="无人", role="adviser", active=False))
        await uow.commit()
    await li.moves_in()
    await li.says("/person")
    hear_all(li)
    await stage.passes(DAY)
    li.hears("对不起", "12348", "不会丢")


async def test_an_urgent_case_that_opens_again_is_answered_as_urgently(stage: Stage) -> None:
    li, wang, *_ = await station(stage)
    await li.says("他打我，救命")
    await wang.presses("case:1:claim")
    await wang.says("/reply 1 先报警。")
    await wang.presses("case:1:close:answered")
    await stage.passes(3 * DAY)
    await li.presses("solved:no")
    assert (await clocks(stage))["reopening"].due == stage.clock.now + HOUR
