"""Days as people say them: a table of examples, and what holds for whatever is typed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.rules.days import LONGEST, NoDay, Said, said_day
from handlers.rules.lunar import FEASTS, feast, lunar_day

TODAY = date(2026, 11, 25)
"""A Wednesday; the Spring Festival was on 17 February."""


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026年3月5日", "2026-03-05"), ("２０２６年３月５日", "2026-03-05"), ("二〇二六年三月五日", "2026-03-05"),
        ("2026-3-5", "2026-03-05"), ("2026.03.05", "2026-03-05"), ("20260305", "2026-03-05"),
        ("25年3月1日", "2025-03-01"),
        ("3月5号", "2026-03-05"), ("3月5好", "2026-03-05"), ("三月 5 号", "2026-03-05"), ("3.5", "2026-03-05"),
        ("12月5日", "2025-12-05"), ("去年3月5号", "2025-03-05"), ("我是3月5号收到判决书的", "2026-03-05"),
        ("今天", "2026-11-25"), ("昨天", "2026-11-24"), ("昨晚", "2026-11-24"), ("前天", "2026-11-23"),
        ("大前天", "2026-11-22"), ("三天前", "2026-11-22"), ("两个星期前", "2026-11-11"), ("半个月前", "2026-11-10"),
        ("两年前", "2024-11-25"), ("一年半以前", "2025-05-25"), ("上周三", "2026-11-18"), ("上星期天", "2026-11-22"),
        ("上上周五", "2026-11-13"), ("周一", "2026-11-23"), ("星期六", "2026-11-21"), ("上个月十五号", "2026-10-15"),
        ("这个月3号", "2026-11-03"), ("十五号", "2026-11-15"), ("28号", "2026-10-28"), ("去年腊月二十", "2026-02-07"),
        ("农历八月十五", "2026-09-25"), ("阴历二月二", "2026-03-20"), ("正月初三", "2026-02-19"),
        ("大年初一", "2026-02-17"),
        ("除夕", "2026-02-16"), ("去年闰六月初三", "2025-07-27"), ("中秋", "2026-09-25"), ("端午节", "2026-06-19"),
        ("元旦", "2026-01-01"), ("十一月三号", "2026-11-03"), ("last Friday", "2026-11-20"), ("15 March", "2026-03-15"),
        ("March 15th, 2025", "2025-03-15"), ("two weeks ago", "2026-11-11"), ("yesterday", "2026-11-24"),
        ("the day before yesterday", "2026-11-23"), ("I got it on 5 June", "2026-06-05"), ("3 days ago", "2026-11-22"),
        ("昨天下午5点", "2026-11-24"), ("前天晚上", "2026-11-23"), ("25.5.1", "2025-05-01"), ("25/5/1", "2025-05-01"),
    ],
)  # fmt: skip
def test_one_day(text: str, day: str) -> None:
    expected = date.fromisoformat(day)
    assert said_day(text, TODAY) == Said(expected, expected, exact=True)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("春节前", "2026-01-18", "2026-02-16"), ("过年前后", "2026-02-02", "2026-03-04"),
        ("国庆后", "2026-10-08", "2026-10-22"), ("去年国庆前", "2025-09-01", "2025-09-30"),
        ("十一", "2026-10-01", "2026-10-07"), ("上个月", "2026-10-01", "2026-10-31"),
        ("上个月底", "2026-10-21", "2026-10-31"),
        ("年初", "2026-01-01", "2026-02-28"), ("去年年底", "2025-11-01", "2025-12-31"),
        ("去年", "2025-01-01", "2025-12-31"),
        ("2024年", "2024-01-01", "2024-12-31"), ("去年3月", "2025-03-01", "2025-03-31"),
        ("十一月", "2026-11-01", "2026-11-25"),
        ("腊月", "2026-01-19", "2026-02-17"), ("八月十五", "2026-08-15", "2026-09-25"),
        ("几天前", "2026-11-16", "2026-11-23"),
        ("三个多月前", "2026-07-25", "2026-08-25"), ("3月5号或者3月8号", "2026-03-05", "2026-03-08"),
        ("before the Spring Festival", "2026-01-18", "2026-02-16"), ("last month", "2026-10-01", "2026-10-31"),
        ("2025.5", "2025-05-01", "2025-05-31"), ("in March", "2026-03-01", "2026-03-31"),
        ("last Monday", "2026-11-16", "2026-11-23"),
    ],
)  # fmt: skip
def test_a_range(text: str, first: str, last: str) -> None:
    assert said_day(text, TODAY) == Said(date.fromisoformat(first), date.fromisoformat(last), exact=False)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2027年1月1日", "future"), ("2099-12-31", "future"), ("2026年2月30日", "absurd"), ("1890年1月1日", "absurd"),
        ("9999年圣诞后", "absurd"), ("农历五月三十一", "absurd"), ("", "no_day"), ("离婚怎么办", "no_day"),
        ("老板3月5号没给我发工资怎么办", "no_day"), ("我欠他2000块", "no_day"), ("3天", "no_day"), ("13.45", "no_day"),
        ("I may sue him", "no_day"), ("9999999年前", "no_day"), ("明天", "future"), ("下周三", "future"),
        ("下个月5号", "future"),
        ("明年3月", "future"), ("三天后", "future"), ("next Friday", "future"), ("3号楼", "no_day"),
        ("明天去找他", "no_day"), ("谢谢", "no_day"),
        ("他说下个月给钱", "no_day"), ("3月5日" * 30, "no_day"),
    ],
)  # fmt: skip
def test_no_day(text: str, why: str) -> None:
    assert said_day(text, TODAY) == NoDay(why)  # type: ignore[arg-type]


@given(st.dates(date(1950, 1, 1), TODAY))
def test_a_whole_date_is_itself_however_it_is_written(day: date) -> None:
    assert said_day(f"{day.year}年{day.month}月{day.day}日", TODAY) == said_day(day.isoformat(), TODAY)
    assert said_day(day.isoformat(), TODAY) == Said(day, day, exact=True)


PIECES = st.sampled_from(
    ["去年", "今年", "农历", "闰", "正", "腊", "月", "日", "号", "年", "初", "十", "廿", "三", "〇", "1", "29",
    "9999", "0", "上", "个",
     "周", "前", "后", "半", "多", "春节", "天", "底", ".", "-", "/", " ", "last ", "in ", "march", "ago", "few",
     "days", "天前"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=LONGEST), st.lists(PIECES, max_size=8).map("".join)), st.dates(date(1990, 1, 1)))
def test_whatever_is_typed_is_a_past_range_or_none(text: str, today: date) -> None:
    said = said_day(text, today)
    if isinstance(said, Said):
        assert said.first <= said.last <= today
        assert said.exact == (said.first == said.last)


@given(st.sampled_from(FEASTS), st.integers(1950, 2150))
def test_every_feast_lies_in_its_year(name: str, year: int) -> None:
    found = feast(name, year)
    assert found is None or found[0].year == year
    assert found is not None or name in {"laba", "little_new_year"}


@given(st.integers(1950, 2150), st.integers(1, 12), st.integers(1, 28))
def test_the_days_of_the_farmers_calendar_follow_each_other(year: int, month: int, day: int) -> None:
    first, second = lunar_day(year, month, day), lunar_day(year, month, day + 1)
    assert first is not None
    assert second == first + timedelta(days=1)
    assert lunar_day(year, 13, 1) is None
