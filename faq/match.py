"""Which entry answers a question, and how sure that is.

Lexical and small: character n-grams weighted by how rare they are, the same over pinyin for words that sound alike, and
rapidfuzz for short texts; an entry scores as the best of its question and other phrasings. The confidence is a logistic
in the top score, its lead over the runner-up and how much of the question is known at all, fitted by hand on questions
with and without an entry. Unsure is not an answer: below the thresholds a person decides.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rapidfuzz import fuzz

from faq.model import Entry
from faq.normalise import lexicon, normalise, sounds

LONGEST = 600
"""Characters of a message that are compared; a page of story says what it is about in its first lines."""
CANDIDATES = 10
COMPARED = 60
"""How many likely rows are compared in full."""
_HAN = re.compile(r"[\u3400-\u9fff]")


class MatchOutcome(StrEnum):
    ANSWER = "answer"
    SUGGEST = "suggest"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may be meant: its score in 0..1, and the phrasing that came nearest."""

    entry: Entry
    score: float
    phrasing: str


@dataclass(frozen=True, slots=True)
class Match:
    """`confidence`: how likely the first candidate is right, in 0..1. At most ten candidates, best first."""

    outcome: MatchOutcome
    confidence: float
    candidates: tuple[Candidate, ...]


def _grams(text: str, sizes: tuple[int, ...]) -> Counter[str]:
    joined = text.replace(" ", "")
    return Counter(joined[index : index + size] for size in sizes for index in range(len(joined) - size + 1))


def _words(text: str) -> Counter[str]:
    """Features of a text: words for Latin script, characters' 1- to 3-grams for Chinese."""
    features: Counter[str] = Counter()
    for part in text.split():
        if _HAN.search(part):
            features.update(_grams(part, (1, 2, 3)))
        elif part not in lexicon().english_stop:
            features[part] += 1
            features[part[:5]] += 1
    return features


def _sounds(text: str) -> Counter[str]:
    """Pairs of syllables without tones: homophones and voice input come out alike."""
    if not _HAN.search(text):
        return Counter()
    syllables = sounds(text.replace(" ", ""))
    return Counter(f"{first} {second}" for first, second in itertools.pairwise(syllables))


class _Channel:
    """Cosine over one kind of feature, weighted by how few phrasings have it."""

    def __init__(self, texts: list[str], features: Callable[[str], Counter[str]]) -> None:
        self._features = features
        counted = [features(text) for text in texts]
        seen = Counter(feature for counts in counted for feature in counts)
        self._rarity = {feature: math.log(1 + len(texts) / count) for feature, count in seen.items()}
        self._unseen = math.log(1 + len(texts))
        self._index: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for row, counts in enumerate(counted):
            for feature, weight in self._weights(counts).items():
                self._index[feature].append((row, weight))

    def _weights(self, counts: Counter[str]) -> dict[str, float]:
        weights = {
            feature: (1 + math.log(count)) * self._rarity.get(feature, self._unseen)
            for feature, count in counts.items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {feature: weight / length for feature, weight in weights.items()}

    def scores(self, text: str) -> tuple[dict[int, float], float]:
        """Cosine by row, and the share of the text's weight that any phrasing knows."""
        weights = self._weights(self._features(text))
        total = sum(weight * weight for weight in weights.values()) or 1.0
        known = sum(weight * weight for feature, weight in weights.items() if feature in self._rarity)
        scores: dict[int, float] = defaultdict(float)
        for feature, weight in weights.items():
            for row, other in self._index.get(feature, ()):
                scores[row] += weight * other
        return scores, known / total


class _Side:
    """The questions and phrasings of one language, ready to be compared with."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.rows = [(entry, phrasing) for entry in entries for phrasing in (entry.question, *entry.phrasings)]
        self._texts = [normalise(phrasing) for _, phrasing in self.rows]
        self._by_words = _Channel(self._texts, _words)
        self._by_sounds = _Channel(self._texts, _sounds)

    def compare(self, wanted: str) -> tuple[list[tuple[float, int]], float]:
        """The best rows with their scores, best first, and the share of the text that any phrasing knows."""
        words, known = self._by_words.scores(wanted)
        sounds, _ = self._by_sounds.scores(wanted)
        likely = sorted(words.keys() | sounds.keys(), key=lambda row: -(words.get(row, 0) + sounds.get(row, 0)))
        scored = [(self._score(wanted, row, words.get(row, 0.0), sounds.get(row)), row) for row in likely[:COMPARED]]
        return sorted(scored, key=lambda pair: -pair[0]), known

    def _score(self, wanted: str, row: int, words: float, sounds: float | None) -> float:
        text = self._texts[row]
        if _is_short(wanted):
            # A word or two shares little with any whole question: what counts is that a question contains them.
            return 0.35 * fuzz.partial_ratio(wanted, text) / 100 + 0.3 * words
        return 0.5 * words + 0.3 * (words if sounds is None else sounds) + 0.2 * fuzz.ratio(wanted, text) / 100


class Matcher:
    """Matches questions against the entries that may answer on `today`.

    `answer_at` and `suggest_at` are confidences in 0..1. Entries past their review date are left out.
    """

    def __init__(
        self, entries: Iterable[Entry], *, today: Callable[[], date], answer_at: float, suggest_at: float
    ) -> None:
        self._today = today
        self._answer_at, self._suggest_at = answer_at, suggest_at
        self._by_id: dict[tuple[str, str], Entry] = {(entry.id, entry.language): entry for entry in entries}
        self._chinese = _Side(entry for entry in self._by_id.values() if entry.language == "zh")
        self._english = _Side(entry for entry in self._by_id.values() if entry.language == "en")

    def replace(self, entries: Iterable[Entry]) -> None:
        """Answer from these entries from now on. A question being matched meanwhile is matched against the old ones."""
        by_id: dict[tuple[str, str], Entry] = {(entry.id, entry.language): entry for entry in entries}
        chinese = _Side(entry for entry in by_id.values() if entry.language == "zh")
        english = _Side(entry for entry in by_id.values() if entry.language == "en")
        self._by_id, self._chinese, self._english = by_id, chinese, english

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, withdrawn ones too."""
        return tuple(self._by_id.values())

    def entry(self, entry_id: str, language: str) -> Entry | None:
        """The entry that may still answer, in this language or else in another; None when there is none."""
        other = "en" if language == "zh" else "zh"
        for tried in (language, other):
            found = self._by_id.get((entry_id, tried))
            if found is not None and self._today() <= found.review_by:
                return found
        return None

    def match(self, text: str, language: str) -> Match:
        """The entries a question may mean, in the reader's `language` where they have it. Any text is fine."""
        wanted = normalise(text)[:LONGEST]
        candidates, known = self._candidates(wanted, language)
        if not candidates:
            return Match(MatchOutcome.ESCALATE, 0.0, ())
        confidence = _confidence([candidate.score for candidate in candidates], known)
        if _is_short(wanted):
            confidence = min(confidence, self._answer_at - 0.01)
        if confidence >= self._answer_at:
            outcome = MatchOutcome.ANSWER
        elif confidence >= self._suggest_at:
            outcome = MatchOutcome.SUGGEST
        else:
            outcome = MatchOutcome.ESCALATE
        return Match(outcome, confidence, candidates)

    def _candidates(self, wanted: str, language: str) -> tuple[tuple[Candidate, ...], float]:
        """The best entries, each by its best phrasing, and the known share of the text."""
        if not wanted:
            return (), 0.0
        side = self._chinese if _HAN.search(wanted) else self._english
        scored, known = side.compare(wanted)
        best: dict[str, Candidate] = {}
        for score, row in scored:
            entry, phrasing = side.rows[row]
            shown = self.entry(entry.id, language)
            if shown is not None and entry.id not in best:
                best[entry.id] = Candidate(shown, min(1.0, score), phrasing)
        return tuple(best.values())[:CANDIDATES], known


def _confidence(scores: list[float], known: float) -> float:
    """From the top score, its lead over the runner-up and the known share of the question."""
    top = scores[0]
    lead = top - (scores[1] if len(scores) > 1 else 0.0)
    return 1 / (1 + math.exp(-(10.0 * top + 6.0 * lead + 2.0 * known - 5.6)))


def _is_short(wanted: str) -> bool:
    """A word or two: enough to ask back with, never enough to answer."""
    length = len(wanted.replace(" ", ""))
    return length <= 4 if _HAN.search(wanted) else length <= 10
