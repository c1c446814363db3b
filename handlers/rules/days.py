"""A day as people say it -> the days it may mean, seen from today. Chinese and English, common and farmers' calendar.

Whole days, local to the county. What is not chiefly a day is none: a longer message is a question, not an answer.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from handlers.rules.lunar import feast, lunar_day

Why = Literal["no_day", "future", "absurd"]
Span = tuple[date, date]

LONGEST = 60
"""Characters of a message that may still be nothing but a day."""
_MOST_REST_ZH, _MOST_REST_EN = 14, 40
"""Characters beside the day, without those that say nothing."""
_OLDEST_YEARS = 80
_AROUND = 15
"""Days that 'around' and 'after' a feast may mean."""
_BEFORE = 30


@dataclass(frozen=True, slots=True)
class Said:
    """The days that may be meant. `exact`: one day, said as such; else the first counts, so that no limit is missed."""

    first: date
    last: date
    exact: bool


@dataclass(frozen=True, slots=True)
class NoDay:
    """`no_day`: something else was said. `future`: the day has not come yet. `absurd`: there is no such day, or it is
    longer ago than anybody's memory."""

    why: Why


class _NotADayError(Exception):
    """A day was named that does not exist."""


_N = r"[0-9零〇○一二三四五六七八九十廿卅两]{1,3}"
_YEAR_SAID = r"(?P<y>(?:[0-9]{4}|[0-9]{2}|[零〇○一二三四五六七八九]{2,4})(?=年)|今年|去年|大前年|前年|上年|头年)"
_YEAR = rf"(?:{_YEAR_SAID}年?的?)?"
_DIGITS = {sign: str(number) for number, sign in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0", "两": "2"}
_ENDS = {"初": (1, 10), "头": (1, 10), "中": (11, 20), "底": (21, 31), "末": (21, 31)}
_PARTS = {
    "年初": (1, 2), "初": (1, 2), "年中": (5, 7), "中": (5, 7), "年底": (11, 12), "年末": (11, 12), "底": (11, 12),
    "上半年": (1, 6),
    "下半年": (7, 12), "春天": (2, 5), "开春": (2, 4), "夏天": (5, 8), "秋天": (8, 11), "冬天": (11, 12), "": (1, 12),
}  # fmt: skip
"""Months that a part of the year means."""
_FEAST_NAMES = {
    "春节": "spring", "过年": "spring", "过大年": "spring", "新年": "spring", "除夕": "eve", "大年三十": "eve",
    "年三十": "eve",
    "大年夜": "eve", "小年": "little_new_year", "元宵节": "lantern", "元宵": "lantern", "清明节": "qingming",
    "清明": "qingming",
    "五一": "may_day", "劳动节": "may_day", "端午节": "dragon_boat", "端午": "dragon_boat", "端阳": "dragon_boat",
    "七夕": "sevens",
    "中秋节": "mid_autumn", "中秋": "mid_autumn", "国庆节": "national_day", "国庆": "national_day",
    "十一": "national_day",
    "元旦": "new_year", "阳历年": "new_year", "重阳节": "double_ninth", "重阳": "double_ninth", "腊八": "laba",
    "三八": "womens_day",
    "妇女节": "womens_day", "六一": "childrens_day", "儿童节": "childrens_day", "八一": "army_day", "圣诞": "christmas",
    "spring festival": "spring", "chinese new year": "spring", "lunar new year": "spring",
    "lantern festival": "lantern",
    "qingming": "qingming", "tomb sweeping": "qingming", "may day": "may_day", "labour day": "may_day",
    "dragon boat": "dragon_boat", "mid-autumn": "mid_autumn", "mid autumn": "mid_autumn",
    "national day": "national_day",
    "new year's day": "new_year", "christmas": "christmas",
}  # fmt: skip
_FEAST = "|".join(sorted((name for name in _FEAST_NAMES if not name.isascii()), key=len, reverse=True))
_EN_FEAST = "|".join(sorted((name for name in _FEAST_NAMES if name.isascii()), key=len, reverse=True))
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")  # fmt: skip
_MONTH = "|".join(f"{name}|{name[:3]}" for name in _MONTHS) + "|sept"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "a couple of": 2, "few": 3, "a few": 3,
}  # fmt: skip


def _number(text: str) -> int:
    """A numeral of at most four signs. Raises _NotADayError for what is none."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    if "十" in text:
        tens, _, ones = text.partition("十")
        parts = [_DIGITS.get(tens, tens) or "1", _DIGITS.get(ones, ones) or "0"]
        if all(part.isdigit() and len(part) == 1 for part in parts):
            return int(parts[0]) * 10 + int(parts[1])
        raise _NotADayError(text)
    digits = "".join(_DIGITS.get(sign, sign) for sign in text)
    if not digits.isdigit():
        raise _NotADayError(text)
    return int(digits)


def _year(said: str | None, today: date) -> int | None:
    """The year that was said; None for none."""
    if not said:
        return None
    back = {"今年": 0, "去年": 1, "上年": 1, "头年": 1, "前年": 2, "大前年": 3}.get(said)
    if back is not None:
        return today.year - back
    number = _number(said)
    return number if number >= 100 else 2000 + number if number <= today.year % 100 else 1900 + number


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _latest(make: Callable[[int], Span | None], year: int | None, today: date) -> Span:
    """What was said, in that year; without a year, the last time it was. Raises _NotADayError where it never was."""
    years = range(today.year, today.year - 20, -1) if year is None else [year]
    for candidate in years:
        found = make(candidate)
        if found is not None and (year is not None or found[0] <= today):
            return found
    raise _NotADayError


def _month_span(year: int, first: int, last: int) -> Span:
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _back(day: date, months: int) -> date:
    """The day of the same number some months earlier, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        raise _NotADayError
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _one(day: date | None) -> Span | None:
    return None if day is None else (day, day)


def _numeric(found: re.Match[str], today: date) -> Span:
    return _latest(lambda year: _one(_date(year, int(found["m"]), int(found["d"]))), _year(found["y"], today), today)


def _month_and_day(found: re.Match[str], today: date) -> Span:
    """'3月5号', '农历八月十五', '去年腊月二十', '正月初三'."""
    said, day = found["m"], found["d"]
    month = {"正": 1, "冬": 11, "腊": 12}.get(said) or _number(said)
    year, number = _year(found["y"], today), _number(day.lstrip("初"))
    leap = bool(found["leap"])
    lunar = bool(found["cal"] or leap or said in "正冬腊" or day[0] in "初廿")

    def common(year: int) -> Span | None:
        return _one(_date(year, month, number))

    def farmers(year: int) -> Span | None:
        return _one(lunar_day(year, month, number, leap=leap))

    if lunar:
        # A leap month comes back after up to 19 years; the 12th month of a year lies in the next.
        return _latest(farmers, year, today)
    if found[0].endswith("八月十五"):
        both = [_latest(common, year, today), _latest(farmers, year, today)]
        return min(both)[0], max(both)[1]
    return _latest(common, year, today)


def _new_year_day(found: re.Match[str], today: date) -> Span:
    number = _number(found["d"].lstrip("初"))
    return _latest(lambda year: _one(lunar_day(year, 1, number)), _year(found["y"], today), today)


def _months_ago(said: str) -> int:
    return {"上上": 2, "上": 1}.get(said, 0)


def _day_of_month(found: re.Match[str], today: date) -> Span:
    """'上个月十五号', '这个月3号'."""
    month = _back(today.replace(day=1), _months_ago(found["k"]))
    return _latest(lambda year: _one(_date(year, month.month, _number(found["d"]))), month.year, today)


def _part_of_month(found: re.Match[str], today: date) -> Span:
    """'上个月', '上个月底'."""
    return _cut(_back(today.replace(day=1), _months_ago(found["k"])), found["p"])


def _cut(month: date, part: str | None) -> Span:
    first, last = _ENDS.get(part or "", (1, 31))
    whole = calendar.monthrange(month.year, month.month)[1]
    return month.replace(day=first), month.replace(day=min(last, whole))


def _month_only(found: re.Match[str], today: date) -> Span:
    """'去年3月', '三月底'; of the farmers' calendar '腊月', '正月里'."""
    lunar = {"正": 1, "冬": 11, "腊": 12}.get(found["m"])
    number = lunar or _number(found["m"])

    def farmers(year: int) -> Span | None:
        start = lunar_day(year, number, 1)
        return None if start is None else (start, start + timedelta(days=29))

    def common(year: int) -> Span | None:
        month = _date(year, number, 1)
        return None if month is None else _cut(month, found["p"])

    return _latest(farmers if lunar or found["cal"] else common, _year(found["y"], today), today)


def _days_ago(found: re.Match[str], today: date) -> Span:
    word = found[0]
    for back, names in enumerate((("今", "刚"), ("昨",), ("前天", "前日"), ("大前天",))):
        if word.startswith(names):
            return today - timedelta(days=back), today - timedelta(days=back)
    return today - timedelta(days=9), today - timedelta(days=1)


def _ago(found: re.Match[str], today: date) -> Span:
    """'三天前', '半个月前', '一年半以前', '几个月前'."""
    said, unit = found["n"], found["u"]
    if said in {"几", "好几", "若干"}:
        return _shift(today, 9, unit), _shift(today, 2, unit)
    if said == "半":
        days = {"月": 15, "年": 0}.get(unit[-1], 4)
        day = _back(today, 6) if unit[-1] == "年" else today - timedelta(days=days)
        return day, day
    number = _number(said)
    day = _shift(today, number, unit)
    if found["half"] or "半" in (found["mid"] or ""):
        day = _back(day, 6) if unit[-1] == "年" else day - timedelta(days=15)
    if found["more"] or "多" in (found["mid"] or ""):
        return _shift(today, number + max(1, number // 2), unit), day
    return day, day


def _shift(today: date, number: int, unit: str) -> date:
    try:
        if unit[-1] in "天日":
            return today - timedelta(days=number)
        if unit[-1] in "期周拜":
            return today - timedelta(weeks=number)
    except OverflowError:
        raise _NotADayError from None
    return _back(today, number * (12 if unit[-1] == "年" else 1))


def _weekday(found: re.Match[str], today: date) -> Span:
    """'上周三', '这周一', '上周'; 'last week' too is the one before this."""
    monday = today - timedelta(days=today.weekday(), weeks={"上上": 2, "上": 1}.get(found["k"] or "", 0))
    if not found["w"]:
        return monday, monday + timedelta(days=6)
    day = monday + timedelta(days="一二三四五六日".index(found["w"].replace("天", "日").translate(_WEEK_DIGITS)))
    if not found["k"] and day > today:
        day -= timedelta(weeks=1)
    return day, day


_WEEK_DIGITS = str.maketrans("1234567", "一二三四五六日")


def _feast_time(found: re.Match[str], today: date) -> Span:
    """'春节前', '过年前后', '中秋', '国庆后'; 'before the Spring Festival'."""
    name = _FEAST_NAMES[found["f"]]
    how = found["how"] or ""

    def around(year: int) -> Span | None:
        days = feast(name, year)
        if days is None:
            return None
        first, last = days
        if re.fullmatch(r"(?:以|之)?前|before", how):
            return first - timedelta(days=_BEFORE), first - timedelta(days=1)
        if re.fullmatch(r"前后|左右|那会儿?|那阵子?|那几天|around|about", how):
            return first - timedelta(days=_AROUND), first + timedelta(days=_AROUND)
        if how and how not in {"期间", "at", "on", "during"}:
            return last + timedelta(days=1), last + timedelta(days=_AROUND)
        return first, last

    said = found.groupdict().get("y")
    year = int(said) if said and said.isdigit() and len(said) == 4 else _year(said, today)
    return _latest(around, year, today)


def _day_only(found: re.Match[str], today: date) -> Span:
    """'15号': the last one that was."""
    number = _number(found["d"])
    if not 1 <= number <= 31:
        raise _NotADayError
    for months in range(3):
        month = _back(today.replace(day=1), months)
        day = _date(month.year, month.month, number)
        if day is not None and day <= today:
            return day, day
    raise _NotADayError


def _two_numbers(found: re.Match[str], today: date) -> Span:
    return _latest(lambda year: _one(_date(year, int(found["m"]), int(found["d"]))), None, today)


def _part_of_year(found: re.Match[str], today: date) -> Span:
    """'去年', '年初', '前年下半年'."""
    first, last = _PARTS[found["p"] or ""]
    return _latest(lambda year: _month_span(year, first, last), _year(found["y"], today), today)


def _en_month(name: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name[:3]))


def _en_day(found: re.Match[str], today: date) -> Span:
    """'15 March 2026', 'March 15th', 'in March'."""
    month = _en_month(found["mon"])
    year = int(found["y"]) if found["y"] else None
    day = found["d"]
    if not day:
        return _latest(lambda year: _month_span(year, month, month), year, today)
    return _latest(lambda year: _one(_date(year, month, int(day))), year, today)


def _en_ago(found: re.Match[str], today: date) -> Span:
    number = _COUNTS.get(found["n"]) or int(found["n"])
    unit = {"day": "天", "week": "周", "month": "月", "year": "年"}[found["u"]]
    day = _shift(today, number, unit)
    return (_shift(today, 9, unit), _shift(today, 2, unit)) if "few" in found["n"] else (day, day)


def _en_word(found: re.Match[str], today: date) -> Span:
    back = {"today": 0, "yesterday": 1, "last night": 1, "the day before yesterday": 2}[found[0]]
    return today - timedelta(days=back), today - timedelta(days=back)


def _en_last(found: re.Match[str], today: date) -> Span:
    what = found["w"]
    if what == "week":
        monday = today - timedelta(days=today.weekday(), weeks=1)
        return monday, monday + timedelta(days=6)
    if what == "month":
        return _cut(_back(today.replace(day=1), 1), None)
    if what == "year":
        return _month_span(today.year - 1, 1, 12)
    day = today - timedelta(days=((today.weekday() - _WEEKDAYS.index(what) - 1) % 7) + 1)
    # 'Last Friday' said on a Monday may be the Friday of the week before the one just past.
    return (day - timedelta(weeks=1), day) if today.weekday() > _WEEKDAYS.index(what) else (day, day)


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Span]], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (r"(?<!\d)(?P<y>\d{4})\s*[-./年]\s*(?P<m>\d{1,2})\s*[-./月]\s*(?P<d>\d{1,2})(?!\d)[日号好曰]?", _numeric),
        (r"(?<!\d)(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?!\d)", _numeric),
        (r"(?<![\d.])(?P<y>\d{2})[./](?P<m>\d{1,2})[./](?P<d>\d{1,2})(?![\d.])", _numeric),
        (r"(?<!\d)(?P<y>20\d{2})[-./](?P<cal>)(?P<m>1[0-2]|0?[1-9])(?P<p>)(?![\d.])", _month_only),
        (rf"{_YEAR}大?年(?P<d>初{_N})", _new_year_day),
        (rf"{_YEAR}(?P<cal>农历|阴历|旧历)?(?P<leap>闰)?(?P<m>正|冬|腊|{_N})月份?(?P<d>初?{_N})[日号好曰]?(?!天|个|月|年)",
         _month_and_day),
        (r"大前天|前天|前日|昨[天日晚儿曰]|今[天日早晚儿]|刚才|刚刚|前几天|前两天|前些天|这几天|前些日子", _days_ago),
        (rf"(?P<n>半|好?几|若干|{_N})(?P<more>多|来)?(?P<mid>个[半多]?)?(?P<u>天|日|星期|周|礼拜|月|年)(?P<half>半)?(?:以前|之前|前)",
         _ago),
        (r"(?P<k>上上|上|这|本)?个?(?:星期|星其|周|礼拜)(?P<w>[一二三四五六日天1-7])", _weekday),
        (r"(?P<k>上上|上)个?(?P<w>)(?:星期|星其|周|礼拜)", _weekday),
        (rf"(?P<k>上上|上|这|本)个?月(?P<d>{_N})[日号好曰]?", _day_of_month),
        (r"(?P<k>上上|上|这|本)个?月(?P<p>[初头中底末])?", _part_of_month),
        (rf"{_YEAR}(?P<cal>农历|阴历|旧历)?(?P<m>正|冬|腊|{_N})月份?(?P<p>[初头中底末])?", _month_only),
        (rf"{_YEAR}(?P<f>{_FEAST})(?!月|号|日|点|个)"
         r"(?P<how>前后|左右|那会儿?|那阵子?|那几天|期间|(?:以|之)?前|(?:以|之|过)?后|过完)?",
         _feast_time),
        (r"(?:(?P<how>before|after|around|about|at|on|during) )?(?:the )?"
         rf"(?P<f>{_EN_FEAST})(?: (?:of )?(?P<y>\d{{4}}))?",
         _feast_time),
        (r"(?<![\d.])(?P<m>1[0-2]|0?[1-9])[./-](?P<d>3[01]|[12]\d|0?[1-9])(?![\d.%])[日号]?", _two_numbers),
        (rf"(?P<d>(?<![0-9]){_N})[日号](?![楼院门线车房])", _day_only),
        (rf"{_YEAR_SAID}年?的?(?P<p>年初|年中|年底|年末|上半年|下半年|春天|开春|夏天|秋天|冬天|初|中|底)?",
         _part_of_year),
        (r"(?P<y>)(?P<p>年初|年中|年底|年末|上半年|下半年|开春)", _part_of_year),
        (rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<mon>{_MONTH})\b\.?,?(?: (?P<y>\d{{4}}))?", _en_day),
        (rf"\b(?P<mon>{_MONTH})\b\.? (?P<d>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?(?:,? (?P<y>\d{{4}}))?", _en_day),
        (rf"(?:^|\b(?:in|last) )(?P<d>)(?P<mon>{_MONTH})\b(?:,? (?P<y>\d{{4}}))?", _en_day),
        (r"\bthe day before yesterday|yesterday|today|last night", _en_word),
        (rf"\b(?P<n>\d{{1,3}}|{'|'.join(sorted(_COUNTS, key=len, reverse=True))}) (?P<u>day|week|month|year)s? ago",
         _en_ago),
        (rf"\blast (?P<w>week|month|year|{'|'.join(_WEEKDAYS)})", _en_last),
    )
)  # fmt: skip
_QUESTION = re.compile(
    r"[?？]|怎么|咋|吗|能不能|可不可以|如何|什么|啥|谁|为何|要不要|多少|哪|几时|办"
    r"|\b(how|what|can|should|why|who|do i|could)\b"
)
_FUTURE = re.compile(
    r"(?:大?后天|明[天日年]|后年|下+个?(?:周|星期|礼拜|月)|[一二两三四五六七八九十\d]+(?:天|周|年|个月)(?:以|之)?后)[一二三四五六七八九十日天\d号月底初]*"
    rf"|tomorrow|next (?:week|month|year|{_MONTH}|{'|'.join(_WEEKDAYS)})"
)
_PART_OF_DAY = "早上|上午|中午|下午|傍晚|晚上|夜里|半夜"
_TIME_OF_DAY = re.compile(
    rf"(?:{_PART_OF_DAY})?{_N}点(?:半|多|钟|{_N}分?)?|{_PART_OF_DAY}"
    r"|\d{1,2}:\d{2}|(?:at )?\b\d{1,2} ?(?:am|pm)\b"
)
_NOTHING_SAID = re.compile(
    r"[\s,，。.、;；:：!！~…()（）]|我|是|在|大概|大约|应该|可能|好像|差不多|估计|左右|前后|那天|那会儿?|的|了|吧|呢|就|才|都|或者|到|和|还是"
)


def said_day(text: str, today: date) -> Said | NoDay:
    """The day a message says, if it says hardly anything else. Two days in it give the range from one to the other."""
    words = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    words = re.sub(r"(?<=[\u3400-\u9fff\d]) (?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff]) (?=\d)", "", words)
    if len(words) > LONGEST or _QUESTION.search(words):
        return NoDay("no_day")
    if _FUTURE.search(words):
        return NoDay("no_day" if _NOTHING_SAID.sub("", _FUTURE.sub("", words)) else "future")
    words = _TIME_OF_DAY.sub("", words)
    spans: list[Span] = []
    for _ in range(2):
        try:
            span, words = _first(words, today)
        except (_NotADayError, ValueError, OverflowError):
            return NoDay("absurd")
        if span is not None:
            spans.append(span)
    rest = _NOTHING_SAID.sub("", words)
    limit = _MOST_REST_ZH if re.search(r"[\u3400-\u9fff]", rest) else _MOST_REST_EN
    if not spans or len(rest) > limit or any(sign.isdigit() for sign in rest):
        return NoDay("no_day")
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    if first > today:
        return NoDay("future")
    if first.year < today.year - _OLDEST_YEARS:
        return NoDay("absurd")
    last = min(last, today)
    return Said(first, last, exact=first == last)


def _first(words: str, today: date) -> tuple[Span | None, str]:
    """The first reading that fits, and the words without it. Raises _NotADayError."""
    for pattern, reader in _READERS:
        found = pattern.search(words)
        if found is not None:
            return reader(found, today), f"{words[: found.start()]} {words[found.end() :]}"
    return None, words
