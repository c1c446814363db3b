"""Lexical channels: texts compared by the runs of characters, words or syllables they share.

A feature is the hash of a run, so no vocabulary is kept: 60,000 phrasings take some ten megabytes a channel and are
indexed in seconds. Weights are those of TF-IDF (cosine) and of BM25 (Robertson and Zaragoza 2009, k1 = 1.2, b = 0.75),
the latter divided by what the text would score against itself, so that both lie in 0..1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from faq.normalise import sounds

Floats: TypeAlias = npt.NDArray[np.float32]
Hashes: TypeAlias = npt.NDArray[np.uint32]
Features: TypeAlias = Callable[[str], Hashes]

BUCKETS = 1 << 22
K1, B = 1.2, 0.75
_GAP = re.compile(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])")
_LATIN_WORD = re.compile(r"[a-z0-9]+")


def _runs(codes: Hashes, size: int) -> Hashes:
    """Hashes of all runs of `size` neighbours."""
    if len(codes) < size:
        return np.empty(0, np.uint32)
    mixed = np.full(len(codes) - size + 1, 2166136261 + size, np.uint32)
    for offset in range(size):
        mixed = (mixed ^ codes[offset : len(codes) - size + 1 + offset]) * np.uint32(16777619)
        mixed ^= mixed >> np.uint32(15)
    return mixed % np.uint32(BUCKETS)


@lru_cache(maxsize=65_536)
def hash_of(word: str) -> int:
    """The feature of a whole word."""
    codes = np.frombuffer(word.encode("utf-32-le"), np.uint32)
    return int(_runs(codes, len(codes))[0])


def _parts(text: str) -> tuple[list[Hashes], list[str]]:
    """The Chinese stretches of a normalised text as code points, and its Latin words."""
    text = _GAP.sub("", text)
    stretches = [np.frombuffer(found.encode("utf-32-le"), np.uint32) for found in re.findall(r"[\u3400-\u9fff]+", text)]
    return stretches, _LATIN_WORD.findall(text)


@lru_cache(maxsize=65_536)
def _latin(word: str, sizes: tuple[int, ...]) -> Hashes:
    """A word, and the runs of characters within it: forms of one word share most of them."""
    codes = np.frombuffer(f"<{word}>".encode("utf-32-le"), np.uint32)
    return np.concatenate([np.array([hash_of(f"={word}")], np.uint32), *(_runs(codes, size) for size in sizes)])


def characters(*sizes: int) -> Features:
    """Runs of Chinese characters of these sizes; Latin words whole and in runs of 3 and 4."""

    def features(text: str) -> Hashes:
        stretches, words = _parts(text)
        found = [_runs(stretch, size) for stretch in stretches for size in sizes]
        found += [_latin(word, (3, 4)) for word in words]
        return np.concatenate(found) if found else np.empty(0, np.uint32)

    return features


@lru_cache(maxsize=65_536)
def _spoken(code: int) -> int:
    """The hash of a character's syllable."""
    return hash_of(f"~{''.join(sounds(chr(code)))}")


def syllables(text: str) -> Hashes:
    """Single syllables and pairs, without tones: homophones and voice input come out alike."""
    stretches, words = _parts(text)
    found = [_latin(word, (3,)) for word in words]
    for stretch in stretches:
        codes = np.array([_spoken(code) for code in stretch.tolist()], np.uint32)
        found += [_runs(codes, 1), _runs(codes, 2)]
    return np.concatenate(found) if found else np.empty(0, np.uint32)


@dataclass(frozen=True, slots=True)
class _Postings:
    """Rows and weights by feature: those of feature `hashes[i]` lie from `starts[i]` to `starts[i + 1]`."""

    hashes: Hashes
    starts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]
    weights: Floats
    rarity: Floats


class Channel:
    """Texts indexed by their features. `bm25` chooses the weighting; `kept`, the `state` of an index of these texts."""

    State: TypeAlias = tuple[npt.NDArray[Any], ...]

    def __init__(
        self, texts: Sequence[str], features: Features, *, bm25: bool, kept: Channel.State | None = None
    ) -> None:
        self._features = features
        self._bm25 = bm25
        self.size = len(texts)
        self._postings = _Postings(*kept) if kept else self._index([features(text) for text in texts])
        self._unseen = float(np.log1p(self.size))

    @property
    def state(self) -> State:
        """All that was worked out from the texts."""
        postings = self._postings
        return postings.hashes, postings.starts, postings.rows, postings.weights, postings.rarity

    def _index(self, found: list[Hashes]) -> _Postings:
        lengths = np.array([len(each) for each in found], np.int64)
        every = np.concatenate(found) if found else np.empty(0, np.uint32)
        owners = np.repeat(np.arange(self.size, dtype=np.int64), lengths)
        keys, counts = np.unique(every.astype(np.int64) * max(self.size, 1) + owners, return_counts=True)
        features, rows = np.divmod(keys, max(self.size, 1))
        hashes, starts = np.unique(features, return_index=True)
        seen = np.diff(np.append(starts, len(features)))
        tf = counts.astype(np.float32)
        if self._bm25:
            rarity = np.log1p((self.size - seen + 0.5) / (seen + 0.5)).astype(np.float32)
            mean = max(float(lengths.mean()) if self.size else 1.0, 1.0)
            tf = tf * (K1 + 1) / (tf + K1 * (1 - B + B * lengths[rows].astype(np.float32) / mean))
        else:
            rarity = np.log1p(self.size / seen).astype(np.float32)
            tf = 1 + np.log(tf)
        weights = tf * np.repeat(rarity, seen)
        if not self._bm25:
            norms = np.sqrt(np.bincount(rows, weights * weights, minlength=self.size))
            weights = weights / np.maximum(norms[rows], 1e-9)
        return _Postings(
            hashes.astype(np.uint32),
            np.append(starts, len(features)),
            rows.astype(np.int32),
            weights.astype(np.float32),
            rarity,
        )

    def scores(self, text: str) -> tuple[Floats, float]:
        """The likeness of every text, 0 to 1, and the share of this text's weight that any of them knows."""
        found, counts = np.unique(self._features(text), return_counts=True)
        postings = self._postings
        if not len(found) or not len(postings.hashes):
            return np.zeros(self.size, np.float32), 0.0
        places = np.minimum(np.searchsorted(postings.hashes, found), len(postings.hashes) - 1)
        known = postings.hashes[places] == found
        tf = counts.astype(np.float32)
        if self._bm25:
            own = np.where(known, postings.rarity[places], self._unseen) * tf * (K1 + 1) / (tf + K1)
            total, factors = float(own.sum()), known.astype(np.float32)
        else:
            own = np.where(known, postings.rarity[places], self._unseen) * (1 + np.log(tf))
            total = float(np.sqrt((own * own).sum()))
            factors = own
        weight = own * own
        share = float(weight[known].sum() / weight.sum()) if weight.any() else 0.0
        return self._gather(places[known], factors[known] / max(total, 1e-9)), share

    def _gather(self, places: npt.NDArray[np.intp], factors: npt.NDArray[np.floating]) -> Floats:
        postings = self._postings
        starts, ends = postings.starts[places], postings.starts[places + 1]
        spans = ends - starts
        if not spans.sum():
            return np.zeros(self.size, np.float32)
        index = np.repeat(starts - np.concatenate(([0], np.cumsum(spans)[:-1])), spans) + np.arange(spans.sum())
        gathered = np.bincount(
            postings.rows[index], postings.weights[index] * np.repeat(factors, spans), minlength=self.size
        )
        return gathered.astype(np.float32)
