"""Swaps and sickness; cases that go on to a colleague; both sides of one quarrel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.config import Config
from handlers import duty
from storage.database import Database
from storage.tables import CaseStatus, Wall
from tests.conftest import Clock
from tests.dialogues.stage import Actor, Stage, choices_of

HOUR = timedelta(hours=1)
QUESTION = "请问卫星轨道的频率许可归哪里批"


async def asks(stage: Stage, name: str, village: str = "skip") -> Actor:
    villager = stage.person(name)
    await villager.moves_in(village=village)
    await villager.says(QUESTION)
    return villager


async def test_both_sides_of_one_quarrel_write_on_one_day(stage: Stage) -> None:
    await stage.village("shizhuang", "石庄村")
    wang, chen = (
        await stage.adviser("王海", villages=("shizhuang",)),
        await stage.adviser("陈静", villages=("shizhuang",)),
    )
    li = await asks(stage, "li", "shizhuang")
    li.hears("案号 #1", "王海", "这事是跟谁的", choices=["side:1:neighbour", "side:1:unsaid"])
    await li.presses("side:1:neighbour")
    li.hears("对方叫什么")
    await li.says("我叫李四，对方叫张三")
    li.hears("张三")
    wang.hears("#1")
    await wang.presses("case:1:claim")
    zhang = await asks(stage, "zhang", "shizhuang")
    zhang.hears("案号 #2", "陈静")
    await zhang.presses("side:2:neighbour")
    await zhang.says("李四")
    zhang.hears_all()
    wang.hears_all()
    await wang.presses("case:2:claim")
    wang.hears("没有案件 #2")
    await wang.says("/cases")
    assert "#2" not in wang.hears().text
    chen.hears("#1")
    chen.hears("#2")
    await chen.presses("case:2:claim")
    zhang.hears("陈静接了")


async def test_wall_after_the_claim_moves_the_case_to_the_next_town(stage: Stage) -> None:
    await stage.village("shizhuang", "石庄村")
    await stage.village("heping", "和平村", "河口镇")
    wang, zhou = await stage.adviser("王海", villages=("shizhuang",)), await stage.adviser("周丽", villages=("heping",))
    await stage.adviser("马强", villages=("shizhuang",), role="director")
    li = await asks(stage, "li", "shizhuang")
    await wang.presses("case:1:claim")
    async with stage.app.db.write() as uow:
        await uow.roster.add(Wall(staff_id=1, tie="relative", name="张 三"))
        await uow.commit()
    li.hears_all()
    wang.hears_all()
    zhou.hears_nothing()
    await li.presses("side:1:committee")
    li.hears("对方叫什么")
    await li.says("张三")
    li.hears("换一位顾问", "不用再说一遍")
    li.hears("张三")
    wang.hears("避嫌")
    wang.hears_nothing()
    zhou.hears("#1", "张三")
    await zhou.presses("case:1:claim")
    li.hears("周丽接了")
    await zhou.says("/why 1")
    assert "避嫌离开" in zhou.hears_all()[-1].text
    await wang.says("/reply 1 我来说")
    wang.hears("没有案件 #1")
    li.hears_nothing()


async def test_words_after_the_question_always_reach_the_case(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await asks(stage, "li")
    await wang.presses("case:1:claim")
    wang.hears_all()
    await li.presses("side:1:employer")
    await li.says("他三个月没给工钱了，我去找他他不见我，怎么办")
    wang.hears("三个月没给工钱")
    await li.says("急用")
    wang.hears("急用")
    async with stage.app.db.read() as uow:
        case = await uow.cases.get(1)
    assert case is not None
    assert (case.opponent_side, case.opponent) == ("employer", "")


async def test_a_transfer_is_refused_then_accepted(stage: Stage) -> None:
    wang, chen, zhou = await stage.adviser("王海"), await stage.adviser("陈静"), await stage.adviser("周丽")
    li = await asks(stage, "li")
    await wang.presses("case:1:claim")
    for actor in (li, wang, chen, zhou):
        actor.hears_all()
    await wang.says("/transfer 1")
    wang.hears("转给谁", choices=["transfer:ask:1:2", "transfer:ask:1:3"])
    await wang.presses("transfer:ask:1:2")
    wang.hears("还归您办")
    chen.hears("王海请您接手", "卫星", choices=["transfer:yes:1", "transfer:no:1"])
    await zhou.presses("transfer:yes:1")
    await chen.presses("transfer:no:1")
    wang.hears("陈静没有接")
    await wang.presses("transfer:ask:1:3")
    zhou.hears_all()
    li.hears_nothing()
    await zhou.presses("transfer:yes:2")
    li.hears("现在由周丽办")
    assert any("周丽接下了" in row.text for row in wang.hears_all())
    await zhou.presses("transfer:yes:2")
    await li.says("你好，还在吗")
    wang.hears_nothing()
    async with stage.app.db.read() as uow:
        case, events = await uow.cases.get(1), await uow.events.of_case(1)
    assert case is not None
    assert (case.adviser_id, case.owner_id) == (3, 3)
    assert [row.kind for row in events if row.kind.startswith("transfer")] == [
        "transfer_asked", "transfer_refused", "transfer_asked", "transfer_accepted",
    ]  # fmt: skip


async def test_each_claim_and_each_putting_back_is_on_record_once_with_its_reasons(stage: Stage) -> None:
    wang, chen = await stage.adviser("王海"), await stage.adviser("陈静")
    await asks(stage, "li")
    await wang.presses("case:1:claim")
    await wang.presses("case:1:claim")
    await wang.presses("case:1:release")
    await wang.presses("case:1:release")
    await chen.presses("case:1:claim")
    await wang.presses("case:1:claim")
    async with stage.app.db.read() as uow:
        rows = [(row.kind, row.staff_id) for row in await uow.events.of_case(1)]
        offers = await uow.events.of_case(1, ["offered"])
    assert [row for row in rows if row[0] in {"claimed", "released"}] == [
        ("claimed", 1),
        ("released", 1),
        ("claimed", 2),
    ]
    assert all(row.detail["presence"] == "now" and row.detail["reach"] == "village" for row in offers)
    wang.hears_all()
    await chen.says("/why 1")
    said = chen.hears_all()[-1].text
    for part in ("王海接案", "王海放回", "陈静接案", "正在值班", "不找王海：刚放回"):
        assert part in said


async def test_referred_and_back(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await asks(stage, "li")
    await wang.presses("case:1:claim")
    li.hears_all()
    await wang.says("/refer 1 工会")
    li.hears("转到了工会", "盯着")
    await wang.says("/back 1")
    li.hears("从工会回来了")
    await wang.says("/back 1")
    li.hears_nothing()


async def test_a_swap_at_night(stage: Stage) -> None:
    wang, chen = await stage.adviser("王海", on_duty=False), await stage.adviser("陈静", on_duty=False)
    director = await stage.adviser("马强", on_duty=False, role="director")
    starts = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
    await stage.shift("王海", starts, starts + 8 * HOUR)
    stage.clock.advance(6 * HOUR)  # 23:00 in the county
    await wang.says("/swap")
    picked = choices_of(wang.hears("哪个班"))[0]
    await wang.presses(picked)
    asked = next(row for row in choices_of(wang.hears("请谁替")) if row.endswith(":2"))
    await wang.presses(asked)
    wang.hears("还是您的")
    chen.hears("王海请您替", "08:30", choices=["swap:yes:1", "swap:no:1"])
    await wang.presses("swap:yes:1")
    wang.hears_all()
    await chen.presses("swap:yes:1")
    chen.hears("归您了")
    wang.hears("换好了", "陈静")
    director.hears("换班", "王海", "陈静")
    await chen.presses("swap:yes:1")
    chen.hears("换不了")
    stage.clock.now = starts + HOUR
    li = await asks(stage, "li")
    li.hears("陈静")
    chen.hears("#1")
    wang.hears_nothing()


async def test_sick_in_the_middle_of_a_shift(stage: Stage) -> None:
    wang, chen = await stage.adviser("王海"), await stage.adviser("陈静")
    director = await stage.adviser("马强", on_duty=False, role="director")
    li, zhao = await asks(stage, "li"), await asks(stage, "zhao")
    await wang.presses("case:1:claim")
    for actor in (li, zhao, wang, chen):
        actor.hears_all()
    await wang.says("/sick")
    director.hears("王海请了病假", "#1")
    wang.hears("病假记下了", "#1")
    chen.hears("#1", choices=["case:1:claim"])
    async with stage.app.db.read() as uow:
        case = await uow.cases.get(1)
    assert case is not None
    assert (case.status, case.owner_id) == (CaseStatus.WAITING, 2)
    await stage.tick()
    wang.hears_nothing()
    await chen.presses("case:1:claim")
    li.hears("陈静接了")
    await wang.says("/sick off")
    wang.hears("好了就好")
    await wang.says("/sick 2026-13-40")
    wang.hears("这样写")


async def test_gaps_are_told_once_a_day_before_they_happen(stage: Stage) -> None:
    await stage.village("shizhuang", "石庄村")
    director = await stage.adviser("马强", villages=("shizhuang",), role="director", on_duty=False)
    await stage.passes(HOUR)
    director.hears("没有人值班", "石庄村")
    await stage.passes(HOUR)
    director.hears_nothing()
    await stage.passes(24 * HOUR)
    director.hears("没有人值班")


async def test_gaps_are_those_of_the_office_hours_on_weekends_too_where_so_set(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    config = Config.model_validate(
        {"data_dir": tmp_path, "service": {"opens": "09:00", "closes": "12:00"}, "roster": {"working_days": False}}
    )
    stage = Stage.build(database, clock, config)
    await stage.village("shizhuang", "石庄村")
    await stage.adviser("王海", villages=("shizhuang",), on_duty=False)
    morning = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)  # 09:00 on Wednesday
    await stage.shift("王海", morning, morning + 2 * HOUR)
    async with stage.app.db.read() as uow:
        found = list(await duty.coming_gaps(stage.app.house, uow, clock.now))
    assert len(found) == 14
    assert (found[0].starts, found[0].ends) == (morning + 2 * HOUR, morning + 3 * HOUR)
    assert all(span.ends - span.starts == 3 * HOUR for span in found[1:])


async def test_hostile_choices_and_words_do_nothing(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await asks(stage, "li")
    zhao = await asks(stage, "zhao")
    await wang.presses("case:1:claim")
    hostile = (
        "swap:yes:1", "swap:yes:0", "swap:pick:1:2", "swap:pick:9999999999:1", "swap:ask:1:2:99",
        "swap:pick:x:y", "swap", "transfer:yes:1", "transfer:ask:1:1",
        "transfer:ask:1:999999999", "transfer:ask:0:0", "transfer", "side:1:x",
        "side:2147483648:committee", "side:999999999:committee", "side", "side:1:committee:2",
    )  # fmt: skip
    for actor in (li, zhao, wang):
        for choice in hostile:
            await actor.presses(choice)
    await zhao.presses("side:1:committee")
    for words in (
        "/transfer",
        "/transfer x",
        "/why",
        "/why 99",
        "/opponent 1",
        "/party 1 \x07",
        "/refer 1",
        "/back 7",
        "/sick 1 2 3",
    ):
        await wang.says(words)
        await li.says(words)
    async with stage.app.db.read() as uow:
        case = await uow.cases.get(1)
        assert case is not None
        assert (case.opponent_side, case.opponent, case.referred_to, case.adviser_id) == ("", "", "", 1)
        assert not (await uow.inbox.counts()).get("set_aside")
        assert not [*await uow.roster.leaves(stage.clock.now), *await uow.roster.swaps(stage.clock.now)]


async def test_leave_is_asked_for_seen_and_taken_back(stage: Stage) -> None:
    wang, chen = await stage.adviser("王海"), await stage.adviser("陈静", on_duty=False)
    director = await stage.adviser("马强", on_duty=False, role="director")
    await wang.says("/leave")
    wang.hears("请假这样写")
    await wang.says("/leave 12-01 12-03")
    wang.hears("请假记下了", "12月1日00:00到12月4日00:00")
    director.hears("王海请假", "12月1日")
    await wang.says("/leave 12-02")
    wang.hears("已经请过假")
    await wang.says("/duty")
    wang.hears("您的班", "请假", "/swap")
    await wang.says("/leave")
    wang.hears("点一下就取消", choices=["leave:1:off"])
    await chen.presses("leave:1:off")
    chen.hears("没有这次请假")
    await wang.presses("leave:1:off")
    wang.hears("排班照旧")
    director.hears("王海不请假了")
    await wang.presses("leave:1:off")
    wang.hears("没有这次请假")
    await chen.says("/duty")
    chen.hears("没有班")


async def test_leave_from_now_hands_on_what_is_not_answered(stage: Stage) -> None:
    wang, chen = await stage.adviser("王海"), await stage.adviser("陈静")
    director = await stage.adviser("马强", on_duty=False, role="director")
    await asks(stage, "li")
    await wang.presses("case:1:claim")
    for actor in (wang, chen, director):
        actor.hears_all()
    await wang.says("/leave 11-24 11-26")
    director.hears("王海请假", "#1")
    wang.hears("转给别人", "#1")
    chen.hears("#1", choices=["case:1:claim"])


async def test_words_that_ask_for_no_leave(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await asks(stage, "li")
    wang.hears_all()
    for words in ("/leave 13-40", "/leave 12-05 12-01", "/leave 12-01 12-02 12-03", "/leave x", "/leave 12-01 x"):
        await wang.says(words)
        assert "这样写" in wang.hears().text
    for choice in ("leave:1:off", "leave", "leave:x:off", "leave:99999999999:off", "leave:1:on"):
        await wang.presses(choice)
        await li.presses(choice)
    await li.says("/leave 12-01")
    await li.says("/duty")
    async with stage.app.db.read() as uow:
        assert not await uow.roster.leaves(stage.clock.now)
