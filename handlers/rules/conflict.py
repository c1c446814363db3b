"""The conflict wall: who of the staff stands too near to the other side of a case (律师法 39)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

SIDES = ("committee", "employer", "neighbour", "government")
"""What the other side can be; 'unsaid' where the villager would rather not say."""
LONGEST_NAME = 60

Reason = Literal["other_side", "committee", "relative", "client", ""]

_HAN = r"\u3400-\u9fff"
_TITLES = re.compile(r"(?:先生|女士|小姐|老板|师傅|同志|主任|书记|村长|经理)$")
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付傅方白邹孟熊秦邱丘江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤温康施季樊鲁柴管卞倪缪瞿保仇"
)  # fmt: skip
_BODY = re.compile(r"(?:公司|厂|店|合作社|工地|工程队|集团|银行|医院|学校|饭店|局|所|委员会|村委会|村委|政府|办事处)$")
_OTHER = re.compile(rf"(?:对方|他|她|被告|老板)(?:的?名字)?(?:叫做?|[:：])\s*([{_HAN}A-Za-z·]{{2,30}})")
_OWN = re.compile(rf"(?:我|本人)(?:的?名字)?(?:叫做?|[:：])\s*([{_HAN}·]{{2,12}})")
# Words that begin like a surname: taken for a name, they would keep the wrong adviser out.
_NO_NAME = re.compile(
    r"谢谢|多谢|马上|何时|何必|何况|金额|高兴|方便|万一|任何|于是|白天|许多|向来|常常|石头|严重|安全|钱款|江边|温饱|康复|龙头"
    r"|[吗呢吧啊么的了是不没我你您他她它们这那什怎几少时空额上下]"
)
_ENGLISH_NAME = re.compile(r"[A-Z][\w'-]*(?: [A-Z][\w'-]*){1,3}")


@dataclass(frozen=True, slots=True)
class Tie:
    """A declared tie of a member of staff: `kind` 'relative', 'client' or 'committee' (then of `village_id`)."""

    kind: str
    name: str
    village_id: int | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """What the wall knows of a case: both sides' names as written, and who has or had it."""

    number: int
    village_id: int | None
    party: str
    opponent: str
    opponent_side: str
    had_by: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Member:
    """What the wall knows of a member of staff. `serves`: the villages on their list; `holds`: they have the case."""

    staff_id: int
    role: str
    serves_all: bool
    serves: Collection[int]
    ties: tuple[Tie, ...] = ()
    holds: bool = False


def normal(name: str) -> str:
    """A name to compare by: one width, no signs, no title after it. '' when nothing is left."""
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name)).casefold()
    without_title = _TITLES.sub("", plain)
    return without_title if len(without_title) >= 2 else plain


def same(one: str, other: str) -> bool:
    """Whether two names, as people wrote them, are the same; never so for empty ones."""
    return bool(normal(one)) and normal(one) == normal(other)


def cleaned(name: str) -> str:
    """A typed name, on one line, without control signs, at most `LONGEST_NAME` characters."""
    kept = "".join(
        " " if sign.isspace() else sign
        for sign in unicodedata.normalize("NFKC", name)
        if sign.isspace() or unicodedata.category(sign)[0] != "C"
    )
    return " ".join(kept.split())[:LONGEST_NAME].strip()


def names_in(text: str, *, bare: bool) -> tuple[str, str]:
    """The villager's own name and the other side's, where a message says them; '' for what it does not.

    `bare`: the other side's name was just asked for, so that a name standing alone is meant as one.
    """
    line = cleaned(text[:200])
    own, other = _OWN.search(line), _OTHER.search(line)
    party, opponent = (found.group(1) if found and looks_like_name(found.group(1)) else "" for found in (own, other))
    alone = re.sub(r"[。.!！,，]+$", "", line)
    if bare and not party and not opponent and looks_like_name(alone):
        opponent = alone
    return party, opponent


def looks_like_name(text: str) -> bool:
    """Whether a text is nothing but the name of a person or body."""
    if _ENGLISH_NAME.fullmatch(text):
        return True
    if not re.fullmatch(rf"[{_HAN}A-Za-z0-9·()]{{2,30}}", text):
        return False
    if _BODY.search(text):
        return True
    return len(normal(text)) <= 4 and text[0] in _SURNAMES and not _NO_NAME.search(text)


def walled(member: Member, matter: Matter, others: Iterable[Matter]) -> Reason:
    """Why somebody may have nothing to do with a case; '' when they may. `others`: cases that name a side.

    Who holds the case leaves it for an older one of the other side; of two cases they hold, they keep the older.
    """
    if matter.opponent_side == "committee" and _of_committee(member, matter.village_id):
        return "committee"
    for tie in member.ties:
        if same(tie.name, matter.opponent):
            return "committee" if tie.kind == "committee" else "client" if tie.kind == "client" else "relative"
    for other in others:
        if other.number == matter.number or member.staff_id not in other.had_by:
            continue
        if member.holds and other.number > matter.number:
            continue
        if same(other.party, matter.opponent) or same(other.opponent, matter.party):
            return "other_side"
    return ""


def _of_committee(member: Member, village_id: int | None) -> bool:
    """Whether somebody belongs to the committee of a village; of one not known, whether of any."""
    if any(tie.kind == "committee" and village_id in {tie.village_id, None} for tie in member.ties):
        return True
    return member.role == "director" and (member.serves_all or village_id is None or village_id in member.serves)
