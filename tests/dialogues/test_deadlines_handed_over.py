"""Legal time limits that need a person: a day nobody can read, fewer than seven days, a day told wrongly at first."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from handlers.messages import Blocked, Edited, Joined
from storage.tables import CaseStatus
from tests.dialogues.stage import Actor, Stage, choices_of
from tests.dialogues.test_deadlines import about_leaving, asked, change, limits

DAY = timedelta(days=1)


async def told(stage: Stage, day: str) -> Actor:
    """A villager with one limit that runs."""
    li = await about_leaving(stage)
    await li.says(day)
    li.hears("最后一天")
    await change(stage, follow_ups_stopped=True)
    return li


async def at(stage: Stage, moment: datetime) -> None:
    """The clock jumps, and what fell due meanwhile is done."""
    stage.clock.now = moment
    await stage.tick()


async def test_a_day_that_cannot_be_read_is_asked_again_then_goes_to_a_person_with_every_word(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await about_leaving(stage)
    await li.says("好多年前了，记不太准")
    li.hears("没看懂", "去年腊月二十", choices=["limit:unknown", "person"])
    await li.says("那年收麦的时候")
    li.hears("找人帮您一起算")
    li.hears("案号 #1")
    said = wang.hears("期限从哪天算没说清", choices=["case:1:claim"])
    assert "好多年前了，记不太准" in said.text
    assert "那年收麦的时候" in said.text
    [limit] = await limits(stage)
    assert (limit.state, limit.case_id) == ("asked", 1)


async def test_asked_again_and_then_told(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("早就离开单位了")
    li.hears("没看懂")
    await li.says("前年腊月")
    li.hears("最后一天", "2024年12月31日")
    li.hears_among("案号 #1")


async def test_a_question_of_another_kind_is_answered_though_it_speaks_of_time(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("邻居借我的钱三年了不还")
    li.hears("依据")


@pytest.mark.parametrize(
    ("words", "said"), [("不晓得", "找一找"), ("还没拿到", "还没开始算"), ("算了", "这个不算"), ("啥意思", "没看懂")]
)
async def test_short_answers_without_a_day(stage: Stage, words: str, said: str) -> None:
    li = await about_leaving(stage)
    await li.says(words)
    li.hears(said)
    li.hears_nothing()


@pytest.mark.parametrize("words", ["2026年13月45日", "2026年2月30日"])
async def test_a_day_that_does_not_exist_is_asked_for_once_more(stage: Stage, words: str) -> None:
    await stage.adviser("王海")
    li = await about_leaving(stage)
    await li.says(words)
    li.hears("没有这个日子", choices=["limit:unknown", "person"])
    await li.says(words)
    li.hears("找人帮您一起算")
    li.hears("案号 #1")


async def test_with_an_open_case_the_adviser_gets_what_cannot_be_read(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await asked(stage)
    await li.presses("person")
    await wang.presses("case:1:claim")
    wang.hears_all()
    li.hears_all()
    await li.says("好久以前的事")
    li.hears("没看懂")
    wang.hears("好久以前的事")
    await li.says("收稻那阵子")
    li.hears("案件 #1", "由人帮您一起算")
    wang.hears("收稻那阵子")
    li.hears_nothing()
    assert {row.state for row in await limits(stage)} == {"asked"}


async def test_the_other_side_named_instead_of_a_day_is_still_heard(stage: Stage) -> None:
    await stage.adviser("王海")
    li = await asked(stage)
    await li.presses("person")
    await li.says("对方叫张大山")
    async with stage.app.db.read() as uow:
        case = await uow.cases.get(1)
    assert case is not None
    assert case.opponent == "张大山"


async def test_an_edited_day_supersedes_the_first_and_nobody_is_reminded_of_that(stage: Stage) -> None:
    li = await about_leaving(stage)
    first = await li.says("2026年1月15日")
    li.hears("2027年1月15日")
    await change(stage, follow_ups_stopped=True)
    await li.sends(Edited(of=first, text="2026年3月15日"))
    li.hears("2027年3月15日")
    [limit] = await limits(stage)
    assert (limit.trigger, limit.last_day) == (date(2026, 3, 15), date(2027, 3, 15))
    for _ in range(85):
        await stage.passes(DAY)
    heard = li.hears_all()
    assert [re.findall("还剩 (.*?) 天，最后一天是(.*?)。", row.text) for row in heard] == [[("30", "2027年3月15日")]]


async def test_a_day_that_was_not_read_is_read_once_edited(stage: Stage) -> None:
    li = await about_leaving(stage)
    first = await li.says("收麦那阵子")
    li.hears("没看懂")
    await li.sends(Edited(of=first, text="今年6月1号"))
    li.hears("2027年6月1日")
    li.hears_nothing()


async def test_an_edit_that_says_no_day_changes_no_limit(stage: Stage) -> None:
    li = await about_leaving(stage)
    first = await li.says("2026年1月15日")
    li.hears("2027年1月15日")
    await li.sends(Edited(of=first, text="我说错了"))
    [limit] = await limits(stage)
    assert limit.trigger == date(2026, 1, 15)


async def test_three_days_before_with_nobody_on_it_it_is_handed_over(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await told(stage, "2026年1月15日")
    await at(stage, datetime(2027, 1, 8, 1, 0, tzinfo=UTC))
    li.hears("还剩 7 天")
    wang.hears_nothing()
    await at(stage, datetime(2027, 1, 12, 1, 0, tzinfo=UTC))
    li.hears("还剩 3 天")
    li.hears("法律援助", "12348", "手续可以后补", "案号 #1")
    wang.hears("紧急", "期限快到", choices=["case:1:claim"])
    [limit] = await limits(stage)
    assert limit.case_id == 1
    await wang.presses("case:1:claim")
    li.hears_all()
    wang.hears_all()
    await at(stage, datetime(2027, 1, 14, 1, 0, tzinfo=UTC))
    li.hears_among("还剩 1 天")
    wang.hears_among("还剩 1 天")
    async with stage.app.db.read() as uow:
        assert await uow.cases.get(2) is None


async def test_after_the_case_was_closed_a_near_end_opens_one_again(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await asked(stage)
    await li.presses("person")
    await wang.presses("case:1:claim")
    await wang.says("/deadline 1 labour-arbitration 2026-01-15")
    await wang.presses("case:1:close:answered")
    await change(stage, follow_ups_stopped=True)
    li.hears_all()
    wang.hears_all()
    await at(stage, datetime(2027, 1, 12, 1, 0, tzinfo=UTC))
    li.hears_among("还剩 3 天")
    li.hears_among("案号 #2")
    wang.hears_among("紧急", "期限快到", choices=["case:2:claim"])


async def test_an_open_case_of_the_person_takes_it_up(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await told(stage, "2026年1月15日")
    await stage.passes(38 * DAY)
    await li.says("/person")
    await wang.presses("case:1:claim")
    li.hears_all()
    wang.hears_all()
    await at(stage, datetime(2027, 1, 12, 1, 0, tzinfo=UTC))
    li.hears_among("还剩 3 天")
    wang.hears_among("#1", "还剩 3 天")
    async with stage.app.db.read() as uow:
        case = await uow.cases.get(1)
        assert await uow.cases.get(2) is None
    assert case is not None
    assert case.urgent
    assert case.status == CaseStatus.CLAIMED


async def test_who_wants_no_reminders_is_not_handed_over_either(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await told(stage, "2026年1月15日")
    await li.presses("limit:1:stop")
    li.hears_all()
    await at(stage, datetime(2027, 1, 12, 1, 0, tzinfo=UTC))
    li.hears_nothing()
    wang.hears_nothing()


@pytest.mark.parametrize(("contact", "heard"), [("neutral", 1), ("none", 0)])
async def test_handed_over_without_a_word_of_the_matter_on_a_phone_that_others_read(
    stage: Stage, contact: str, heard: int
) -> None:
    wang = await stage.adviser("王海")
    li = await told(stage, "2026年1月15日")
    await change(stage, contact=contact)
    await at(stage, datetime(2027, 1, 12, 1, 0, tzinfo=UTC))
    said = li.hears_all()
    assert len(said) == heard
    assert not re.search("仲裁|工资|劳动|法律|案", "".join(row.text for row in said))
    wang.hears("紧急", "期限快到", choices=["case:1:claim"])


@pytest.mark.parametrize(
    ("matter", "kind"), [("protection-order-review", ""), ("coerced-marriage", ""), ("civil-claim", "violence")]
)
async def test_violence_is_never_named_in_what_nobody_asked_for(stage: Stage, matter: str, kind: str) -> None:
    wang, li = await stage.adviser("王海"), stage.person("li")
    await li.moves_in()
    await li.says("他又打我了" if kind else "/person")
    await wang.presses("case:1:claim")
    li.hears_all()
    await wang.says(f"/deadline 1 {matter} {stage.clock.now.date() - 2 * DAY}")
    await li.presses("limit:1:calendar")
    file = li.hears_all()[-1]
    assert not re.search("婚|保护令|打官司|起诉", stage.app.blobs.get(file.blob_id).decode())
    [limit] = await limits(stage)
    assert limit.last_day is not None
    await change(stage, follow_ups_stopped=True)
    days = limit.last_day - DAY
    await at(stage, datetime(days.year, days.month, days.day, 1, 0, tzinfo=UTC))
    said = li.hears_among("您记着的一个日子")
    assert not re.search("婚|保护令|法院|打官司|法律|案", said.text + str(said.choices))


async def test_a_closed_chat_collects_no_reminders_and_a_person_is_paged(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await told(stage, "2026年1月15日")
    await li.sends(Blocked())
    for moment in (datetime(2026, 12, 16, 1, 0, tzinfo=UTC), datetime(2027, 1, 12, 1, 0, tzinfo=UTC)):
        await at(stage, moment)
    wang.hears("紧急", "期限快到", choices=["case:1:claim"])
    await li.sends(Joined())
    li.hears_nothing_of("还剩", "法律援助")


async def test_two_limits_on_one_day_open_one_case(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await told(stage, "2026年1月15日")
    await li.presses("limit:ask:civil-claim")
    await li.says("2024年1月15日")
    li.hears_all()
    await at(stage, datetime(2027, 1, 12, 1, 0, tzinfo=UTC))
    assert {row.case_id for row in await limits(stage)} == {1}
    assert len([row for row in li.hears_all() if "案号" in row.text]) == 1
    wang.hears_among("紧急")


async def test_the_longest_limit_has_a_first_day_of_its_own(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.presses("limit:ask:civil-claim")
    await li.says("上个月十五号")
    li.hears_among("2029年10月15日", "最长20年")
    limit = next(row for row in await limits(stage) if row.matter == "civil-claim")
    await li.presses(f"limit:{limit.id}:special")
    li.hears("哪一样", choices=[f"limit:{limit.id}:longest"])
    await li.presses(f"limit:{limit.id}:longest")
    li.hears("权利受到损害的那天", "哪天")
    await li.says("2007年3月5日")
    li.hears("不管哪天知道", "2027年3月5日")


async def test_who_was_not_told_of_the_right(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.presses("limit:ask:reconsideration")
    li.hears("这个决定")
    await li.says("2026年5月6日")
    li.hears_among("可能已经晚了，现在就问")
    await li.presses("limit:1:special")
    li.hears_among("哪一样", choices=["limit:1:longest", "limit:1:right", "limit:1:held"])
    await li.presses("limit:1:right")
    li.hears("哪天知道")
    await li.says("今天")
    said = li.hears_among("2027年1月25日", "没人告诉您有这个权利", "最后一天是2026年7月6日")
    assert "太晚" not in said.text


async def test_an_unreadable_day_of_a_demand_goes_to_a_person_with_its_limit(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await told(stage, "2026年1月15日")
    await li.presses("limit:1:demand")
    li.hears("哪天催的")
    await li.says("明天")
    li.hears("还没到。说错了")
    await li.says("早就催过好多回了")
    li.hears("没看懂")
    await li.says("收麦前催的")
    li.hears("找人帮您一起算")
    li.hears("案号 #1")
    wang.hears("早就催过好多回了", "收麦前催的")
    [limit] = await limits(stage)
    assert (limit.case_id, limit.demands) == (1, [])


async def test_in_english_a_round_time_counts_from_its_earliest_day(stage: Stage) -> None:
    anna = stage.person("anna")
    await anna.moves_in(language="en")
    await anna.presses("limit:ask:appeal-judgment")
    anna.hears("receive the judgment")
    await anna.says("two weeks ago")
    anna.hears("between 7 November 2026 and 13 November 2026", "Your day is not certain")
    anna.hears("Legal aid")  # the earliest reading has passed all but its last days
    anna.hears("#1")


async def test_a_range_is_as_urgent_as_its_earliest_day(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("去年年底")
    li.hears("2026年11月2日", "2025年11月1日到2025年12月31日", "可能已经晚了，现在就问")
    li.hears("法律援助")
    li.hears("案号 #1", "排在前面")


async def test_what_kept_somebody_from_acting_is_for_a_person(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("2026年1月15日")
    li.hears_all()
    await li.presses("limit:1:held")
    said = li.hears("要有证明", "先按现在的日子办", choices=["person"])
    assert choices_of(said) == ["person"]
