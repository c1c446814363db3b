"""Taking personal details out of what people wrote, before it may become part of the knowledge base.

A help for the lawyer who drafts, not a promise: names that nothing announces stay, so a person reads the text anyway.
"""

from __future__ import annotations

import re
import unicodedata

_HAN = r"\u3400-\u9fff"
_ID = re.compile(r"(?<![0-9A-Za-z])[1-9](?:[ -]?[0-9]){16}[ -]?[0-9Xx](?![0-9A-Za-z])")
_CARD = re.compile(r"(?<![0-9A-Za-z])[1-9](?:[ -]?[0-9]){14,18}(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9A-Za-z])(?:(?:\+|00)?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])")
_LANDLINE = re.compile(r"(?<![0-9A-Za-z])(?:\(0[0-9]{2,3}\)|0[0-9]{2,3})[ -]?[2-9][0-9]{6,7}(?![0-9])")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_ACCOUNT = re.compile(
    r"((?:微信号?|[Qq][Qq]号?|wechat)\s{0,2}(?:是|为|[:：])?\s{0,2})(?![是为])[A-Za-z0-9][A-Za-z0-9_-]{4,19}",
    re.IGNORECASE,
)
_NAME = re.compile(
    rf"((?:我|他|她|对方|老板|本人|当事人)?(?:的?(?:名字|姓名)(?:叫|是|为|[:：])|名叫|我叫|他叫|她叫|叫做|本人叫|老板叫|对方叫))"
    rf"(?!什么|啥|我|他|她|你|不|天)[{_HAN}]{{2,3}}(?:·[{_HAN}]{{1,8}})?"
)
_SURNAME = re.compile(
    rf"((?:我|他|她|免贵|对方|老板)(?:是)?姓)(?!什么|啥|氏|名)[{_HAN}](?:[，,]?(?:名|叫|名叫)[{_HAN}]{{1,3}})?"
)
_ENGLISH_NAME = re.compile(
    r"(\b(?i:my name is|i am called|his name is|her name is) )[A-Z][\w'-]*(?: [A-Z][\w'-]*){0,2}"
)

NOTHING = "…"
"""What stands where something was taken out."""


def without_personal(text: str) -> str:
    """The text without phone numbers, id and bank card numbers, addresses of accounts, and names somebody gives."""
    text = "".join(_one_width(character) for character in text)
    for pattern in (_ID, _CARD, _MOBILE, _LANDLINE, _MAIL):
        text = pattern.sub(NOTHING, text)
    for pattern in (_ACCOUNT, _NAME, _SURNAME, _ENGLISH_NAME):
        text = pattern.sub(rf"\g<1>{NOTHING}", text)
    return text


def _one_width(character: str) -> str:
    """Digits and letters of double width are as readable as any; other signs stay as they were typed."""
    return unicodedata.normalize("NFKC", character) if "\uff10" <= character <= "\uff5a" else character
