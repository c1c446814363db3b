"""Which entry answers a question, and how sure that is. Right, or handed over: below the thresholds a person decides.

Ranking is in faq/rank.py. Here: which entries may answer today, in whose language, and what a confidence means for an
entry of this risk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from faq.model import Entry, Risk
from faq.normalise import is_chinese, normalise
from faq.rank import Ranked, Ranker
from faq.vectors import VectorStore


class MatchOutcome(StrEnum):
    ANSWER = "answer"
    SUGGEST = "suggest"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Confidences, 0 to 1: from `answer` an entry answers by itself, one that needs care from `careful` (its card comes
    with a person anyway), and from `suggest` the person is asked which of three is meant."""

    answer: float
    careful: float
    suggest: float

    def outcome(self, confidence: float, risk: Risk, *, short: bool) -> MatchOutcome:
        """What a confidence means. A word or two is enough to ask back with, never enough to answer."""
        enough = self.answer if risk is Risk.ANSWER else self.careful
        if confidence >= enough and not short:
            return MatchOutcome.ANSWER
        return MatchOutcome.SUGGEST if confidence >= self.suggest else MatchOutcome.ESCALATE


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may be meant: its score in 0..1, the phrasing that came nearest, and what made up the score."""

    entry: Entry
    score: float
    phrasing: str
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class Match:
    """`confidence`: how likely the first candidate is right, in 0..1. At most ten candidates, best first."""

    outcome: MatchOutcome
    confidence: float
    candidates: tuple[Candidate, ...]


@lru_cache(maxsize=2)
def _ranker(entries: tuple[Entry, ...], folder: Path | None) -> Ranker:
    """The index of these entries takes a second to make; the same entries need it once in a process."""
    return Ranker(entries, folder)


class _Edition:
    """One set of entries with its ranker; replaced whole, so that a match never sees half of a change."""

    def __init__(self, entries: Iterable[Entry], ready: Sequence[VectorStore], folder: Path | None) -> None:
        self.by_id: dict[tuple[str, str], Entry] = {(entry.id, entry.language): entry for entry in entries}
        self.ranker = _ranker(tuple(self.by_id.values()), folder)
        self.ranker.add(ready)


class Matcher:
    """Matches questions against the entries that may answer on `today`; entries past their review date are left out.

    Lexical at once. `bring_vectors` brings the `stores` in, in a thread of its own; `replace` changes the entries.
    `folder` keeps the index between starts.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        *,
        today: Callable[[], date],
        thresholds: Thresholds,
        stores: Sequence[VectorStore] = (),
        folder: Path | None = None,
    ) -> None:
        self._folder = folder
        self._today = today
        self._thresholds = thresholds
        self._stores = tuple(stores)
        self._ready: list[VectorStore] = []
        self._changing = threading.Lock()
        self._edition = _Edition(entries, (), folder)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, those past their review date too."""
        return tuple(self._edition.by_id.values())

    def replace(self, entries: Iterable[Entry]) -> None:
        """Put other entries in force, all at once. Takes a moment: call it beside the event loop."""
        with self._changing:
            self._edition = _Edition(entries, self._ready, self._folder)

    def bring_vectors(self) -> None:
        """Bring each encoder in as soon as its vectors are there. Slow the first time: call it in a thread."""
        for store in self._stores:
            edition = self._edition
            edition.ranker.add([store])
            with self._changing:
                self._ready.append(store)
                if self._edition is not edition:
                    self._edition.ranker.add([store])

    @property
    def has_vectors(self) -> bool:
        """Whether an encoder is in use, so that `prepare` has something to do."""
        return bool(self._ready)

    def prepare(self, text: str) -> None:
        """Do ahead what is slow in `match` for this text: call it beside the event loop, before the unit of work."""
        self._edition.ranker.index.prepare(text)

    def entry(self, entry_id: str, language: str) -> Entry | None:
        """The entry that may still answer, in this language or else in another; None when there is none."""
        return self._in_force(self._edition, entry_id, language)

    def _in_force(self, edition: _Edition, entry_id: str, language: str) -> Entry | None:
        other = "en" if language == "zh" else "zh"
        for tried in (language, other):
            found = edition.by_id.get((entry_id, tried))
            if found is not None and self._today() <= found.review_by:
                return found
        return None

    def match(self, text: str, language: str) -> Match:
        """The entries a question may mean, in the reader's `language` where they have it. Any text is fine."""
        edition = self._edition
        allowed = frozenset(name for name in edition.ranker.index.ids if self._in_force(edition, name, language))
        ranking = edition.ranker.rank(text, allowed)
        candidates = tuple(self._candidate(edition, row, language) for row in ranking.candidates)
        if not candidates:
            return Match(MatchOutcome.ESCALATE, 0.0, ())
        outcome = self._thresholds.outcome(ranking.confidence, candidates[0].entry.risk, short=is_short(text))
        return Match(outcome, ranking.confidence, candidates)

    def _candidate(self, edition: _Edition, row: Ranked, language: str) -> Candidate:
        entry = self._in_force(edition, row.id, language)
        if entry is None:
            raise LookupError(f"entry {row.id} was ranked but is not in force")
        return Candidate(entry, min(1.0, max(0.0, row.score)), row.phrasing, row.parts)


def is_short(text: str) -> bool:
    """A word or two."""
    wanted = normalise(text)
    length = len(wanted.replace(" ", ""))
    return length <= 4 if is_chinese(wanted) else length <= 10
