"""Return visits: asked on the right day, in the right words, twice at most; the answer reaches the right case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handlers.messages import Attachment, Blocked, Joined, Voice
from storage.tables import CaseStatus, Conversation, FollowUp, Person, Task
from tests.dialogues.stage import Actor, Stage, choices_of

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


async def closed_case(stage: Stage, words: str = "", ending: str = "answered") -> tuple[Actor, Actor]:
    """Case 1, closed by 王海; `words` is the question behind it."""
    li, wang = stage.person("li"), await stage.adviser("王海")
    await li.moves_in()
    if words:
        await li.says(words)
    await li.says("/person")
    await wang.presses("case:1:claim")
    await wang.presses(f"case:1:close:{ending}")
    li.hears_all()
    wang.hears_all()
    return li, wang


async def claimed_case(stage: Stage) -> tuple[Actor, Actor]:
    li, wang = stage.person("li"), await stage.adviser("王海")
    await li.moves_in()
    await li.says("/person")
    await wang.presses("case:1:claim")
    li.hears_all()
    wang.hears_all()
    return li, wang


async def person_of(stage: Stage, name: str) -> Person:
    async with stage.app.db.read() as uow:
        conversation = await uow.people.conversation("paper", "desk", name, lock=False)
        assert isinstance(conversation, Conversation)
        return await uow.people.person(conversation.person_id)


async def rows_of_case(stage: Stage, number: int = 1) -> list[FollowUp]:
    async with stage.app.db.read() as uow:
        return await uow.follow_ups.of_case(number)


async def calls_open(stage: Stage) -> list[str]:
    async with stage.app.db.read() as uow:
        return [call.reason for call in await uow.follow_ups.open_calls()]


async def test_he_beat_me_again(stage: Stage) -> None:
    li, wang = await closed_case(stage)
    await stage.adviser("陈静", on_duty=False)
    await stage.passes(3 * DAY)
    li.hears("#1", "解决了吗")
    await li.says("他又打我了")
    li.hears("110", "/safe")
    li.hears("#1", "重新打开", "王海")
    wang.hears("【紧急】", "他又打我了", "还归您办", choices=["case:1:close:answered"])
    async with stage.app.db.read() as uow:
        case = await uow.cases.get(1)
    assert case is not None
    assert (case.status, case.urgent, case.kind, case.reopened) == (CaseStatus.CLAIMED, True, "violence", 1)


async def test_he_beat_me_again_while_the_adviser_is_off_duty(stage: Stage) -> None:
    li, wang = stage.person("li"), await stage.adviser("王海", on_duty=False)
    await stage.shift("王海", stage.clock.now - HOUR, stage.clock.now + HOUR)
    await li.moves_in()
    await li.says("/person")
    await wang.presses("case:1:claim")
    await wang.presses("case:1:close:answered")
    chen = await stage.adviser("陈静")
    await stage.passes(3 * DAY)
    li.hears_all()
    await li.says("老公昨晚又打我")
    wang.hears_all()
    chen.hears("【紧急】", "#1", "王海", "不当班", "又打我")


async def test_wages_at_30_and_90_days(stage: Stage) -> None:
    li, wang = await closed_case(stage, "老板拖欠工资不给怎么办")
    await stage.passes(3 * DAY)
    li.hears("解决了吗")
    await li.presses("solved:yes")
    li.hears("几分")
    await stage.passes(27 * DAY)
    asked = li.hears("#1", "工资拿到了吗")
    await li.says("还没给")
    li.hears("重新打开", "王海")
    wang.hears("没解决", "还没给")
    await wang.presses("case:1:close:legal_aid")
    li.hears_all()
    await stage.passes(30 * DAY)
    assert any("工资拿到了吗" in message.text for message in li.hears_all())
    assert choices_of(asked)[0].startswith("fu:")


async def test_wages_that_came_are_not_asked_for_again(stage: Stage) -> None:
    li, wang = await closed_case(stage, "老板拖欠工资不给怎么办")
    await stage.passes(3 * DAY)
    await li.presses("solved:yes")
    await stage.passes(27 * DAY)
    li.hears_all()
    await li.says("工资拿到了")
    li.hears("记下了", "王海")
    wang.hears("#1", "钱拿到了")
    await stage.passes(62 * DAY)
    li.hears_nothing()


async def test_a_matter_without_money_is_asked_about_once(stage: Stage) -> None:
    li, _ = await closed_case(stage)
    assert [row.kind for row in await rows_of_case(stage)] == ["closed"]
    await stage.passes(3 * DAY)
    li.hears("解决了吗")


async def test_on_each_date_of_performance(stage: Stage) -> None:
    li, wang = await claimed_case(stage)
    await wang.says("/perform 1 2026-12-20 2027-01-20 付三千")
    wang.hears("#1", "2026年12月20日", "2027年1月20日")
    await li.says("/my")
    li.hears("12月20日", "1月20日", "#1")
    await stage.passes(26 * DAY)
    li.hears_nothing_of("付三千")
    await stage.passes(HOUR)
    li.hears_among("12月20日", "付三千", "做到了吗")
    await li.says("没给")
    li.hears("记下了", "王海")
    wang.hears_among("#1", "没做到", "付三千")
    await stage.passes(31 * DAY)
    asked = li.hears_among("1月20日", "付三千")
    await li.presses(choices_of(asked)[0])
    li.hears("记下了")
    wang.hears_among("#1", "做到了")


async def test_an_adviser_s_own_words_go_first_and_one_a_day(stage: Stage) -> None:
    li, wang = await closed_case(stage)
    await wang.says("/remind 1 3d 记得带上合同去仲裁委")
    wang.hears("#1", "您的话")
    await stage.passes(3 * DAY)
    li.hears("王海", "记得带上合同去仲裁委")
    li.hears_nothing()
    await stage.passes(DAY - timedelta(minutes=1))
    li.hears("#1", "解决了吗")
    li.hears_nothing()


async def test_two_due_on_one_day_without_own_words(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.says("老板拖欠工资不给怎么办")
    await li.says("借出去的钱不还怎么办")
    li.hears_all()
    await stage.passes(3 * DAY)
    li.hears("解决了吗")
    li.hears_nothing()
    await stage.passes(10 * HOUR)
    li.hears_nothing()
    await stage.passes(6 * HOUR)
    li.hears("解决了吗")


async def test_of_two_answers_each_is_asked_about_by_its_name(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    for words, title in (("老板拖欠工资不给怎么办", "拖欠工资"), ("单位无故辞退我，能赔多少钱", "辞退")):
        await li.says(words)
        li.hears("依据", title)
    await stage.passes(3 * DAY)
    first = li.hears("解决了吗")
    await stage.passes(1 * DAY)
    second = li.hears("解决了吗")
    assert "“" in first.text
    assert "“" in second.text
    assert first.text != second.text


async def test_without_quiet_hours_nothing_waits(stage: Stage) -> None:
    quiet = stage.app.config.quiet_hours.model_copy(update={"enabled": False})
    loud = Stage.build(stage.app.db, stage.clock, stage.app.config.model_copy(update={"quiet_hours": quiet}))
    li, wang = await closed_case(loud)
    await wang.says("/remind 1 8h 今晚的话")
    await loud.passes(8 * HOUR)
    li.hears("今晚的话")
    await loud.passes(3 * DAY - 8 * HOUR)
    li.hears("解决了吗")


async def test_the_preferred_hour(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.says("老板拖欠工资不给怎么办")
    li.hears_all()
    await li.says("/hour")
    li.hears("几点", choices=["hour:9", "hour:12", "hour:19", "hour:any"])
    await li.says("/hour 23")
    li.hears("换一个")
    await li.says("/hour ９９")
    li.hears("几点")
    await li.presses("hour:19")
    li.hears("19 点")
    await stage.passes(3 * DAY)
    li.hears_nothing()
    await stage.passes(2 * HOUR)
    li.hears("解决了吗")
    await li.presses("hour:any")
    li.hears("随时")
    assert (await person_of(stage, "li")).preferred_hour is None


async def test_no_reply_twice_is_a_call_and_no_third_message(stage: Stage) -> None:
    li, wang = await closed_case(stage)
    await stage.passes(3 * DAY)
    li.hears("解决了吗")
    await stage.passes(4 * DAY)
    li.hears("解决了吗")
    wang.hears_nothing()
    await stage.passes(4 * DAY)
    told = wang.hears("请打个电话", "#1", "两次没回", choices=["call:1:done"])
    for _ in range(5):
        await stage.passes(10 * DAY)
    li.hears_nothing()
    await wang.says("/calls")
    wang.hears("#1", "两次没回")
    await wang.presses("call:1:done", on=told)
    wang.hears("记下了")
    await wang.says("/calls")
    wang.hears("没有要打的电话")


async def test_who_writes_need_not_be_called(stage: Stage) -> None:
    li, _ = await closed_case(stage)
    await stage.passes(3 * DAY)
    await stage.passes(4 * DAY)
    await stage.passes(4 * DAY)
    assert await calls_open(stage) == ["silent"]
    li.hears_all()
    await li.presses("solved:no")
    li.hears("重新打开")
    assert await calls_open(stage) == []


@pytest.mark.parametrize("word", ["退订", "不要回访！", "别再问了", "停", "STOP", "unsubscribe", "/stop"])
async def test_one_word_stops(stage: Stage, word: str) -> None:
    li, wang = await closed_case(stage)
    await wang.says("/remind 1 2d 我的话")
    wang.hears_all()
    await li.says(word)
    li.hears("不再回访")
    await stage.passes(2 * DAY)
    li.hears_nothing()
    wang.hears("请打个电话", "不要回访", "我的话")
    await stage.passes(DAY)
    li.hears_nothing()
    assert {row.state for row in await rows_of_case(stage)} == {"dropped"}
    assert not (await person_of(stage, "li")).reminders_stopped


async def test_started_again(stage: Stage) -> None:
    li, _ = await closed_case(stage)
    await li.says("退订")
    await li.says("恢复回访")
    li.hears_all()
    await stage.passes(3 * DAY)
    li.hears("解决了吗")


async def test_reminders_stop_separately(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.says("不要提醒")
    li.hears("不再提醒期限")
    person = await person_of(stage, "li")
    assert (person.reminders_stopped, person.follow_ups_stopped) == (True, False)
    await li.says("/stop reminders")
    li.hears("照常提醒")
    assert not (await person_of(stage, "li")).reminders_stopped


async def test_a_bare_stop_is_about_what_was_said_last(stage: Stage) -> None:
    li, wang = await closed_case(stage)
    await wang.says("/deadline 1 labour-arbitration 2026-01-15")
    li.hears("2027年1月15日")
    await li.says("停")
    li.hears("不再提醒期限")
    await stage.passes(3 * DAY)
    li.hears("解决了吗")
    await li.says("停")
    li.hears("不再回访")
    person = await person_of(stage, "li")
    assert (person.reminders_stopped, person.follow_ups_stopped) == (True, True)


async def test_neutral_words_say_nothing_of_the_matter(stage: Stage) -> None:
    li, wang = await closed_case(stage, "老板拖欠工资不给怎么办")
    await li.says("/safe")
    li.hears("别人会看到吗", choices=["safe:usual", "safe:neutral", "safe:none"])
    await li.presses("safe:neutral")
    li.hears("平常话")
    await wang.says("/remind 1 2d 离婚起诉状带好")
    wang.hears("不提这件事")
    for span in (2 * DAY, DAY, 27 * DAY):
        await stage.passes(span)
        message = li.hears("村服务台")
        assert not any(word in message.text for word in ("#", "案", "工资", "离婚", "王海", "法律"))
        assert {label for _, label in message.choices} == {"都好", "还有事"}
        await li.presses(choices_of(message)[0], on=message)
        li.hears_all()
    wang.hears("#1", "好了")
    wang.hears("#1", "钱拿到了")


async def test_an_answer_about_violence_offers_the_mark(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.says("被家暴了可以申请人身安全保护令吗")
    assert any("/safe" in message.text for message in li.hears_all())


async def test_not_safe_to_write_means_a_call(stage: Stage) -> None:
    li, wang = await closed_case(stage)
    await li.presses("safe:none")
    li.hears("不主动写")
    await stage.passes(3 * DAY)
    li.hears_nothing()
    wang.hears("请打个电话", "#1", "不方便写信")


async def test_violence_is_never_named_on_a_phone(stage: Stage) -> None:
    li, wang = stage.person("li"), await stage.adviser("王海")
    await li.moves_in()
    await li.says("他又打我了")
    await wang.presses("case:1:claim")
    await wang.presses("case:1:close:answered")
    li.hears_all()
    await stage.passes(3 * DAY)
    assert "#1" not in li.hears("村服务台").text


async def test_downtime_over_a_holiday(stage: Stage) -> None:
    stage.clock.now = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)  # 10:00; the national holiday is 1 to 7 October
    li, _ = await closed_case(stage)
    await stage.passes(5 * DAY)
    li.hears_nothing()
    await stage.passes(5 * DAY + 10 * HOUR)  # 8 October, 20:00
    li.hears("解决了吗")
    li.hears_nothing()


async def test_a_long_stop_drops_what_has_lost_its_sense_with_a_note(stage: Stage) -> None:
    li, wang = await closed_case(stage)
    await wang.says("/remind 1 3d 明天开庭")
    wang.hears_all()
    await stage.passes(60 * DAY)
    li.hears_nothing()
    wang.hears("请打个电话", "没问成", "明天开庭")
    assert [(row.state, row.note) for row in await rows_of_case(stage)] == [("dropped", "it was too late to ask")] * 2


async def test_a_blocked_chat_becomes_a_call(stage: Stage) -> None:
    li, wang = await closed_case(stage)
    await li.sends(Blocked())
    await stage.passes(3 * DAY)
    wang.hears("请打个电话", "#1", "关了聊天")
    await li.sends(Joined())
    li.hears_nothing()


async def test_a_chat_closed_right_after_the_question_becomes_a_call_at_the_next_look(stage: Stage) -> None:
    li, wang = await closed_case(stage)
    await stage.passes(3 * DAY)
    li.hears("解决了吗")
    await li.sends(Blocked())
    await stage.passes(3 * DAY)
    wang.hears_nothing()
    await stage.passes(DAY)
    wang.hears("请打个电话", "#1", "关了聊天")
    await stage.passes(10 * DAY)
    wang.hears_nothing()
    li.hears_nothing()
    assert [(row.state, row.asked_times) for row in await rows_of_case(stage)] == [("dropped", 1)]


async def test_a_chat_closed_after_the_second_question_is_no_silence(stage: Stage) -> None:
    li, _ = await closed_case(stage)
    await stage.passes(3 * DAY)
    await stage.passes(4 * DAY)
    await li.sends(Blocked())
    await stage.passes(4 * DAY)
    assert await calls_open(stage) == ["blocked"]


@pytest.mark.parametrize("ending", ["silence", "closed chat", "unsafe"])
@pytest.mark.parametrize(
    ("words", "called"),
    [
        ("老板拖欠工资不给怎么办", True),  # a time limit runs
        ("怎么申请法律援助", False),
    ],
)
async def test_after_a_plain_answer_somebody_calls_only_with_a_reason(
    stage: Stage, words: str, called: bool, ending: str
) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.says(words)
    if ending == "unsafe":
        await li.presses("safe:none")
    if any("告诉我日子" in message.text for message in li.hears_all()):
        await li.says("上个月十五号")
        li.hears_all()
    if ending == "closed chat":
        await li.sends(Blocked())
    for _ in range(4):
        await stage.passes(4 * DAY)
    asked = [message for message in li.hears_all() if "解决了吗" in message.text]
    assert len(asked) == (2 if ending == "silence" else 0)
    assert bool(await calls_open(stage)) == called


async def test_violence_in_answer_to_a_follow_up_without_a_case(stage: Stage) -> None:
    li, wang = stage.person("li"), await stage.adviser("王海")
    await li.moves_in()
    await li.says("怎么申请法律援助")
    li.hears_all()
    await stage.passes(3 * DAY)
    li.hears("解决了吗")
    await li.says("他又打我了")
    li.hears_among("110", "12338")
    wang.hears("【紧急】", "他又打我了", choices=["case:1:claim"])
    async with stage.app.db.read() as uow:
        case = await uow.cases.get(1)
    assert case is not None
    assert (case.urgent, case.kind) == (True, "violence")


async def test_violence_in_answer_to_a_question_about_an_open_case(stage: Stage) -> None:
    li, wang = await claimed_case(stage)
    await wang.says("/perform 1 2026-12-20 付三千")
    wang.hears_all()
    await stage.passes(26 * DAY + HOUR)
    li.hears_among("付三千", "做到了吗")
    await li.says("没给，他又打我了")
    li.hears_among("110")
    wang.hears_among("【紧急】", "又打我了")
    async with stage.app.db.read() as uow:
        case = await uow.cases.get(1)
        assert await uow.cases.get(2) is None
    assert case is not None
    assert case.urgent


async def test_violence_in_an_open_case_whose_adviser_is_not_there(stage: Stage) -> None:
    li, wang = stage.person("li"), await stage.adviser("王海", on_duty=False)
    await stage.shift("王海", stage.clock.now - HOUR, stage.clock.now + HOUR)
    await li.moves_in()
    await li.says("/person")
    await wang.presses("case:1:claim")
    chen = await stage.adviser("陈静")
    await stage.passes(2 * DAY)
    for row in (li, wang, chen):
        row.hears_all()
    await li.says("他又打我了")
    li.hears_among("110")
    wang.hears_among("【紧急】", "他又打我了")
    chen.hears_among("【紧急】", "#1", "王海", "不当班", "又打我了")


async def test_with_two_open_cases_each_answer_reaches_its_own(stage: Stage) -> None:
    li, wang = await closed_case(stage)
    chen = await stage.adviser("陈静")
    await li.says("/person")
    await chen.presses("case:2:claim")
    await wang.says("/remind 1 1d 甲事还好吗")
    await stage.passes(DAY)
    first = li.hears_among("甲事还好吗")
    await li.presses(choices_of(first)[1], on=first)  # no: case 1 opens again beside case 2
    for row in (wang, chen, li):
        row.hears_all()
    await wang.says("/remind 1 1d 甲事钱到了吗")
    await chen.says("/remind 2 2d 乙事钱到了吗")
    wang.hears_all()
    chen.hears_all()
    await stage.passes(DAY)
    about_one = li.hears_among("甲事钱到了吗")
    await stage.passes(DAY)
    li.hears_among("乙事钱到了吗")
    await li.says("还没给")  # the last thing asked: case 2
    chen.hears_among("#2", "乙事钱到了吗")
    wang.hears_nothing_of("乙事")
    await li.says("给了", reply_to=about_one)
    wang.hears_among("#1", "甲事钱到了吗")
    chen.hears_nothing_of("甲事")


async def test_an_unclear_answer_is_kept_and_asked_about_once(stage: Stage) -> None:
    li, wang = await closed_case(stage)
    await stage.passes(3 * DAY)
    li.hears("解决了吗")
    await li.says("他说下个月再看看")
    li.hears("点一下", "法律顾问", choices=["solved:yes", "solved:no"])
    wang.hears("#1", "他说下个月再看看")
    await li.presses("solved:no")
    li.hears("重新打开")
    wang.hears("他说下个月再看看")


async def test_a_spoken_answer_goes_to_the_adviser(stage: Stage) -> None:
    li, wang = await closed_case(stage)
    stage.channel.files["v"] = b"OggS-voice"
    await stage.passes(3 * DAY)
    li.hears("解决了吗")
    await li.sends(Voice(Attachment("voice", "v.ogg", 10, remote="v"), 3))
    li.hears("点一下", choices=["solved:yes"])
    assert wang.hears("#1", "语音").blob_id


async def test_a_question_after_a_follow_up_is_a_question(stage: Stage) -> None:
    li, _ = await closed_case(stage)
    await stage.passes(3 * DAY)
    li.hears("解决了吗")
    await li.says("借出去的钱不还怎么办")
    li.hears("依据")
    await li.says("没有")
    assert "重新打开" not in li.hears_all()[0].text


async def test_an_old_button_keeps_its_case(stage: Stage) -> None:
    li, wang = await closed_case(stage)
    await wang.says("/remind 1 1d 甲事的话")
    await stage.passes(DAY)
    first = li.hears("甲事的话")
    await li.says("/person")
    li.hears("#2")
    await li.presses(choices_of(first)[1], on=first)
    li.hears("#1", "重新打开")


async def test_a_no_to_one_case_while_another_is_open(stage: Stage) -> None:
    li, wang = await closed_case(stage)
    await li.says("/person")
    li.hears("#2")
    await wang.presses("case:2:claim")
    await wang.says("/reply 2 在看了")
    await wang.says("/remind 1 1d 甲事的话")
    li.hears_all()
    await stage.passes(DAY)
    li.hears("甲事的话")
    wang.hears_all()
    await li.says("还没有")
    li.hears("#1", "重新打开")


async def test_somebody_else_s_button_means_nothing(stage: Stage) -> None:
    li, wang = await closed_case(stage)
    await wang.says("/remind 1 1d 我的话")
    await stage.passes(DAY)
    li.hears_all()
    mei = stage.person("mei")
    await mei.moves_in()
    for choice in ("fu:2:no", "fu:2", "fu::no", "fu:99999999999:no", "fu:²:no", "fu:2:maybe", "call:1:done", "hour:77"):
        await mei.presses(choice)
    assert all("重新打开" not in message.text for message in mei.hears_all())
    assert {row.state for row in await rows_of_case(stage)} == {"planned", "asked"}


async def test_what_an_adviser_may_plan(stage: Stage) -> None:
    li, wang = await claimed_case(stage)
    chen = await stage.adviser("陈静")
    for words, said in (
        ("/perform", "这样写"),
        ("/perform x", "这样写"),
        ("/perform 1", "没看懂日期"),
        ("/perform 1 2026-02-30 x", "没看懂日期"),
        ("/perform 1 2026-11-23 x", "已经过了"),
        ("/perform 1 2099-01-01 x", "太远"),
        ("/perform 1 " + " ".join(f"2026-12-{day:02d}" for day in range(1, 29)), "太多"),
        ("/perform 99 2026-12-20", "没有案件"),
        ("/remind 1", "没看懂日期"),
        ("/remind 1 3d", "没写"),
        ("/remind 1 9999d x", "太远"),
        ("/remind 1 2026-12-01 " + "长" * 1001, "太长"),
    ):
        await wang.says(words)
        wang.hears(said)
    await chen.says("/remind 1 3d 我来说")
    chen.hears_all()
    await wang.says("/perform 1 2026-12-20 付钱")
    await wang.says("/perform 1 2026-12-20 付钱")
    assert [(row.kind, row.words) for row in await rows_of_case(stage)] == [("performance", "付钱")]
    await li.says("/remind 1 3d x")
    li.hears("工作人员")


async def test_what_was_planned_before_the_upgrade_is_still_asked(stage: Stage) -> None:
    li, _ = await closed_case(stage)
    async with stage.app.db.write() as uow:
        for task in await uow.tasks.listed():
            await uow.tasks.finish(task, stage.clock.now, dropped="replaced")
        for row in await uow.follow_ups.of_case(1):
            row.state = "dropped"
        await uow.tasks.schedule(
            "follow_up", stage.clock.now + 3 * DAY, "follow_up:case:1:0", {"case_id": 1, "reopened": 0}
        )
        await uow.commit()
    await stage.passes(3 * DAY + 14 * HOUR)
    li.hears_nothing()
    await stage.passes(9 * HOUR)
    li.hears("#1", "解决了吗")
    await li.presses("solved:no")
    li.hears("重新打开")
    async with stage.app.db.read() as uow:
        tasks: list[Task] = await uow.tasks.listed()
    assert len([row for row in await rows_of_case(stage) if row.state == "answered"]) == 1
    assert all(task.state != "failed" for task in tasks)
