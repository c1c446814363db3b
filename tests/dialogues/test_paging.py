"""What is never answered automatically calls people at once, and again until somebody claims: past shifts and stops."""

from __future__ import annotations

from tests.dialogues.stage import Actor, Stage
from tests.dialogues.test_clocks import HOUR, MINUTE, hear_all, hear_nothing, on_leave


async def shifts(stage: Stage) -> tuple[Actor, Actor, Actor, Actor, Actor]:
    """17:50: Wang until 18:00, then Chen until midnight; Director Zhao and the county's Sun are on no roster."""
    await stage.village("sz", "石庄村")
    li = stage.person("li")
    wang = await stage.adviser("王海", villages=("sz",), on_duty=False)
    chen = await stage.adviser("陈静", villages=("sz",), on_duty=False)
    zhao = await stage.adviser("赵主任", villages=("sz",), on_duty=False, role="director")
    sun = await stage.adviser("孙科长", on_duty=False, role="county")
    change = stage.clock.now + HOUR
    await stage.shift("王海", stage.clock.now - 8 * HOUR, change)
    await stage.shift("陈静", change, change + 6 * HOUR)
    await li.moves_in(village="sz")
    await stage.passes(50 * MINUTE)
    hear_all(zhao, sun)  # the gaps of the coming days
    await li.presses("entry:domestic-violence")
    li.hears("人身安全保护令")
    li.hears("案号 #1", "王海")
    return li, wang, chen, zhao, sun


async def test_called_again_and_again_past_the_change_of_shifts_until_claimed(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await shifts(stage)
    wang.hears("紧急", "要紧的事", choices=["case:1:claim"])
    hear_nothing(chen, zhao, sun)
    await stage.passes(3 * MINUTE)
    wang.hears("还没有人接", "#1")
    hear_nothing(chen, zhao, sun)
    await stage.passes(3 * MINUTE)
    for actor in (wang, zhao, sun):
        actor.hears("还没有人接", "#1", choices=["case:1:claim"])
    await stage.passes(4 * MINUTE)  # 18:00
    chen.hears("紧急", "要紧的事", choices=["case:1:claim"])
    hear_all(wang, zhao, sun)
    for _ in range(3):
        await stage.passes(3 * MINUTE)
        for actor in (chen, zhao, sun):
            actor.hears("还没有人接", "#1", choices=["case:1:claim"])
            actor.hears_nothing()
        wang.hears_nothing()
    await chen.presses("case:1:claim")
    li.hears("陈静接了")
    await chen.says("/reply 1 我马上给您打电话")
    hear_all(chen)
    await stage.passes(30 * MINUTE)
    hear_nothing(wang, chen, zhao, sun)


async def test_after_a_stop_over_the_change_of_shifts_who_is_there_gets_the_whole_case_first(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await shifts(stage)
    hear_all(li, wang)
    await stage.passes(2 * HOUR)  # nothing ran meanwhile
    chen.hears("要紧的事", choices=["case:1:claim"])
    chen.hears("超时")
    chen.hears_nothing()
    zhao.hears("还没有人接")
    sun.hears("还没有人接")
    hear_all(wang, chen, zhao, sun)  # the owner of before the stop is told that the promise was broken
    await stage.passes(3 * MINUTE)
    for actor in (chen, zhao, sun):
        actor.hears("还没有人接")
        actor.hears_nothing()
    wang.hears_nothing()


async def test_after_the_last_shift_whoever_can_come_is_called(stage: Stage) -> None:
    """Midnight: nobody is on duty; the one on call, the director and the county desk are called until one claims."""
    li, wang, chen, zhao, sun = await shifts(stage)
    zhou = await stage.adviser("周丽", villages=("sz",), on_duty=False)
    async with stage.app.db.write() as uow:
        row = await uow.county.add_shift(5, stage.clock.now, None)
        row.on_call = True
        await uow.commit()
    await stage.passes(7 * HOUR)
    hear_all(li, wang, chen, zhao, sun, zhou)
    await stage.passes(3 * MINUTE)
    for actor in (zhou, zhao, sun):
        actor.hears("还没有人接", "#1", choices=["case:1:claim"])
    hear_nothing(wang, chen)
    await zhou.presses("case:1:claim")
    li.hears("周丽接了")


async def test_who_went_on_leave_is_called_no_more(stage: Stage) -> None:
    _, wang, chen, zhao, sun = await shifts(stage)
    await on_leave(stage, "王海")
    hear_all(wang, chen)
    await stage.passes(3 * MINUTE)
    zhao.hears("还没有人接")
    sun.hears("还没有人接")
    hear_nothing(wang, chen)


async def test_an_adviser_of_the_town_on_duty_is_called_again_too(stage: Stage) -> None:
    """Nobody of the village is there: who was paged because they serve the town is who is called again."""
    await stage.village("sz", "石庄村")
    li = stage.person("li")
    wu = await stage.adviser("吴静", villages=("other",), on_duty=False)
    async with stage.app.db.write() as uow:
        staff = await uow.county.staff(1)
        village = await uow.county.village_by_code("sz")
        assert staff is not None
        assert village is not None
        staff.serves_all, staff.town_id = False, village.town_id
        await uow.county.add_shift(1, stage.clock.now, None)
        await uow.commit()
    await li.moves_in(village="sz")
    await li.presses("entry:domestic-violence")
    li.hears("人身安全保护令")
    li.hears("案号 #1", "吴静", "18:00")
    wu.hears("要紧的事", choices=["case:1:claim"])
    for _ in range(3):
        await stage.passes(3 * MINUTE)
        wu.hears("还没有人接", choices=["case:1:claim"])
