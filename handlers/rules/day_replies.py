"""What a short answer to 'on which day?' means that names no day. Careful: what is not plainly one of them is none."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

DayReply = Literal["unknown", "not_yet", "skip", "unclear"]
"""`unknown`: the day is not remembered. `not_yet`: it has not come. `skip`: another matter, or never mind. `unclear`:
the question was not understood."""

_PATTERNS: tuple[tuple[DayReply, str], ...] = (
    (
        "unknown",
        r"(?:我|真|也|都|实在|早)*(?:不知道|不晓得|晓不得|不清楚|不太清楚|不大清楚|不记得|记不得|记不清楚?|记不太清楚?|记不大清楚?"
        r"|记不住|说不准|说不清楚?|说不好|搞不清楚?|弄不清楚?|没印象|忘记|忘|想不起来)(?:是?哪天|日子|日期|是?什么时候)?(?:了|啦|呀|啊)*"
        r"|(?:i )?(?:do not|don't|dont|can't|cannot) (?:know|remember|recall)(?: the day| when)?"
        r"|i forgot|dunno|no idea|not sure",
    ),
    (
        "not_yet",
        r"(?:我|人|他们|法院)*(?:现在)?(?:还|一直|都)*(?:没|没有|未)(?:有)?(?:收到|拿到|领到|接到|等到|下来|出来|到手|到|判|判下来|走|离开"
        r"|离职|辞职|开庭)(?:判决书|裁决书|通知|决定书|东西|呢|的|了)*"
        r"|(?:我|人)?(?:现在)?(?:还|一直)*(?:在干|在上班|在做|在那干|干着)(?:着|活|呢|的)*"
        r"|(?:没有|没|还没有|还没)(?:判决书|裁决书|通知书?|决定书)"
        r"|(?:i )?(?:still work(?: there| here)?|am still there)|not yet|no paper yet"
        r"|(?:i )?(?:have not|haven't) (?:left|received it|got it)(?: yet)?",
    ),
    (
        "skip",
        r"(?:问的)?(?:不是这个|不是这件|不是这事|不是这件事|都不是|问错了|算了|不用算|不用算了|不算了|不用了)(?:吧|啦|的)*"
        r"|never mind|skip(?: it)?|not this|none of (?:these|them)",
    ),
    (
        "unclear",
        r"(?:这|这是)?(?:啥|什么|嘛)(?:意思|日子)|(?:我)?(?:看不懂|没看懂|不懂|没懂|听不懂|不明白)(?:了|啊|呢)*"
        r"|what(?: do you mean| day)",
    ),
)
_ANSWERS = tuple((reply, re.compile(pattern)) for reply, pattern in _PATTERNS)
_LONGEST = 40


def read_day_reply(text: str) -> DayReply | None:
    """What the words mean; None for everything that is not plainly one of these."""
    words = unicodedata.normalize("NFKC", text).lower().replace("’", "'").strip(" \n。.!,、?~…")
    words = re.sub(r"(?<=[\u3400-\u9fff])[\s,]+", "", words)
    if len(words) > _LONGEST:
        return None
    return next((reply for reply, pattern in _ANSWERS if pattern.fullmatch(words)), None)
