"""What a short typed answer to 'is it solved?' means. Careful: what is not plainly one of the two is neither."""

from __future__ import annotations

import re
from typing import Literal

LONGEST = 24
"""Characters; a longer message has more to say than yes or no."""
LONGEST_STORY = 300
"""Characters of an answer about a case, which goes to its adviser, whatever it says."""

_YES = {
    "都好", "都挺好", "all well",
    "是", "是的", "对", "对的", "解决了", "已经解决了", "都解决了", "解决啦", "搞定了", "办好了", "办成了", "好了",
    "拿到了", "拿到钱了", "工资拿到了", "已经拿到了", "都拿到了", "钱拿到了", "给了", "已经给了", "都给了", "付了",
    "付清了", "还了", "还清了", "结清了", "发了", "工资发了", "到账了", "钱到账了", "收到了", "收到钱了", "做到了",
    "都做到了", "有", "有的", "yes", "y", "yes i did", "yes they did", "solved", "it is solved", "done", "paid",
    "they paid", "i got it", "got it", "i got paid", "received", "yep", "yeah",
}  # fmt: skip
_NO = {
    "还有事", "没解决好", "there is something",
    "不", "不是", "没", "没有", "还没", "还没有", "没呢", "没解决", "还没解决", "没有解决", "没办好", "没给",
    "还没给", "没有给", "还是没给", "一直没给", "没拿到", "还没拿到", "没有拿到", "工资没拿到", "工资还没拿到",
    "没发", "还没发", "工资没发", "没还", "还没还", "还没还钱", "没付", "还没付", "没收到", "还没收到", "没到账",
    "没做到", "还没做到", "不给", "还不给", "就是不给", "不还", "no", "n", "not yet", "nope", "not solved",
    "no not yet", "not paid", "still not", "still nothing", "nothing yet", "he has not paid", "they have not paid",
    "still not paid", "no they did not",
}  # fmt: skip
_TRAIL = re.compile(r"(呢|啊|呀|哦|噢|哈)+$")
_THANKS = re.compile(r"\s*(非常)?(谢谢|多谢|感谢|thanks|thank you)(你|您|你们|了|啊|大家)*$")
_OPEN = re.compile(r"^(谢谢你?|您好|你好|嗯+|哦+|那个)+")
_ASKS = re.compile(
    r"[?？]|怎么|吗$|什么|多少|哪|为啥|能不能|可不可以|该如何|\b(how|what|when|where|who|why|can i|should i)\b"
)

_STOP = {
    "退订", "不要回访", "不要回访了", "别回访了", "不用回访", "不用回访了", "停止回访", "别问",
    "别问了", "别再问", "别再问了", "别问我了", "别再问我了", "不要问了", "不要再问了", "不要问我了", "不用问了",
    "不用再问了", "莫问了", "莫再问了", "勿问", "别老问", "别老问了", "不要老问", "unsubscribe", "stop asking",
    "stop asking me", "stop follow ups", "stop followups", "don t ask again", "dont ask again", "no more questions",
}  # fmt: skip
_STOP_THIS = {
    "停", "停止", "停了", "停吧", "停下", "停一停", "别发了", "别再发了", "不要发了", "不要再发了", "不用发了",
    "别发消息了", "不要发消息了", "别烦我", "别烦我了", "别再烦我", "别来烦我", "莫烦我", "别打扰我", "不要打扰",
    "不要打扰我", "stop", "stop it", "please stop", "stop messages", "stop messaging me", "leave me alone", "quit",
}  # fmt: skip
_STOP_REMINDERS = {
    "不要提醒", "不要提醒了", "别提醒", "别提醒了", "不用提醒", "不用提醒了", "别再提醒", "别再提醒了", "不要再提醒了",
    "不用再提醒了", "莫提醒了", "停止提醒", "别提醒我了", "stop reminders", "no reminders", "no more reminders",
    "stop reminding me", "don t remind me",
}  # fmt: skip
_START = {
    "恢复回访", "重新回访", "要回访", "可以回访", "start follow ups", "start followups", "ask me again",
}  # fmt: skip
_START_REMINDERS = {
    "恢复提醒", "要提醒", "重新提醒", "start reminders",
}  # fmt: skip

Wish = Literal["stop", "stop_reminders", "stop_this", "start", "start_reminders"]
"""`stop_this`: what was said last, a question how it went or a reminder."""


def _plain(text: str) -> str:
    words = re.sub(r"[^\w ]+", " ", text.strip().lower())
    return re.sub(r"\s+", " ", words).strip()


def read_reply(text: str) -> Literal["yes", "no"] | None:
    """'yes' (it is solved, paid, done), 'no', or None for everything that is not plainly one of them."""
    if len(text) > LONGEST or _ASKS.search(text.lower()):
        return None
    words = _THANKS.sub("", _OPEN.sub("", _plain(text)).strip())
    for said in (words, _TRAIL.sub("", words)):
        if said in _NO:
            return "no"
        if said in _YES:
            return "yes"
    return None


def may_be_reply(text: str, *, about_case: bool) -> bool:
    """Whether a message may be an answer that is merely not clear: it asks nothing, and is short unless an adviser
    who knows the case will read it."""
    words = text.strip()
    longest = LONGEST_STORY if about_case else LONGEST
    return any(map(str.isalnum, words)) and len(words) <= longest and not _ASKS.search(words.lower())


def read_wish(text: str) -> Wish | None:
    """A word that stops follow-ups or reminders, or brings them back; only when the message is nothing else."""
    words = _plain(text)
    for said, wish in (
        (_STOP, "stop"), (_STOP_THIS, "stop_this"), (_STOP_REMINDERS, "stop_reminders"), (_START, "start"),
        (_START_REMINDERS, "start_reminders"),
    ):  # fmt: skip
        if words in said:
            return wish  # type: ignore[return-value]
    return None
