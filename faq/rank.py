"""Features -> one score and one confidence.

The score of an entry is a weighted sum of its features, the weights those under which the right entry is most likely
among all (a softmax), fitted on questions of the project by bench/fit.py. The confidence that the first entry is right
is a logistic regression on how far it leads and how high it stands, fitted on questions with and without an entry. Both
are kept in faq/fit.json, one set for each set of encoders that may be in use.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from faq.grams import Floats
from faq.index import LEXICAL, VECTORS, Compared, Document, Index
from faq.vectors import VectorStore

CANDIDATES = 10
COMPARED = 200
"""Phrasings compared letter by letter."""
COMPETITORS, NEAR_MISS = CANDIDATES * 3, 0.12
"""How many entries the first is measured against, and what part of the highest score a usual near miss has."""
SIGNS = ("constant", "share", "lead", "height", "known", "length")
"""What the confidence rests on; see `signs`."""


class _Weights(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    features: dict[str, float]
    confidence: Annotated[tuple[float, ...], Field(min_length=len(SIGNS), max_length=len(SIGNS))]


class Fit(BaseModel):
    """fit.json: weights by the encoders in use ('' for none, 'use', 'use+e5'), and the E5 means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weights: dict[str, _Weights]
    means: dict[str, tuple[float, ...]]


@cache
def shipped_fit() -> Fit:
    """The fit that comes with the product. Raises pydantic's ValidationError for a damaged file."""
    path = Path(__file__).parent / "fit.json"
    return Fit.model_validate(json.loads(path.read_text(encoding="utf-8")))


def mean_vectors(fit: Fit) -> dict[str, Floats]:
    """The E5 means as vectors."""
    return {name: np.array(mean, np.float32) for name, mean in fit.means.items()}


def features_of(encoders: Iterable[str]) -> tuple[str, ...]:
    """The features there are with these encoders, in the order of `VECTORS`."""
    return LEXICAL + tuple(name for encoder in encoders for name in VECTORS[encoder])


def scores(compared: Compared, weights: Mapping[str, float]) -> Floats:
    """The weighted sum of the features, for every entry."""
    total = sum((weight * compared.features[name] for name, weight in weights.items()), np.float32(0))
    return np.asarray(total, np.float32)


def signs(ranked: Floats, order: npt.NDArray[np.intp], compared: Compared, weights: Mapping[str, float],
          length: int) -> tuple[float, ...]:  # fmt: skip
    """What the confidence rests on: the first entry's share of the softmax as log odds, its lead over the second, its
    score as a part of the highest there is, the known part of the message, and the logarithm of its length."""
    whole = max(sum(weights.values()), 1e-9)
    top = ranked[order]
    if len(top) < COMPETITORS:
        # A small knowledge base has no near misses to measure a lead against: such as there usually are stand in.
        top = np.append(top, np.full(COMPETITORS - len(top), NEAR_MISS * whole, np.float32))
    spread = np.exp(top - top[0])
    share = min(max(float(1 / spread.sum()), 1e-6), 1 - 1e-6)
    return (
        1.0,
        math.log(share / (1 - share)),
        float(top[0] - top[1]) if len(top) > 1 else float(top[0]),
        float(top[0]) / whole,
        compared.known,
        math.log1p(min(length, 200)),
    )


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry that may be meant: its id, its score from 0 to about 1, the phrasing that came nearest, and what each
    feature added to the score."""

    id: str
    score: float
    phrasing: str
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class Ranking:
    """At most ten entries, best first, and the probability that the first is right."""

    confidence: float
    candidates: tuple[Ranked, ...]


class Ranker:
    """Ranks documents for a message. Lexical at once; `add` brings an encoder in when its vectors are there."""

    def __init__(self, documents: Sequence[Document], folder: Path | None = None) -> None:
        """`folder`: where the index is kept between starts."""
        self._fit = shipped_fit()
        self.index = Index(documents, mean_vectors(self._fit), folder)

    def add(self, stores: Iterable[VectorStore]) -> None:
        """Bring encoders in, one after the other. Slow the first time."""
        for store in stores:
            self.index.add_vectors(store)

    def rank(self, message: str, allowed: frozenset[str] | None = None) -> Ranking:
        """The entries a message may mean, among `allowed` ids or all. Any text is fine."""
        if not self.index.ids:
            return Ranking(0.0, ())
        weights = self._fit.weights["+".join(self.index.encoders)]
        compared = self.index.compare(message, COMPARED)
        found = scores(compared, weights.features)
        if allowed is not None:
            found = np.where([name in allowed for name in self.index.ids], found, np.float32(-np.inf))
        order = np.argsort(-found, kind="stable")[:COMPETITORS]
        order = order[np.isfinite(found[order])]
        if not len(order) or found[order[0]] <= 0:
            return Ranking(0.0, ())
        seen = signs(found, order, compared, weights.features, len(message.strip()))
        odds = sum(weight * sign for weight, sign in zip(weights.confidence, seen, strict=True))
        whole = sum(weights.features.values())
        candidates = tuple(
            Ranked(
                self.index.ids[place],
                round(float(found[place]) / whole, 4),
                self.index.nearest(compared, int(place)),
                {name: float(weight * compared.features[name][place]) for name, weight in weights.features.items()},
            )
            for place in order[:CANDIDATES]
        )
        return Ranking(1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))), candidates)
