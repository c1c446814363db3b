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
        ("大前天", "2026-11-22"), ("三天前", "2026-11-22"), ("3天了", "2026-11-22"), ("有十天了", "2026-11-15"),
        ("上周三", "2026-11-18"), ("上星期天", "2026-11-22"),
        ("上上周五", "2026-11-13"), ("周一", "2026-11-23"), ("星期六", "2026-11-21"),
        ("上个月十五号", "2026-10-15"),
        ("这个月3号", "2026-11-03"), ("十五号", "2026-11-15"), ("28号", "2026-10-28"),
        ("去年腊月二十", "2026-02-07"),
        ("农历八月十五", "2026-09-25"), ("阴历二月二", "2026-03-20"), ("正月初三", "2026-02-19"),
        ("大年初一", "2026-02-17"),
        ("除夕", "2026-02-16"), ("去年闰六月初三", "2025-07-27"), ("中秋", "2026-09-25"), ("端午节", "2026-06-19"),
        ("元旦", "2026-01-01"), ("十一月三号", "2026-11-03"), ("last Friday", "2026-11-20"),
        ("15 March", "2026-03-15"),
        ("March 15th, 2025", "2025-03-15"), ("yesterday", "2026-11-24"),
        ("the day before yesterday", "2026-11-23"), ("I got it on 5 June", "2026-06-05"),
        ("3 days ago", "2026-11-22"),
        ("清明那天", "2026-04-05"), ("2025年清明当天", "2025-04-04"), ("冬至", "2025-12-21"),
        ("七月半", "2026-08-27"),
        ("端午前一天", "2026-06-18"), ("中秋前两天", "2026-09-23"), ("国庆后三天", "2026-10-10"),
        ("年三十晚上", "2026-02-16"),
        ("腊月廿八", "2026-02-15"), ("三月初五", "2026-04-21"), ("老历八月十五", "2026-09-25"),
        ("古历三月三", "2026-04-19"),
        ("闰六月初三", "2025-07-27"), ("初五", "2026-11-13"), ("贰零贰陆年叁月伍日", "2026-03-05"),
        ("2026 3 5", "2026-03-05"),
        ("昨儿个", "2026-11-24"), ("前儿", "2026-11-23"), ("去年今天", "2025-11-25"), ("上个月今天", "2026-10-25"),
        ("当月5号", "2026-11-05"), ("10月8号法院给的判决书", "2026-10-08"), ("5/13/2026", "2026-05-13"),
        ("2026-03-05T10:00", "2026-03-05"), ("this Monday", "2026-11-23"), ("the 15th", "2026-11-15"),
        ("15th of last month", "2026-10-15"), ("this morning", "2026-11-25"),
        ("three days before yesterday", "2026-11-21"),
        ("昨天下午5点", "2026-11-24"), ("前天晚上", "2026-11-23"), ("25.5.1", "2025-05-01"),
        ("25/5/1", "2025-05-01"),
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
        ("上上个月底", "2026-09-21", "2026-09-30"), ("大上个月", "2026-09-01", "2026-09-30"),
        ("三月下旬", "2026-03-21", "2026-03-31"), ("月底", "2026-11-21", "2026-11-25"),
        ("上周末", "2026-11-21", "2026-11-22"),
        ("两个星期前", "2026-11-08", "2026-11-14"), ("半个月前", "2026-11-06", "2026-11-14"),
        ("两年前", "2024-05-25", "2025-05-25"), ("一年半以前", "2024-11-25", "2025-11-25"),
        ("三个月前", "2026-08-10", "2026-09-09"), ("快半年了", "2026-04-10", "2026-07-09"),
        ("两三天前", "2026-11-22", "2026-11-23"), ("三四个月前", "2026-07-10", "2026-09-09"),
        ("前几个月", "2026-02-25", "2026-10-25"), ("上个月二十几号", "2026-10-21", "2026-10-31"),
        ("二十几号", "2026-11-21", "2026-11-25"), ("春节前几天", "2026-02-08", "2026-02-16"),
        ("年前", "2026-01-18", "2026-02-16"), ("过完年", "2026-02-24", "2026-03-10"),
        ("三月三", "2026-03-03", "2026-04-19"),
        ("去年闰六月", "2025-07-25", "2025-08-23"), ("去年这个时候", "2025-11-10", "2025-12-10"),
        ("清明", "2026-04-04", "2026-04-06"), ("two weeks ago", "2026-11-08", "2026-11-14"),
        ("half a year ago", "2026-04-10", "2026-07-09"), ("5/3/2026", "2026-03-05", "2026-05-03"),
        ("the other day", "2026-11-16", "2026-11-24"), ("early March", "2026-03-01", "2026-03-10"),
        ("the end of last month", "2026-10-21", "2026-10-31"), ("in 2025", "2025-01-01", "2025-12-31"),
    ],
)  # fmt: skip
def test_a_range(text: str, first: str, last: str) -> None:
    assert said_day(text, TODAY) == Said(date.fromisoformat(first), date.fromisoformat(last), exact=False)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2027年1月1日", "future"), ("2099-12-31", "future"), ("2026年2月30日", "absurd"),
        ("1890年1月1日", "absurd"),
        ("9999年圣诞后", "absurd"), ("农历五月三十一", "absurd"), ("", "no_day"), ("离婚怎么办", "no_day"),
        ("老板3月5号没给我发工资怎么办", "no_day"), ("我欠他2000块", "no_day"), ("3天", "no_day"),
        ("13.45", "no_day"),
        ("I may sue him", "no_day"), ("9999999年前", "no_day"), ("明天", "future"), ("下周三", "future"),
        ("下个月5号", "future"),
        ("明年3月", "future"), ("三天后", "future"), ("next Friday", "future"), ("3号楼", "no_day"),
        ("明天去找他", "no_day"), ("谢谢", "no_day"),
        ("他说下个月给钱", "no_day"), ("3月5日" * 30, "no_day"), ("干了三年了", "no_day"), ("很久以前", "no_day"),
        ("小时候", "no_day"), ("2026年13月5日", "absurd"), ("31st of this month", "absurd"),
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
