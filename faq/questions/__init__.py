"""Questions of the project, in villagers' words, written by people who had not seen the entries' phrasings.

`emergency.jsonl`: sentences that speak of an emergency, and others that only sound like it. `matching.jsonl`: which
entry answers (`entry`, or any of `also`; empty: none does). Both are split into development and test: what is fitted or
tuned sees development rows only; questions are split by entry.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict

FOLDER = Path(__file__).parent

Labelled = TypeVar("Labelled", bound=BaseModel)


class LabelledQuestion(BaseModel):
    """A question and the entries that answer it; none where `entry` is empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    text: str
    entry: str
    also: tuple[str, ...] = ()
    language: Literal["zh", "en"]
    style: str = ""
    noise: str = "none"
    split: Literal["dev", "test"]

    @property
    def right(self) -> frozenset[str]:
        """The ids of the entries that answer it."""
        return frozenset((self.entry, *self.also)) - {""}


class EmergencySentence(BaseModel):
    """A message and the kind of emergency it speaks of; none where `kind` is empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    kind: str
    language: Literal["zh", "en"]
    split: Literal["dev", "test"]


def labelled_questions(path: Path | None = None) -> tuple[LabelledQuestion, ...]:
    """The questions in a file, ours unless `path` names another. Raises OSError, ValueError naming the line."""
    return tuple(_read(path or FOLDER / "matching.jsonl", LabelledQuestion))


def emergency_sentences(path: Path | None = None) -> tuple[EmergencySentence, ...]:
    """The sentences in a file, ours unless `path` names another. Raises OSError, ValueError naming the line."""
    return tuple(_read(path or FOLDER / "emergency.jsonl", EmergencySentence))


def _read(path: Path, kind: type[Labelled]) -> Iterator[Labelled]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            yield kind.model_validate(json.loads(line))
        except ValueError as error:
            raise ValueError(f"{path}:{number}: {error}") from None
