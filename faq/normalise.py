"""Words as the matcher compares them: one width, one script, without politeness, colloquial words made legal ones."""

from __future__ import annotations

import os
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from faq.files import read_one

_WRAPPING = re.compile(
    r"^(请问一下|请问下|请问|我想问一下|我想问下|我想问问|我想问|想问一下|想问问|想咨询一下|咨询一下|咨询|你好|您好|在吗|麻烦问下)+[,，。!！\s]*"
)
_ENDING = re.compile(
    r"(该怎么办呢?|应该怎么办|怎么办啊|怎么办呀|怎么办呢|怎么办|咋办|咋整|怎么处理|谢谢您?|谢谢|[啊呀呢吗嘛吧])+$"
)
_ENGLISH_WRAPPING = re.compile(
    r"^(hello|hi|please|excuse me|can you tell me|i want to ask|i would like to know)[,. ]+", re.IGNORECASE
)
_MARKS = re.compile(r"[^\w]+")
_INVISIBLE = re.compile(r"[\u0000-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


Word = Annotated[str, Field(min_length=1, max_length=60)]
LEXICON = Path(__file__).parent / "lexicon.yaml"


class Lexicon(BaseModel):
    """`colloquial`: a word as villagers say it -> the word the entries use. `english_stop`: words that say nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    colloquial: dict[Word, Word]
    english_stop: frozenset[Word]


@cache
def lexicon() -> Lexicon:
    """The words of lexicon.yaml. Raises KnowledgeBaseError for a damaged file, naming line and field."""
    return read_one(Lexicon, LEXICON, "lexicon")


@cache
def _colloquial() -> re.Pattern[str]:
    """All colloquial words, the longer first, to be replaced in one pass: what was put in is not replaced again."""
    return re.compile("|".join(map(re.escape, sorted(lexicon().colloquial, key=len, reverse=True))) or r"(?!)")


@cache
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


@cache
def _pinyin() -> Any:
    # The dictionary of phrases takes 45 MB; a character always read the same way compares just as well.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin

    return lazy_pinyin


def sounds(text: str) -> list[str]:
    """The syllables of a Chinese text without tones; what is not Chinese comes as it is."""
    return list(_pinyin()(text))


_HAN = re.compile(r"[\u3400-\u9fff]")


def is_chinese(text: str) -> bool:
    """Whether a text is Chinese rather than in a language of Latin letters: a place name does not decide it."""
    han = len(_HAN.findall(text))
    return han > 0 and han * 4 >= sum(character.isascii() and character.isalpha() for character in text)


def plain(text: str) -> str:
    """One width, one script, lower case, no invisible characters; punctuation kept."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return str(_simplifier().convert(text)).strip().lower() if not text.isascii() else text.strip().lower()


def unwrapped(text: str) -> str:
    """A plain text without the polite words before what it says."""
    return _ENGLISH_WRAPPING.sub("", _WRAPPING.sub("", text))


def normalise(text: str) -> str:
    """`plain`, without polite wrapping and punctuation, with words of the lexicon replaced."""
    text = plain(text)
    text = unwrapped(text)
    text = _MARKS.sub(" ", text).strip()
    shorter = _ENDING.sub("", text).strip()
    text = shorter or text
    return _colloquial().sub(lambda found: lexicon().colloquial[found.group()], text)
