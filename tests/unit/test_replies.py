"""Typed answers, stop words, and what advisers write to plan something; hostile input included."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.rules.planning import Dates, Reminder, read_performance, read_reminder
from handlers.rules.replies import may_be_reply, read_reply, read_wish

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("都好", "yes"), ("还有事", "no"), ("还没给", "no"), ("没有。", "no"), ("还没给呢", "no"), ("No!", "no"),
        ("not yet", "no"),
        ("工资没发", "no"), ("拿到了", "yes"), ("拿到了，谢谢", "yes"), ("给吧", None), ("谢谢，解决了", "yes"),
        ("Yes", "yes"), ("都给了！", "yes"), ("嗯，给了", "yes"), ("没有合同怎么办", None),
        ("不给工资能告吗", None), ("解决了吗", None), ("给了一半", None), ("好", None), ("", None), ("👍", None),
        ("no contract what can i do", None), ("拿到了" * 20, None),
    ],
)  # fmt: skip
def test_plain_answers(text: str, answer: str | None) -> None:
    assert read_reply(text) == answer


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("退订", "stop"), ("不要回访！", "stop"), ("STOP", "stop_this"), ("stop follow-ups", "stop"),
        ("不要提醒", "stop_reminders"), ("stop reminders", "stop_reminders"), ("恢复回访", "start"),
        ("恢复提醒", "start_reminders"), ("老板停工了", None), ("how can I stop him", None),
        ("别再问了我什么时候能拿到钱", None), ("", None), ("停", "stop_this"), ("停。", "stop_this"),
        ("别再问了", "stop"), ("莫问了！", "stop"), ("不用再问我了", None), ("别发了", "stop_this"),
        ("Don't ask again", "stop"), ("leave me alone", "stop_this"), ("别再提醒了", "stop_reminders"),
        ("停工了", None), ("停电", None), ("别问他了", None),
    ],
)  # fmt: skip
def test_one_word_and_nothing_else(text: str, wish: str | None) -> None:
    assert read_wish(text) == wish


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    assert read_reply(text) in {"yes", "no", None}
    read_wish(text)
    may_be_reply(text, about_case=True)
    assert not isinstance(read_performance(text, TODAY), Reminder)
    read_reminder(text, NOW, ZONE)


@given(st.lists(st.dates(TODAY, date(2031, 11, 1)), min_size=1, max_size=24), st.sampled_from([" ", ", ", "、", "，"]))
def test_dates_of_performance(days: list[date], between: str) -> None:
    read = read_performance(between.join(str(day) for day in days) + between + "付三千", TODAY)
    assert read == Dates(tuple(sorted(set(days))), "付三千")


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("3d 带合同", NOW + timedelta(days=3), "带合同"),
        ("2小时，带合同", NOW + timedelta(hours=2), "带合同"),
        ("1 week bring it", NOW + timedelta(days=7), "bring it"),
        ("2个星期 带合同", NOW + timedelta(days=14), "带合同"),
        ("2026-12-01 带合同", datetime(2026, 12, 1, 1, 0, tzinfo=UTC), "带合同"),
        ("2026年12月1日带 2 份", datetime(2026, 12, 1, 1, 0, tzinfo=UTC), "带 2 份"),
        ("2026-11-24 今天", NOW, "今天"),
    ],
)
def test_reminders(text: str, at: datetime, words: str) -> None:
    assert read_reminder(text, NOW, ZONE) == Reminder(at, words)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no_date"), ("带合同", "no_date"), ("３d 带合同", "no_date"), ("99999d x", "no_date"),
        ("9999w x", "too_far"), ("2026-11-23 x", "past"), ("2026-13-01 x", "no_date"), ("3d", "no_words"),
        ("3d !!!", "no_words"), ("3d " + "x" * 1001, "too_long"),
    ],
)  # fmt: skip
def test_what_cannot_be_planned(text: str, fault: str) -> None:
    assert read_reminder(text, NOW, ZONE) == fault
