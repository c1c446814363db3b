"""What a message is besides a question: several at once, one that goes on from the last, or none at all."""

from __future__ import annotations

import re
from typing import Literal

MOST_PARTS = 3
SHORTEST_PART = 4
"""Letters a part must have to be a question of its own."""
LONGEST_FOLLOW_ON = 40
_ENDS = re.compile(
    r"(?<=[?？])\s*|\n+|(?:^|(?<=[。;；,，?？\s]))(?:第?[一二三四五1-5][、.．)）是]|另外|还有(?:就是|一个)?[,，:：]?)"
)
_GOES_ON = re.compile(
    r"^(那|那么|那要是|那如果|要是|如果|万一|可是|但是|但|他要是|她要是|他还|她还|他不|她不|这种情况|这样的话|然后呢|还有呢|之后呢"
    r"|and |but |what if |so |then |if (he|she|they|not)\b)",
    re.IGNORECASE,
)
_ABUSE = re.compile(
    r"^[^\w]*([你他她]*(妈|娘)的|操你|草泥马|傻[逼比叉]|滚(蛋|开)?|废物|垃圾(机器人|东西)?|骗子机器人|去死|王八蛋|混蛋|狗东西"
    r"|fuck( you| off)?|shit|stupid (bot|robot)|idiot|useless( bot)?)[^\w]*$",
    re.IGNORECASE,
)
_IDLE = re.compile(
    r"(天气|下雨吗|几度|几点了|星期几|今天几号|讲个笑话|唱首歌|你是谁|你叫什么|你多大|你是人吗|你是机器人|菜谱|怎么做(饭|菜)|红烧|炖|彩票|股票"
    r"|weather|joke|who are you|are you (a )?(human|robot|real)|recipe|what time is it)",
    re.IGNORECASE,
)


def separate(text: str) -> tuple[str, ...]:
    """The questions in a message, two or three of them; one, the whole, when they are not clearly apart."""
    parts = [part.strip(" ,，。;；") for part in _ENDS.split(text) if part and part.strip(" ,，。;；")]
    whole = [part for part in parts if sum(character.isalnum() for character in part) >= SHORTEST_PART]
    return tuple(whole) if 2 <= len(whole) <= MOST_PARTS and len(whole) == len(parts) else (text,)


def goes_on(text: str) -> bool:
    """Whether a message only makes sense after the one before: 'and if he still does not pay?'"""
    return len(text) <= LONGEST_FOLLOW_ON and _GOES_ON.match(text.strip()) is not None


def idle(text: str) -> Literal["abuse", "talk"] | None:
    """'abuse', or 'talk' about something no legal help desk is for; None for whatever may be a question."""
    if _ABUSE.match(text.strip()):
        return "abuse"
    return "talk" if len(text) <= LONGEST_FOLLOW_ON and _IDLE.search(text) else None
