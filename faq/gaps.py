"""What people ask and the knowledge base does not answer: like questions put together, the most asked first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from faq.model import Entry
from faq.normalise import normalise

ALIKE = 62.0
"""How like two questions must be to be one, 0 to 100 (rapidfuzz' ratio, over the text or its sorted words)."""
LONGEST = 200
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """One unanswered question; `number` is its caller's own."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that are one, in the order given; the first speaks for all."""

    questions: tuple[Asked, ...]

    @property
    def count(self) -> int:
        return len(self.questions)


def cluster(asked: Iterable[Asked]) -> tuple[Gap, ...]:
    """Put like questions together; the largest group first, of equals the one given first. Empty ones are left out."""
    groups: list[list[Asked]] = []
    heads: list[str] = []
    for question in asked:
        wanted = normalise(question.text[:LONGEST])
        if not wanted:
            continue
        near = process.extractOne(wanted, heads, scorer=fuzz.ratio, score_cutoff=ALIKE) or process.extractOne(
            wanted, heads, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE
        )
        if near is None:
            heads.append(wanted)
            groups.append([question])
        else:
            groups[near[2]].append(question)
    return tuple(Gap(tuple(group)) for group in sorted(groups, key=lambda group: -len(group)))


def nearest(text: str, entries: Iterable[Entry], language: str) -> tuple[Entry, ...]:
    """The entries of a language whose question or phrasing comes nearest, best first."""
    phrasings = [
        (normalise(phrasing), entry)
        for entry in entries
        if entry.language == language
        for phrasing in (entry.question, *entry.phrasings)
    ]
    found = process.extract(
        normalise(text[:LONGEST]), [words for words, _ in phrasings], scorer=fuzz.ratio, limit=NEAREST * 4
    )
    return tuple(list(dict.fromkeys(phrasings[at][1] for _, _, at in found))[:NEAREST])
