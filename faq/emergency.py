"""The emergency check: deterministic, before any matching. A false alarm costs a moment, a miss may cost a life.

Two looks: words that leave no doubt (emergency.yaml), then what sentences of emergencies are like (faq/alarm.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from faq.alarm import AlarmModel, shipped_alarm
from faq.files import read_one
from faq.normalise import plain

LONGEST = 20_000
SHORTEST = 3
"""Letters without which nothing can be told: what is left of a greeting or of a struck look-alike."""
POSSIBLE_AT, CERTAIN_AT = 0.05, 0.2
"""Probabilities from which a message may be an emergency, and from which it is treated as one. bench/fit_alarm.py
prints what either finds and what it costs."""
BRIEF = 8
"""A Chinese character counts 2, a letter 1: up to twice this many a message is a word or two, in which one run weighs
too much. From `BRIEF_AT` on it may be an emergency, from `BRIEF_CERTAIN_AT` on it is treated as one.
"""
BRIEF_AT, BRIEF_CERTAIN_AT = 0.08, 0.4


class EmergencyKind(StrEnum):
    VIOLENCE = "violence"
    SELF_HARM = "self_harm"
    CHILD = "child"
    DETENTION = "detention"
    FIRE = "fire"
    MEDICAL = "medical"
    FRAUD = "fraud"
    TRAFFIC = "traffic"


@dataclass(frozen=True, slots=True)
class Emergency:
    """What was found: the kind, the standard numbers to call, most important first, and the words that showed it.

    Not `certain`: it may be one; the numbers are said, and the message goes its way.
    """

    kind: EmergencyKind
    numbers: tuple[str, ...]
    matched: str
    certain: bool


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}: {pattern!r}") from None
    return pattern


Number = Annotated[str, Field(pattern=r"^[0-9]{3,12}$")]
Pattern = Annotated[str, Field(min_length=2), AfterValidator(_compiles)]


class _Kind(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: EmergencyKind
    numbers: Annotated[tuple[Number, ...], Field(min_length=1)]
    any: Annotated[tuple[Pattern, ...], Field(min_length=1)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    unless: tuple[Pattern, ...] = ()
    kinds: Annotated[tuple[_Kind, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given = [row.kind for row in self.kinds]
        if sorted(given) != sorted(EmergencyKind):
            raise ValueError(f"kinds: expected each once of {', '.join(EmergencyKind)}")
        return self


class EmergencyCheck:
    """Looks for emergencies in what people write. Made by `load`."""

    def __init__(self, content: _File, alarm: AlarmModel, brief_alarm: AlarmModel) -> None:
        self._look_alikes = re.compile("|".join(f"(?:{pattern})" for pattern in content.unless) or r"(?!)")
        self._numbers = {row.kind: row.numbers for row in content.kinds}
        self._patterns = [
            (row.kind, re.compile("|".join(f"(?:{pattern})" for pattern in row.any))) for row in content.kinds
        ]
        self._alarm, self._brief_alarm = alarm, brief_alarm

    @classmethod
    def load(cls, path: Path | None = None) -> EmergencyCheck:
        """Read the patterns, ours unless `path` names others. Raises KnowledgeBaseError naming file, line and field."""
        content = read_one(_File, path or Path(__file__).parent / "emergency.yaml", "emergencies")
        return cls(content, shipped_alarm(brief=False), shipped_alarm(brief=True))

    def check(self, text: str) -> Emergency | None:
        """The emergency these words speak of, or None. Any text is fine."""
        text = text[:LONGEST]
        words = self._look_alikes.sub(" ", re.sub(r"\s+", " ", plain(text)))
        for kind, pattern in self._patterns:
            if found := pattern.search(words):
                return Emergency(kind, self._numbers[kind], found.group(0), certain=True)
        if sum(character.isalnum() for character in words) < SHORTEST:
            return None
        brief = is_brief(words)
        alarm = (self._brief_alarm if brief else self._alarm).look(words)
        possible, certain = (BRIEF_AT, BRIEF_CERTAIN_AT) if brief else (POSSIBLE_AT, CERTAIN_AT)
        if alarm.probability < possible:
            return None
        kind = EmergencyKind(alarm.kind)
        return Emergency(kind, self._numbers[kind], alarm.part, certain=alarm.probability >= certain)


def is_brief(words: str) -> bool:
    """Whether a message is a word or two."""
    return sum(2 if character >= "\u3400" else 1 for character in words if character.isalnum()) <= 2 * BRIEF
