"""A day as people say it -> the days it may mean, seen from today. Chinese and English, common and farmers' calendar.

Whole days, local to the county. What is not chiefly a day is none: a longer message is a question, not an answer.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from handlers.rules import days_en, days_zh
from handlers.rules.day_parts import NotADayError, Span

Why = Literal["no_day", "future", "absurd"]

LONGEST = 60
"""Characters of a message that may still be nothing but a day."""
_MOST_REST_ZH, _MOST_REST_EN = 14, 40
"""Characters beside the day, without those that say nothing."""
_OLDEST_YEARS = 80


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


_BEFORE_ZH = re.compile(r"(?:的时候|放假)?(?:以|之)?前(?![后天日面头几两])")
_BEFORE_EN = re.compile(r"\b(?:before|by) (?:the )?$")
_BEFORE = timedelta(days=30)
"""How long before a day 'before' it may be."""
_VAGUE = re.compile("[麦秋]收|收[麦稻割]|割[麦稻]|插秧|双抢|开学|暑假|寒假")
"""Times that no calendar has: beside them even a year is no answer."""
_READERS = tuple((re.compile(pattern), reader) for pattern, reader in (*days_zh.READERS, *days_en.READERS))
_QUESTION = re.compile(
    r"[?？]|怎么|咋|吗|能不能|可不可以|如何|什么|啥|谁|为何|要不要|多少|哪|几时|办"
    r"|\b(how|what|can|should|why|who|do i|could)\b"
)
_FUTURE = re.compile(
    r"(?:大?后天|明[天日年]|后年|下+个?(?:周|星期|礼拜|月)|[一二两三四五六七八九十\d]+(?:天|周|年|个月)(?:以|之)?后)[一二三四五六七八九十日天\d号月底初]*"
    rf"|tomorrow|next (?:week|month|year|{days_en.MONTH}|{'|'.join(days_en.WEEKDAYS)})"
)
_PART_OF_DAY = "早上|上午|中午|下午|傍晚|晚上|夜里|半夜"
_TIME_OF_DAY = re.compile(
    rf"(?:{_PART_OF_DAY})?{days_zh.N}点(?:半|多|钟|{days_zh.N}分?)?|{_PART_OF_DAY}"
    r"|\d{1,2}:\d{2}|(?:at )?\b\d{1,2} ?(?:am|pm)\b"
)
_NOTHING_SAID = re.compile(
    r"[\s,，。.、;；:：!！~…()（）]|我|是|在|大概|大约|应该|可能|好像|差不多|估计|左右|前后|那天|那会儿?|的|了|吧|呢|就|才|都|或者|到|和|还是"
)


_TIME = re.compile(
    r"[0-9零〇一二三四五六七八九十半几]个?[天月日号年周]|星期|礼拜|以前|之前|时候|那[年天阵会]|早就|[好很]久|多年|前头|刚|去年|今年|小时|收[麦割稻]|[麦秋]收"
    r"|初[一二三四五六七八九十0-9]|[春夏秋冬]天|\b(?:ago|before|after|when|during|long|years?|months?|weeks?|days?|spring|summer|autumn|winter)\b"
)
_SHORT_ZH, _SHORT_EN = 20, 45
"""Characters of words that may have been meant as a day."""


def may_be_day(text: str) -> bool:
    """Whether words in which no day can be read may still have been meant as one: short, about time, no question."""
    words = unicodedata.normalize("NFKC", text).lower().strip()
    longest = _SHORT_ZH if re.search(r"[\u3400-\u9fff]", words) else _SHORT_EN
    return len(words) <= longest and _TIME.search(words) is not None and not _QUESTION.search(words)


def said_day(text: str, today: date) -> Said | NoDay:
    """The day a message says, if it says hardly anything else. Two days in it give the range from one to the other."""
    words = " ".join(unicodedata.normalize("NFKC", text).lower().translate(days_zh.FORMAL).split())
    words = re.sub(r"(?<=[\u3400-\u9fff\d]) (?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff]) (?=\d)", "", words)
    if len(words) > LONGEST or _QUESTION.search(words) or _VAGUE.search(words):
        return NoDay("no_day")
    if _FUTURE.search(words):
        return NoDay("no_day" if _NOTHING_SAID.sub("", _FUTURE.sub("", words)) else "future")
    words = _TIME_OF_DAY.sub("", words)
    spans: list[Span] = []
    for _ in range(2):
        try:
            span, words = _first(words, today)
        except (NotADayError, ValueError, OverflowError):
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
    """The first reading that fits, and the words without it. Raises NotADayError."""
    for pattern, reader in _READERS:
        found = pattern.search(words)
        if found is not None:
            span, before, after = reader(found, today), words[: found.start()], words[found.end() :]
            if _BEFORE_EN.search(before) or _BEFORE_ZH.match(after):
                span = (span[0] - _BEFORE, span[0] - timedelta(days=1))
            return span, f"{before} {after}"
    return None, words
