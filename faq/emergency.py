"""The emergency check: deterministic, before any matching. A false alarm costs a moment, a miss may cost a life."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from faq.load import KnowledgeBaseError
from faq.normalise import plain

LONGEST = 20_000
LONGEST_CLAUSE = 120
"""Bytes (40 Chinese characters) up to which a clause can count as settled: dictation without commas is no clause."""
_REPEATED = re.compile(r"(.{1,4}?)\1{3,}")
_CLAUSE_ENDS = re.compile(r"([,。;!?…、]+|(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff]))")


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
    """What was found: the kind, the standard numbers to call, most important first, and the words that showed it."""

    kind: EmergencyKind
    numbers: tuple[str, ...]
    matched: str


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}: {pattern!r}") from None
    return pattern


Pattern = Annotated[str, Field(min_length=2), AfterValidator(_compiles)]


class _Kind(BaseModel):
    """`any` counts wherever it stands; `now` counts only outside settled clauses."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: EmergencyKind
    numbers: Annotated[tuple[str, ...], Field(min_length=1)]
    any: Annotated[tuple[Pattern, ...], Field(min_length=1)]
    now: tuple[Pattern, ...] = ()


class _File(BaseModel):
    """`unless` is struck out first. A clause with a `settled` and no `still` word is settled: past, or a question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    unless: tuple[Pattern, ...] = ()
    settled: tuple[Pattern, ...] = ()
    still: tuple[Pattern, ...] = ()
    kinds: Annotated[tuple[_Kind, ...], Field(min_length=1)]


def _one_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the patterns; none at all where there are none."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)")


class EmergencyCheck:
    """Looks for emergencies in what people write. Made by `load`."""

    def __init__(self, content: _File) -> None:
        self._look_alikes = _one_of(content.unless)
        self._settled, self._still = _one_of(content.settled), _one_of(content.still)
        self._kinds = [(row.kind, row.numbers, _one_of(row.any), _one_of(row.now)) for row in content.kinds]

    @classmethod
    def load(cls, path: Path | None = None) -> EmergencyCheck:
        """Read the patterns, ours unless `path` names others. Raises KnowledgeBaseError naming file and place."""
        path = path or Path(__file__).parent / "emergency.yaml"
        try:
            loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
            return cls(_File.model_validate(loaded))
        except (OSError, UnicodeDecodeError) as error:
            raise KnowledgeBaseError(f"{path}: cannot be read: {error}") from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            raise KnowledgeBaseError(f"{path}:{mark.line + 1 if mark else 1}: not valid YAML") from None
        except ValidationError as error:
            rows = [
                f"{path}: {'.'.join(map(str, row['loc'])) or 'file'}: {row['msg']}"
                for row in error.errors(include_url=False)
            ]
            raise KnowledgeBaseError("\n".join(rows)) from None

    def check(self, text: str) -> Emergency | None:
        """The emergency these words speak of, or None. Deterministic; any text is fine."""
        words = _REPEATED.sub(r"\1\1\1", re.sub(r"\s+", " ", plain(text[:LONGEST])))
        words = self._look_alikes.sub(" ", words)
        unsettled = "".join(part for part in _CLAUSE_ENDS.split(words) if not self._is_settled(part))
        for kind, numbers, always, now in self._kinds:
            if found := always.search(words) or now.search(unsettled):
                return Emergency(kind, numbers, found.group(0))
        return None

    def _is_settled(self, clause: str) -> bool:
        """Whether a clause speaks of what is long past or asks about the law, and of nothing that goes on."""
        if len(clause.encode()) > LONGEST_CLAUSE or self._still.search(clause):
            return False
        return self._settled.search(clause) is not None
