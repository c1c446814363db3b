"""All phrasings of a knowledge base, ready to be compared with a message: one row of features an entry.

Features, each 0 to 1 or nearly (the best over an entry's question and phrasings):

- `words`: TF-IDF over runs of 1 to 3 characters; `sounds`: the same over syllables; `letters`: rapidfuzz's ratio;
- `answer`: BM25 over the question and answer together, since villagers name what the question does not;
- `use`, `use_answer`: cosine of sentence vectors (see faq/vectors.py);
- `e5`: the same, after the mean of like texts is taken off. E5's vectors all point one way (Ethayarajh 2019), and
  messages in everyday words another way than entries: messages lose the mean of messages, entries that of entries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from faq import kept
from faq.grams import Channel, Floats, characters, syllables
from faq.normalise import is_chinese, normalise, plain
from faq.vectors import VectorStore

LONGEST = 600
"""Characters of a message that are compared."""
LONGEST_VECTOR = 240
"""Characters of a message that become a vector."""
LONGEST_ANSWER = 300
PRIOR_ROWS = 100
"""How many phrasings the mean of entries in general counts for, beside those of this knowledge base."""

CHANNELS = {"words", "sounds", "answer"}
LEXICAL = ("words", "sounds", "letters", "answer")
VECTORS = {"use": ("use", "use_answer"), "e5": ("e5",)}
"""The features each encoder brings."""


class Document(Protocol):
    """What is indexed: an id, a question, other phrasings, and the text of the answer (perhaps empty)."""

    @property
    def id(self) -> str: ...
    @property
    def question(self) -> str: ...
    @property
    def phrasings(self) -> Sequence[str]: ...
    @property
    def answer(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing a message gave: by feature a value for each entry; `rough`, a likeness for each phrasing;
    `known`, the share of the message's weight that any phrasing knows."""

    features: dict[str, Floats]
    rough: Floats
    known: float


class Index:
    """Documents of one id belong together (an entry in two languages); `ids` is their order.

    `means` are the E5 means by language and kind: 'zh/message', 'zh/entry', 'en/message', 'en/entry'. `folder`: where
    the index is kept between starts (None: nowhere).
    """

    def __init__(self, documents: Sequence[Document], means: Mapping[str, Floats], folder: Path | None = None) -> None:
        order = {name: place for place, name in enumerate(dict.fromkeys(document.id for document in documents))}
        self.ids = list(order)
        sorted_documents = sorted(documents, key=lambda document: order[document.id])
        pairs = [
            (order[document.id], phrasing)
            for document in sorted_documents
            for phrasing in (document.question, *document.phrasings)
        ]
        self.rows = [phrasing for _, phrasing in pairs]
        self._starts = _starts([place for place, _ in pairs])
        self._answers = [f"{document.question} {document.answer}"[:LONGEST_ANSWER] for document in sorted_documents]
        self._answer_starts = _starts([order[document.id] for document in sorted_documents])
        self._means = means
        self._vectors: dict[str, tuple[VectorStore, Floats, Floats]] = {}
        answers = [f"{document.question} {document.answer}"[:LONGEST] for document in sorted_documents]
        key = kept.key_of([*self.rows, "", *answers]) if folder else ""
        found = kept.load(folder, key) if folder else None
        if found is not None and len(found[0]) == len(self.rows) and set(found[1]) == CHANNELS:
            self._texts, states = found
            # The kept channels never look at their texts again, only at how many there are.
            self._make_channels(answers, states)
            return
        self._texts = [normalise(row) for row in self.rows]
        self._make_channels([normalise(answer) for answer in answers], {})
        if folder:
            channels = {"words": self._words, "sounds": self._sounds, "answer": self._answer}
            kept.save(folder, key, self._texts, channels)

    def _make_channels(self, answers: Sequence[str], states: Mapping[str, Channel.State]) -> None:
        self._words = Channel(self._texts, characters(1, 2, 3), bm25=False, kept=states.get("words"))
        self._sounds = Channel(self._texts, syllables, bm25=False, kept=states.get("sounds"))
        self._answer = Channel(answers, characters(1, 2), bm25=True, kept=states.get("answer"))

    @property
    def encoders(self) -> tuple[str, ...]:
        """The encoders whose vectors are in use."""
        return tuple(name for name in VECTORS if name in self._vectors)

    def add_vectors(self, store: VectorStore) -> None:
        """Bring in one encoder. Slow for texts it has not seen; afterwards comparisons use it."""
        name = store.encoder.name
        rows = store.of_texts([plain(row) for row in self.rows])
        if name == "use":
            self._vectors[name] = (store, rows, store.of_texts(self._answers))
        else:
            self._vectors[name] = (store, self._centred(rows), rows[:0])

    def _centred(self, rows: Floats) -> Floats:
        """Rows without the mean of entries of their language."""
        centred = rows.copy()
        chinese = np.array([is_chinese(row) for row in self.rows], bool)
        for language, chosen in (("zh", chinese), ("en", ~chinese)):
            count = int(chosen.sum())
            if count:
                mean = rows[chosen].sum(axis=0) + PRIOR_ROWS * self._means[f"{language}/entry"]
                centred[chosen] -= mean / (count + PRIOR_ROWS)
        return _unit(centred)

    def prepare(self, message: str) -> None:
        """Encode a message ahead of `compare`, which then finds the vectors ready. May take tens of milliseconds."""
        for store, _, _ in list(self._vectors.values()):
            store.of_message(plain(message)[:LONGEST_VECTOR])

    def compare(self, message: str, candidates: int) -> Compared:
        """Compare a message with every entry; `letters` only for about this many likely ones."""
        wanted = normalise(message)[:LONGEST]
        words, known = self._words.scores(wanted)
        sounds, _ = self._sounds.scores(wanted)
        features = {
            "words": self._best(words),
            "sounds": self._best(sounds),
            "answer": _pooled(self._answer.scores(wanted)[0], self._answer_starts),
        }
        rough = words + sounds
        for name, (store, rows, answers) in list(self._vectors.items()):
            vector = store.of_message(plain(message)[:LONGEST_VECTOR])
            if name == "e5":
                language = "zh" if is_chinese(message) else "en"
                vector = _unit((vector - self._means[f"{language}/message"])[np.newaxis])[0]
            alike = rows @ vector
            features[VECTORS[name][0]] = self._best(alike)
            if len(answers):
                features["use_answer"] = _pooled(answers @ vector, self._answer_starts)
            rough = rough + alike
        features["letters"] = self._letters(wanted, rough, candidates)
        return Compared(features, rough, known)

    def _best(self, values: Floats) -> Floats:
        return _pooled(values, self._starts)

    def _letters(self, wanted: str, rough: Floats, candidates: int) -> Floats:
        likely = (
            np.argpartition(-rough, candidates - 1)[:candidates] if len(rough) > candidates else np.arange(len(rough))
        )
        ratios = np.zeros(len(self.rows), np.float32)
        if len(likely):
            found = process.cdist([wanted], [self._texts[row] for row in likely], scorer=fuzz.ratio, dtype=np.float32)
            ratios[likely] = found[0] / 100
        return self._best(ratios)

    def nearest(self, compared: Compared, place: int) -> str:
        """The phrasing of the entry at `place` that came nearest."""
        start = int(self._starts[place])
        end = int(self._starts[place + 1]) if place + 1 < len(self._starts) else len(self.rows)
        return self.rows[start + int(compared.rough[start:end].argmax())]


def _starts(owners: list[int]) -> npt.NDArray[np.intp]:
    """Where each entry's rows begin, given each row's entry in order."""
    return np.flatnonzero(np.diff(np.array([-1, *owners]))).astype(np.intp)


def _pooled(values: Floats, starts: npt.NDArray[np.intp]) -> Floats:
    return np.maximum.reduceat(values, starts) if len(starts) else np.zeros(0, np.float32)


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)
