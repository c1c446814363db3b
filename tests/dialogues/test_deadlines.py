"""Legal time limits in conversation: asked, shown, reminded of, restarted, handed over; nothing written is lost."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from storage.tables import Person, RunningDeadline
from tests.dialogues.stage import Actor, Stage, choices_of

DAY = timedelta(days=1)
WAGES = "老板拖欠工资不给怎么办"


async def asked(stage: Stage, text: str = WAGES) -> Actor:
    """A villager who was answered and asked for the day."""
    li = stage.person("li")
    await li.moves_in()
    await li.says(text)
    li.hears("依据", "告诉我日子", choices=["limit:unknown"])
    return li


async def about_leaving(stage: Stage) -> Actor:
    """As `asked`, with labour arbitration as what is asked about."""
    li = await asked(stage)
    if "limit:ask:labour-arbitration" in choices_of(li.heard[-1]):
        await li.presses("limit:ask:labour-arbitration")
        li.hears("离开单位")
    return li


async def limits(stage: Stage) -> list[RunningDeadline]:
    async with stage.app.db.read() as uow:
        return await uow.deadlines.running()


async def change(stage: Stage, **values: object) -> None:
    """Set what a villager's record says."""
    async with stage.app.db.write() as uow:
        conversation = await uow.people.conversation("paper", "desk", "li")
        assert conversation is not None
        person: Person = await uow.people.person(conversation.person_id)
        for name, value in values.items():
            setattr(person, name, value)
        await uow.commit()


async def test_asked_and_shown_with_its_reason(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("上个月十五号")
    said = li.hears("2027年10月15日", "从2026年10月15日的第二天起算1年", "劳动争议调解仲裁法", "仲裁申请书")
    assert "太晚" not in said.text
    assert {"limit:1:done", "limit:1:day", "limit:1:special", "limit:1:stop", "person"} <= set(choices_of(said))
    li.hears_nothing()
    await li.says("/my")
    li.hears("案子")
    li.hears("2027年10月15日", "还剩 325 天", choices=["limit:1:show"])


async def test_an_old_button_of_the_start_does_not_end_the_question_for_the_day(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.presses("lang:zh")
    li.hears("以后用中文")
    await li.presses("village:skip")
    li.hears("请说您的事")
    await li.says("上个月十五号")
    li.hears("2027年10月15日")


async def test_a_lunar_day(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("去年腊月二十")
    li.hears("2027年2月7日", "从2026年2月7日的第二天起算")


async def test_before_the_spring_festival_counts_from_the_earliest_day_and_says_the_doubt(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("春节前")
    li.hears("2027年1月18日", "不确定", "2026年1月18日到2026年2月16日")


async def test_what_is_no_day_is_a_question(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("借出去的钱不还怎么办")
    li.hears("依据")
    assert await limits(stage) == []


async def test_with_an_open_case_no_word_is_lost(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await asked(stage)
    await li.presses("person")
    li.hears("案号 #1", "告诉我日子")
    await wang.presses("case:1:claim")
    wang.hears_all()
    li.hears_all()
    await li.says("上个月十五号")
    wang.hears("上个月十五号")
    wang.hears("#1", "期限", "2028年10月15日" if "labour-inspection" in (await limits(stage))[0].matter else "2027")
    li.hears("最后一天")
    await li.says("老板又说没钱")
    wang.hears("老板又说没钱")
    wang.hears_nothing()


async def test_days_that_cannot_be_are_asked_again(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("2027年3月5日")
    li.hears("还没到")
    await li.says("2026年2月30日")
    li.hears("没有这个日子")
    await li.says("３月５号")
    li.hears("2027年3月5日")


async def test_not_known_is_kept_and_can_be_told_later(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("忘了")
    li.hears("找一找", choices=["person"])
    await li.says("/my")
    li.hears("案子")
    li.hears("还不知道从哪天算", choices=["limit:1:show"])
    await li.presses("limit:1:show")
    li.hears("离开单位")
    await li.says("昨天")
    li.hears("2027年11月23日")


async def test_under_seven_days_is_handed_over(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await about_leaving(stage)
    await li.says("2025年11月28日")
    li.hears("2026年11月30日", "这天不上班")  # the 28th is a Saturday
    li.hears("法律援助")
    li.hears("案号 #1", "排在前面")
    wang.hears("紧急", "期限快到", choices=["case:1:claim"])
    assert (await limits(stage))[0].case_id == 1


async def test_past_is_never_called_too_late(stage: Stage) -> None:
    await stage.adviser("王海")
    li = await about_leaving(stage)
    await li.says("前年三月五号")
    li.hears("可能已经晚了，现在就问")
    li.hears("法律援助")
    li.hears("案号 #1")
    assert not any(re.search("太晚|来不及|过期", message.text) for message in li.heard)


async def test_reminded_at_each_step_exactly_once_outside_quiet_hours(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("2026年1月15日")
    li.hears_all()
    await change(stage, follow_ups_stopped=True)
    heard = []
    for _ in range(24 * 60):
        await stage.passes(timedelta(hours=1))
        said = [row.text for row in li.hears_all() if "还剩" in row.text]
        heard += [(stage.clock.now.astimezone(stage.app.config.zone), text) for text in said]
    end = date(2027, 1, 15)
    assert [(end - moment.date()).days for moment, _ in heard] == [30, 14, 7, 3, 1]
    assert {moment.hour for moment, _ in heard} == {8}
    assert all(f"还剩 {left} 天" in text for left, (_, text) in zip([30, 14, 7, 3, 1], heard, strict=True))


async def test_after_downtime_one_reminder_with_the_days_truly_left(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("2026年1月15日")
    await change(stage, follow_ups_stopped=True)
    li.hears_all()
    stage.clock.now = datetime(2027, 1, 13, 2, 0, tzinfo=UTC)
    await stage.tick()
    li.hears("还剩 2 天", choices=["limit:1:done", "limit:1:day", "limit:1:stop", "person"])
    li.hears("案号 #1")
    li.hears_nothing()
    await stage.passes(DAY)
    li.hears_among("还剩 1 天")
    li.hears_nothing_of("还剩")
    await stage.passes(5 * DAY)
    li.hears_nothing_of("还剩")


async def test_downtime_past_the_end_says_ask_now(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("2026年1月15日")
    await change(stage, follow_ups_stopped=True)
    li.hears_all()
    stage.clock.now = datetime(2027, 2, 1, 16, 0, tzinfo=UTC)  # in the quiet hours
    await stage.tick()
    li.hears_nothing()
    await stage.passes(9 * timedelta(hours=1))
    li.hears("可能已经晚了，现在就问")
    li.hears("案号 #1")
    li.hears_nothing()


async def test_done_stops_it(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("2026年1月15日")
    await li.presses("limit:1:done")
    await change(stage, follow_ups_stopped=True)
    assert "办好了" in li.hears_all()[-1].text
    await stage.passes(60 * DAY)
    li.hears_nothing()
    assert await limits(stage) == []


async def test_a_proven_demand_starts_it_anew_an_unproven_one_does_not(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("2026年1月15日")
    li.hears("2027年1月15日")
    await li.presses("limit:1:special")
    li.hears("哪一样", choices=["limit:1:demand", "limit:1:held", "person"])
    await li.presses("limit:1:demand")
    li.hears("哪天催的")
    await li.says("上个月十五号")
    li.hears("2026年10月15日", "证据", choices=["limit:1:proof:2026-10-15", "limit:1:noproof"])
    await li.presses("limit:1:noproof")
    li.hears("按原来的日子算")
    await li.presses("limit:1:proof:2026-10-15")
    li.hears("2027年10月15日", "催要拿不出证据的，最后一天是2027年1月15日")
    await change(stage, follow_ups_stopped=True)
    await stage.passes(40 * DAY)  # past the 30 days before the first end
    li.hears_nothing()


async def test_a_changed_day_moves_the_reminders(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("2026年1月15日")
    await change(stage, follow_ups_stopped=True)
    await li.presses("limit:1:day")
    await li.says("2026年3月15日")
    assert "2027年3月15日" in li.hears_all()[-1].text
    assert len(await limits(stage)) == 1
    await stage.passes(30 * DAY)
    li.hears_nothing()
    stage.clock.now = datetime(2027, 2, 13, 1, 0, tzinfo=UTC)
    await stage.tick()
    li.hears("还剩 30 天")


async def test_no_reminders_but_the_adviser_s_go_on(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await asked(stage)
    await li.presses("person")
    await wang.presses("case:1:claim")
    await wang.says("/deadline 1 labour-arbitration 2026-01-15")
    assert "2027年1月15日" in li.hears_all()[-1].text
    await li.presses("limit:1:stop")
    li.hears("不再提醒", choices=["limit:remind"])
    wang.hears_all()
    stage.clock.now = datetime(2026, 12, 16, 1, 0, tzinfo=UTC)
    await stage.tick()
    li.hears_nothing_of("还剩")
    wang.hears_among("#1", "还剩 30 天", choices=["limit:1:done"])
    await li.presses("limit:remind")
    li.hears("照常提醒")
    stage.clock.now = datetime(2027, 1, 1, 1, 0, tzinfo=UTC)
    await stage.tick()
    li.hears_among("还剩 14 天")
    wang.hears_among("还剩 14 天")
    await wang.says("/done 1")
    wang.hears_among("办好了")
    li.hears_among("办好了")
    await stage.passes(20 * DAY)
    wang.hears_nothing_of("还剩")
    li.hears_nothing()


@pytest.mark.parametrize(("contact", "heard"), [("neutral", True), ("none", False)])
async def test_whose_phone_others_read(stage: Stage, contact: str, heard: bool) -> None:
    li = await about_leaving(stage)
    await li.says("2026年1月15日")
    await change(stage, follow_ups_stopped=True, contact=contact)
    li.hears_all()
    stage.clock.now = datetime(2026, 12, 16, 1, 0, tzinfo=UTC)
    await stage.tick()
    if heard:
        said = li.hears("30 天", "/my")
        assert not re.search("仲裁|工资|劳动", said.text + str(said.choices))
    li.hears_nothing()


async def test_a_calendar_file_that_a_telephone_takes(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("2026年1月15日")
    await li.presses("limit:1:calendar")
    file = li.hears_all()[-1]
    assert (file.blob_kind, file.blob_name) == ("document", "doorstep.ics")
    text = stage.app.blobs.get(file.blob_id).decode()
    assert "DTSTART;VALUE=DATE:20270115" in text
    assert text.count("BEGIN:VALARM") == 5


async def test_nobody_touches_another_s_limit(stage: Stage) -> None:
    li = await about_leaving(stage)
    await li.says("2026年1月15日")
    zhao = stage.person("zhao")
    await zhao.moves_in()
    for choice in (
        "limit:1:done", "limit:1:calendar", "limit:1:proof:2026-10-15", "limit:99:done", "limit:9999999999:done",
        "limit:1", "limit:", "limit:ask:nothing", "limit:1:proof:x", "limit:-1:done", "limit:１:done",
    ):  # fmt: skip
        await zhao.presses(choice)
        zhao.hears("")
    zhao.hears_nothing()
    assert [row.state for row in await limits(stage)] == ["running"]


async def test_an_adviser_s_slips_are_explained(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await asked(stage)
    await li.presses("person")
    await wang.presses("case:1:claim")
    wang.hears_all()
    for typed, answer in (
        ("/deadline", "这样写"), ("/deadline 1 labour-arbitraton 2026-01-15", "labour-arbitration"),
        ("/deadline 1 labour-arbitration 2026-13-45", "用不了"),
        ("/deadline 9 labour-arbitration 2026-01-15", "没有案件"),
        ("/done", "这样写"), ("/done 1", "没有在走"), ("/done 9", "没有案件"),
    ):  # fmt: skip
        await wang.says(typed)
        wang.hears(answer)
    await li.says("/deadline 1 labour-arbitration 2026-01-15")
    assert await limits(stage) == []


async def test_a_limit_that_ends_on_a_holiday_is_reminded_of_by_the_day_before_it_moves(stage: Stage) -> None:
    wang = await stage.adviser("王海")
    li = await asked(stage)
    await li.presses("person")
    await wang.presses("case:1:claim")
    stage.clock.now = datetime(2026, 9, 20, 2, 0, tzinfo=UTC)
    await wang.says("/deadline 1 appeal-judgment 2026-09-18")
    assert "2026年10月8日" in li.hears_all()[-1].text  # 3 October lies in the National Day week
    stage.clock.now = datetime(2026, 9, 26, 1, 0, tzinfo=UTC)
    await stage.tick()
    li.hears("还剩 7 天，最后一天是2026年10月3日", "能顺延到2026年10月8日")
    await change(stage, follow_ups_stopped=True)
    stage.clock.now = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # past the third, and still in time
    await li.says("/my")
    assert any("2026年10月8日，放假顺延到这天，今天就办" in row.text for row in li.hears_all())
    stage.clock.now = datetime(2026, 10, 9, 2, 0, tzinfo=UTC)
    await li.says("/my")
    assert any("2026年10月8日，可能已经晚了，现在就问" in row.text for row in li.hears_all())


async def test_the_question_for_the_day_goes_along_into_the_case(stage: Stage) -> None:
    await stage.adviser("王海")
    li = await asked(stage)
    await stage.passes(3 * DAY)
    li.hears("解决了吗")
    await li.presses("solved:no")
    li.hears("案号 #1", "告诉我日子", choices=["limit:unknown"])
    await li.says("上个月十五号")
    li.hears("最后一天")
    assert {row.case_id for row in await limits(stage)} == {1}


async def test_reminders_of_one_matter_in_two_cases_name_their_case(stage: Stage) -> None:
    """Two judgments of one day: without the numbers the second reminder would look like the first one again."""
    li = stage.person("li")
    wang = await stage.adviser("王海")
    await li.moves_in()
    for number in (1, 2):
        await li.says("/person")
        await wang.presses(f"case:{number}:claim")
        await wang.says(f"/deadline {number} appeal-judgment 2026-11-20")
        await wang.presses(f"case:{number}:close:answered")
    li.hears_all()
    await stage.passes(5 * DAY)
    heard = [row.text for row in li.hears_all() if "上诉，还剩" in row.text]
    assert len(heard) == len(set(heard)) == 2
    assert all(any(f"案号 #{number}" in text for text in heard) for number in (1, 2))
