"""Which village does somebody mean? By name, town and name, pinyin, initials; with typing errors and dialect sounds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

_SUFFIX = re.compile(r"(村委会|居委会|社区|村|居)$")
_NOISE = re.compile(r"^(我是|我们是|我家在|我在|住在|来自)|(的|人|吧|呀|啊)+$|[\s,，。.!！、~]+")
_SOUNDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"), ("l", "n"), ("f", "h"))
_NAME_LIKE = re.compile(r"(?!.*[怎么吗呢啥告占征罚赔离打不没])[\u3400-\u9fff]{1,4}(村|镇|乡|屯|寨|庄|组|湾|沟)")
_NAME_LIKE_IN_LETTERS = re.compile(r"[A-Za-z]{2,20} ?(?i:village|cun)")
SURE = 92.0
"""A score from which a name is taken as meant when nothing else comes near."""
POSSIBLE = 62.0
CLEAR_BY = 8.0
"""How far the best must be ahead of the second."""


@dataclass(frozen=True, slots=True)
class VillageMatch:
    """`exact`: the code of the village that is clearly meant; else `candidates`, best first, perhaps none."""

    exact: str | None
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    code: str
    names: tuple[str, ...]
    sounds: tuple[str, ...]
    initials: str


def looks_like_name(typed: str) -> bool:
    """Whether words can only be meant as a place's name: short, and ending as such names do. Not a question, then."""
    words = typed.strip()
    return bool(_NAME_LIKE.fullmatch(_NOISE.sub("", words)) or _NAME_LIKE_IN_LETTERS.fullmatch(words))


def _plain(name: str) -> str:
    name = _NOISE.sub("", unicodedata.normalize("NFKC", name).strip().lower())
    return _SUFFIX.sub("", name) or name


def _pinyin(name: str) -> list[str]:
    from pypinyin import lazy_pinyin

    return [str(syllable) for syllable in lazy_pinyin(name)]


def _sound(syllables: Iterable[str]) -> str:
    """Pinyin without tones, with sounds that dialects do not tell apart made one."""
    joined = []
    for syllable in syllables:
        for longer, shorter in _SOUNDS:
            syllable = syllable.replace(longer, shorter)
        joined.append(syllable)
    return "".join(joined)


class VillageIndex:
    """Villages as (code, name, town), ready to be looked up."""

    def __init__(self, villages: Iterable[tuple[str, str, str]]) -> None:
        self._rows = []
        for code, name, town in villages:
            plain = _plain(name)
            syllables = _pinyin(plain)
            town_plain = re.sub(r"[镇乡]$", "", town)
            names = (plain, town_plain + plain, town + plain)
            sounds = (_sound(syllables), _sound(_pinyin(town_plain)) + _sound(syllables))
            self._rows.append(_Row(code, names, sounds, "".join(syllable[0] for syllable in syllables if syllable)))

    def find(self, typed: str, limit: int = 5) -> VillageMatch:
        """The village that a person typed; exact only when it is clear."""
        plain = _plain(typed[:64])
        if not plain:
            return VillageMatch(None, ())
        if plain == "".join(character for character in plain if character.isascii()):
            scored = [(self._by_letters(row, plain), row.code) for row in self._rows]
        else:
            sound = _sound(_pinyin(plain))
            scored = [(self._by_name(row, plain, sound), row.code) for row in self._rows]
        best = sorted((pair for pair in scored if pair[0] >= POSSIBLE), key=lambda pair: -pair[0])[:limit]
        if not best:
            return VillageMatch(None, ())
        clear = len(best) == 1 or best[0][0] - best[1][0] >= CLEAR_BY
        exact = best[0][1] if best[0][0] >= SURE and clear else None
        return VillageMatch(exact, tuple(code for _, code in best))

    @staticmethod
    def _by_name(row: _Row, plain: str, sound: str) -> float:
        written = max(fuzz.ratio(plain, name) for name in row.names)
        heard = max(fuzz.ratio(sound, other) for other in row.sounds) - 6
        return max(written, heard)

    @staticmethod
    def _by_letters(row: _Row, plain: str) -> float:
        sound = _sound([plain.replace(" ", "")])
        spelt = max(fuzz.ratio(sound, other) for other in row.sounds)
        return max(spelt, 80.0 if plain == row.initials else 0.0)
