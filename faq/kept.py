"""An index kept on disk, so that a start need not make it again. Keyed by a hash of all it was made from; a damaged or
older file is only lost time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from faq.grams import Channel
from faq.normalise import LEXICON

EDITION = "1"
"""To be raised whenever faq/grams.py or faq/normalise.py makes something else of the same texts."""
FILE = "index.npz"


def key_of(texts: Iterable[str]) -> str:
    """What an index of these texts is kept under: a hash of them, and of what is made of them."""
    hashed = hashlib.blake2b(digest_size=16)
    for part in (EDITION, version("opencc"), version("pypinyin"), LEXICON.read_text(encoding="utf-8"), *texts):
        hashed.update(part.encode() + b"\x00")
    return hashed.hexdigest()


def load(folder: Path, key: str) -> tuple[list[str], dict[str, Channel.State]] | None:
    """The normalised texts and the channels' states kept under this key; None when there are none."""
    try:
        with (folder / FILE).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept["key"]) != key:
                return None
            texts = kept["texts"].tobytes().decode().split("\x00")
            names = sorted({name.partition(".")[0] for name in kept.files} - {"key", "texts"})
            return texts, {name: tuple(kept[f"{name}.{part}"] for part in range(5)) for name in names}
    except (OSError, ValueError, KeyError, EOFError, TypeError, BadZipFile):
        return None


def save(folder: Path, key: str, texts: list[str], channels: Mapping[str, Channel]) -> None:
    """Keep an index in place of the one before. A folder that cannot be written to is passed over."""
    arrays = {f"{name}.{part}": array for name, channel in channels.items() for part, array in enumerate(channel.state)}
    words = np.frombuffer("\x00".join(texts).encode(), np.uint8)
    write_arrays(folder / FILE, {"key": np.array(key), "texts": words, **arrays})


def write_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write a file of arrays whole or not at all. A place that cannot be written to is passed over."""
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
