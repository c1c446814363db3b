"""Days as people say them in Chinese: patterns in the order in which they are tried, each with its reader."""

from __future__ import annotations

import re
from datetime import date, timedelta

from handlers.rules.day_parts import (
    NotADayError,
    Reader,
    Span,
    about,
    back,
    common_day,
    day_of_month,
    farmers_day,
    feast_days,
    gone,
    last_weekday,
    last_with_number,
    latest,
    months,
    number_of,
    part_of_month,
    this_time,
    year_of,
)
from handlers.rules.lunar import lunar_day

FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾", "一二三四五六七八九十")
"""Numerals as on a note of debt."""
N = r"[0-9零〇○一二三四五六七八九十廿卅两]{1,3}"
_FEW = r"几|好?几|若干"
_YEAR_SAID = r"(?P<y>(?:[0-9]{4}|[0-9]{2}|[零〇○一二三四五六七八九]{2,4})(?=年)|今年|去年|大前年|前年|上年|头年)"
_YEAR = rf"(?:{_YEAR_SAID}年?的?)?"
_FARMERS = r"(?P<cal>农历|阴历|旧历|老历|古历|夏历)?"
_MONTHS = {"正": 1, "冬": 11, "腊": 12}
_PARTS_OF_YEAR = {
    "年初": (1, 2), "初": (1, 2), "年中": (5, 7), "中": (5, 7), "年底": (11, 12), "年末": (11, 12), "底": (11, 12),
    "上半年": (1, 6), "下半年": (7, 12), "春天": (2, 5), "开春": (2, 4), "夏天": (5, 8), "秋天": (8, 11),
    "冬天": (11, 12), "": (1, 12),
}  # fmt: skip
"""Months that a part of the year means."""
_FEASTS = {
    "春节": "spring", "过年": "spring", "过大年": "spring", "新年": "spring", "除夕": "eve", "大年三十": "eve",
    "年三十": "eve", "大年夜": "eve", "小年": "little_new_year", "元宵节": "lantern", "元宵": "lantern",
    "清明节": "qingming", "清明": "qingming", "五一": "may_day", "劳动节": "may_day", "端午节": "dragon_boat",
    "端午": "dragon_boat", "端阳": "dragon_boat", "七夕": "sevens", "中元节": "ghosts", "中元": "ghosts",
    "七月半": "ghosts", "鬼节": "ghosts", "中秋节": "mid_autumn", "中秋": "mid_autumn", "八月节": "mid_autumn",
    "国庆节": "national_day", "国庆": "national_day", "十一": "national_day", "元旦": "new_year", "阳历年": "new_year",
    "重阳节": "double_ninth", "重阳": "double_ninth", "腊八": "laba", "冬至": "winter_solstice", "三八": "womens_day",
    "妇女节": "womens_day", "六一": "childrens_day", "儿童节": "childrens_day", "八一": "army_day", "圣诞": "christmas",
}  # fmt: skip
_FEAST = "|".join(sorted(_FEASTS, key=len, reverse=True))
_UNITS = {"天": "day", "日": "day", "星期": "week", "周": "week", "礼拜": "week", "月": "month", "年": "year"}
_WEEKDAYS = "一二三四五六日"
_SOME_TIME = (
    rf"(?P<n>半|{_FEW}|{N})(?P<more>多|来)?(?P<mid>个[半多]?)?(?P<u>天|日|星期|周|礼拜|(?<=[个半多])月|年)(?P<half>半)?"
)
_AGO = {"大上上": 3, "上上": 2, "大上": 2, "上": 1}
"""How many months or weeks back."""


def _numeric(found: re.Match[str], today: date) -> Span:
    return latest(common_day(int(found["m"]), int(found["d"])), year_of(found["y"], today), today)


def _month_and_day(found: re.Match[str], today: date) -> Span:
    """'3月5号', '农历八月十五', '去年腊月二十', '正月初三'; '三月三' may be of either calendar."""
    said, day = found["m"], found["d"]
    month, number = _MONTHS.get(said) or number_of(said), number_of(day.lstrip("初"))
    year, leap = year_of(found["y"], today), bool(found["leap"])
    if found["cal"] or leap or said in _MONTHS or day[0] in "初廿":
        return latest(farmers_day(month, number, leap=leap), year, today)
    if found["sign"] or re.search("[0-9]", said + day):
        return latest(common_day(month, number), year, today)
    spans = []
    for made in (common_day(month, number), farmers_day(month, number)):
        try:
            spans.append(latest(made, year, today))
        except NotADayError:
            continue
    if not spans:
        raise NotADayError
    return min(spans)[0], max(spans)[1]


def _new_year_day(found: re.Match[str], today: date) -> Span:
    """'大年初一'."""
    return latest(farmers_day(1, number_of(found["d"].lstrip("初"))), year_of(found["y"], today), today)


def _farmers_day_only(found: re.Match[str], today: date) -> Span:
    """'初五': the last one that was."""
    number = number_of(found["d"])
    for year in (today.year, today.year - 1):
        days = [lunar_day(year, month, number) for month in range(12, 0, -1)]
        if past := [day for day in days if day is not None and day <= today]:
            return past[0], past[0]
    raise NotADayError


def _day_of_month(found: re.Match[str], today: date) -> Span:
    """'上个月十五号', '这个月3号', '上个月二十几号'."""
    month = back(today.replace(day=1), _AGO.get(found["k"], 0))
    if found["few"]:
        return _of_tens(month, found["few"])
    return day_of_month(month, number_of(found["d"]))


def _of_tens(month: date, tens: str) -> Span:
    """'十几号', '二十几号'."""
    first = {"十": 11, "二十": 21, "廿": 21}[tens]
    return month.replace(day=first), part_of_month(month, "中" if first == 11 else "底")[1]


def _tens_only(found: re.Match[str], today: date) -> Span:
    """'二十几号': of this month, or where that has not begun, of the last."""
    span = _of_tens(today.replace(day=1), found["few"])
    return span if span[0] <= today else _of_tens(back(today.replace(day=1), 1), found["few"])


def _part_of_month(found: re.Match[str], today: date) -> Span:
    """'上个月', '上上个月底', '月初'."""
    month = back(today.replace(day=1), _AGO.get(found["k"] or "", 0))
    span = part_of_month(month, found["p"])
    return span if found["k"] or span[0] <= today else part_of_month(back(month, 1), found["p"])


def _month_only(found: re.Match[str], today: date) -> Span:
    """'去年3月', '三月底'; of the farmers' calendar '腊月', '正月里', '去年闰六月'."""
    number, leap = _MONTHS.get(found["m"]) or number_of(found["m"]), bool(found.groupdict().get("leap"))
    if not 1 <= number <= 12:
        raise NotADayError

    def farmers(year: int) -> Span | None:
        start = lunar_day(year, number, 1, leap=leap)
        return None if start is None else (start, start + timedelta(days=29))

    def common(year: int) -> Span | None:
        return part_of_month(date(year, number, 1), found["p"])

    lunar = leap or found["cal"] or found["m"] in _MONTHS
    return latest(farmers if lunar else common, year_of(found["y"], today), today)


def _days_ago(found: re.Match[str], today: date) -> Span:
    """'昨天', '大前天', '前几天'."""
    for word, number in (("大前", 3), ("前天", 2), ("前日", 2), ("前儿", 2), ("昨", 1), ("今", 0), ("刚", 0)):
        if found[0].startswith(word):
            return today - timedelta(days=number), today - timedelta(days=number)
    return today - timedelta(days=9), today - timedelta(days=1)


def _few_before(found: re.Match[str], today: date) -> Span:
    """'前几个月', '前两年'."""
    unit = _UNITS[found["u"]]
    return gone(today, 9 if "几" in found[0] else 3, unit), gone(today, 1, unit)


def _ago(found: re.Match[str], today: date) -> Span:
    """'三天前', '半个月前', '一年半以前', '几个月前', '两三天前', '十天了'."""
    said, unit = found["n"], _UNITS[found["u"]]
    if re.fullmatch(_FEW, said):
        return gone(today, 9, unit), gone(today, 2, unit)
    if said == "半":
        day = back(today, 6) if unit == "year" else gone(today, {"month": 15, "week": 4}.get(unit, 1), "day")
        off = timedelta(days={"year": 45, "month": 4}.get(unit, 1))
        return day - off, min(today, day + off)
    if re.fullmatch("[一二两三四五六七八九]{2}", said):
        low, high = number_of(said[0]), number_of(said[1])
        if high == low + 1:
            return about(today, high, unit)[0], about(today, low, unit)[1]
    number, middle = number_of(said), found["mid"] or ""
    if found["more"] or "多" in middle:
        return gone(today, number + max(1, number // 2), unit), gone(today, number, unit)
    return about(today, number, unit, half=bool(found["half"] or "半" in middle))


def _same_day(found: re.Match[str], today: date) -> Span:
    """'去年今天', '上个月的今天', '去年这个时候'."""
    word = found["k"]
    gone_months = {"去年": 12, "前年": 24, "上年": 12}.get(word) or _AGO[word.removesuffix("月").removesuffix("个")]
    return this_time(back(today, gone_months), roughly="今" not in found["w"])


def _weekday(found: re.Match[str], today: date) -> Span:
    """'上周三', '这周一', '上周', '上周末'."""
    monday = today - timedelta(days=today.weekday(), weeks=_AGO.get(found["k"] or "", 0))
    said = found["w"]
    if not said:
        return monday, monday + timedelta(days=6)
    if said == "末":
        return monday + timedelta(days=5), monday + timedelta(days=6)
    weekday = _WEEKDAYS.index(said.replace("天", "日").translate(str.maketrans("1234567", _WEEKDAYS)))
    day = monday + timedelta(days=weekday) if found["k"] else last_weekday(weekday, today)
    return day, day


def _feast_time(found: re.Match[str], today: date) -> Span:
    """'春节前', '过年前后', '中秋', '清明那天'."""
    name, how = _FEASTS[found["f"]], found["how"] or ""
    return latest(lambda year: feast_days(name, how, year), year_of(found["y"], today), today)


def _beside_feast(found: re.Match[str], today: date) -> Span:
    """'中秋前两天', '春节前几天', '国庆后三天'."""
    name, many = _FEASTS[found["f"]], re.fullmatch(_FEW, found["n"])
    most, least = (9, 1) if many else (number_of(found["n"]),) * 2
    off = (-most, -least) if found["way"] == "前" else (least, most)
    return latest(lambda year: feast_days(name, "", year, off=off), year_of(found["y"], today), today)


def _around_new_year(found: re.Match[str], today: date) -> Span:
    """'年前', '年后', '过完年', '开年'."""
    how = "前" if found[0].startswith("年前") else "后"
    return latest(lambda year: feast_days("spring", how, year), None, today)


def _day_only(found: re.Match[str], today: date) -> Span:
    return last_with_number(number_of(found["d"]), today)


def _part_of_year(found: re.Match[str], today: date) -> Span:
    """'去年', '年初', '前年下半年'."""
    first, last = _PARTS_OF_YEAR[found["p"] or ""]
    return latest(lambda year: months(year, first, last), year_of(found["y"], today), today)


READERS: tuple[tuple[str, Reader], ...] = (
    (r"(?<!\d)(?P<y>\d{4})\s*[-./年]\s*(?P<m>\d{1,2})\s*[-./月]\s*(?P<d>\d{1,2})(?!\d)[日号好曰]?", _numeric),
    (r"(?<!\d)(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?!\d)", _numeric),
    (r"(?<!\d)(?P<y>(?:19|20)\d{2}) (?P<m>\d{1,2}) (?P<d>\d{1,2})(?!\d)", _numeric),
    (r"(?<![\d./])(?P<y>\d{2})[./](?P<m>\d{1,2})[./](?P<d>\d{1,2})(?![\d./])", _numeric),
    (r"(?<!\d)(?P<y>20\d{2})[-./](?P<cal>)(?P<m>1[0-2]|0?[1-9])(?P<p>)(?![\d./])", _month_only),
    (rf"{_YEAR}(?P<f>{_FEAST})的?(?P<way>前|后)(?P<n>{_FEW}|{N})天", _beside_feast),
    (rf"{_YEAR}大?年(?P<d>初{N})", _new_year_day),
    (r"(?P<k>去年|前年|上年|(?:大上|上上|上)个?月)的?(?P<w>今天|今日|这个时候|这时候|这会儿?|差不多这时)", _same_day),
    (rf"{_YEAR}{_FARMERS}(?P<leap>闰)?(?P<m>正|冬|腊|{N})月份?(?P<d>初?{N})(?P<sign>[日号好曰])?(?!天|个|月|年|几)",
     _month_and_day),
    (r"大前[天日]|前[天日]|前儿个?|昨[天日晚儿曰个]个?|今[天日早晚儿]|刚才|刚刚|前几天|前两天|前些天|这几天|前些日子",
     _days_ago),
    (r"前(?:几|两)个?(?P<u>月|年|星期|周|礼拜)", _few_before),
    (rf"{_SOME_TIME}(?:以前|之前|前)", _ago),
    (rf"^(?:收到|拿到|接到|领到|签收|离开|离职|走)?了?(?:有|已经|快|大概|都)*{_SOME_TIME}了$", _ago),
    (r"(?P<k>大上上|上上|大上|上|这|本)?个?(?:星期|星其|周|礼拜)(?P<w>[一二三四五六日天末1-7])", _weekday),
    (r"(?P<k>大上上|上上|大上|上)个?(?P<w>)(?:星期|星其|周|礼拜)", _weekday),
    (rf"(?P<k>大上上|上上|大上|上|这|本|当)个?月的?(?:(?P<few>十|二十|廿)几|(?P<d>{N}))[日号好曰]?", _day_of_month),
    (r"(?P<k>大上上|上上|大上|上|这|本|当)个?月(?P<p>[初头中底末尾]|[上中下]旬)?", _part_of_month),
    (rf"{_YEAR}{_FARMERS}(?P<leap>闰)(?P<m>正|冬|腊|{N})月(?P<p>)", _month_only),
    (rf"{_YEAR}(?P<f>{_FEAST})(?!月|号|日|点|个|几)(?:放假|长假)?"
     r"(?P<how>前后|左右|那会儿?|那阵子?|那几天|那天|当天|当日|这天|期间|的时候|(?:以|之)?前|(?:以|之|过)?后|过完)?",
     _feast_time),
    (rf"{_YEAR}{_FARMERS}(?P<m>正|冬|腊|{N})月份?(?P<p>[初头中底末尾]|[上中下]旬)?", _month_only),
    (r"(?<![0-9零一二两三四五六七八九十半几今去前后上下多好每个])年(?:前|后)|过完年后?|开年|刚过年", _around_new_year),
    (r"(?<![\d./])(?P<y>)(?P<m>1[0-2]|0?[1-9])[./-](?P<d>3[01]|[12]\d|0?[1-9])(?![\d./%])[日号]?", _numeric),
    (r"(?<![零一二三四五六七八九])(?P<few>十|二十|廿)几[日号]", _tens_only),
    (rf"(?P<d>(?<![0-9]){N})[日号](?![楼院门线车房])", _day_only),
    (rf"初(?P<d>{N})(?![月年天])", _farmers_day_only),
    (rf"{_YEAR_SAID}年?的?(?P<p>年初|年中|年底|年末|上半年|下半年|春天|开春|夏天|秋天|冬天|初|中|底)?", _part_of_year),
    (r"(?P<y>)(?P<p>年初|年中|年底|年末|上半年|下半年|开春)", _part_of_year),
    (r"(?P<k>)月(?P<p>[初中底末尾])", _part_of_month),
)  # fmt: skip
"""A pattern and its reader, in the order in which they are tried."""
