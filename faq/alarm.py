"""How people say that it burns, learned from sentences: no list of words holds all the ways to say it.

A softmax over 'nothing' and the kinds of emergency, on hashed runs of characters and syllables, fitted by
bench/fit_alarm.py on the sentences in faq/questions/ and kept in faq/alarm*.npz. The same words always give the same
result; nothing is looked up elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from faq.grams import Floats, Hashes, characters, syllables
from faq.normalise import is_chinese, plain, unwrapped

FEATURES = 1 << 17
FEWEST = 8
"""Features a very short text counts as having: a single word proves little."""
WINDOW, LATIN_WINDOW = 60, 160
"""Characters looked at together in a long message, so that a story around it does not drown a cry for help."""
_CLAUSE = re.compile(r"[^,，.。;；!！?？\n]+[,，.。;；!！?？\n]*")
_characters = characters(1, 2, 3, 4)


def alarm_features(text: str) -> Hashes:
    """The hashed features of a text, each once."""
    seen, heard = _characters(text), syllables(text)
    return np.unique(np.concatenate([(seen * 2) % np.uint32(FEATURES), (heard * 2 + 1) % np.uint32(FEATURES)]))


def windows(text: str) -> list[str]:
    """The text, or for a long one parts of whole clauses, each beginning in the middle of the one before."""
    longest = WINDOW if is_chinese(text) else LATIN_WINDOW
    if len(text) <= longest:
        return [text]
    clauses = [
        clause[start : start + longest] for clause in _CLAUSE.findall(text) for start in range(0, len(clause), longest)
    ]
    found = []
    begin = end = 0
    while end < len(clauses):
        size, end = 0, begin
        while end < len(clauses) and (end == begin or size + len(clauses[end]) <= longest):
            size += len(clauses[end])
            end += 1
        found.append("".join(clauses[begin:end]))
        step = 0
        while begin < end and step < longest // 2:
            step += len(clauses[begin])
            begin += 1
    return found


@dataclass(frozen=True, slots=True)
class Alarm:
    """The likeliest kind, how likely it is that there is an emergency at all (0 to 1), and the part that says so."""

    kind: str
    probability: float
    part: str


class AlarmModel:
    """Weights by feature and kind; the first kind is 'none'."""

    def __init__(self, kinds: tuple[str, ...], hashes: Hashes, weights: Floats, constants: Floats) -> None:
        self.kinds = kinds
        self._hashes, self._weights, self._constants = hashes, weights, constants

    @classmethod
    def read(cls, path: Path) -> AlarmModel:
        """Raises OSError, ValueError or KeyError for a file that is not one of ours."""
        with np.load(path, allow_pickle=False) as kept:
            scale = kept["scale"].astype(np.float32)
            return cls(
                tuple(str(kind) for kind in kept["kinds"]),
                kept["hashes"],
                kept["weights"].astype(np.float32) * scale,
                kept["constants"].astype(np.float32),
            )

    def probabilities(self, text: str) -> npt.NDArray[np.floating]:
        """By kind, for a text taken whole."""
        found = alarm_features(text)
        places = np.minimum(np.searchsorted(self._hashes, found), len(self._hashes) - 1)
        known = places[self._hashes[places] == found]
        size = np.sqrt(max(len(found), FEWEST))
        odds = self._constants + self._weights[known].sum(axis=0) / size
        spread = np.exp(odds - odds.max())
        return np.asarray(spread / spread.sum())

    def look(self, text: str) -> Alarm:
        """The most alarming part of a message. Any text is fine."""
        best = Alarm("none", 0.0, "")
        for part in windows(unwrapped(plain(text))):
            likely = self.probabilities(part)
            if 1 - likely[0] > best.probability:
                best = Alarm(self.kinds[1 + int(likely[1:].argmax())], float(1 - likely[0]), part)
        return best


MODELS = {False: "alarm.npz", True: "alarm_brief.npz"}
"""The models that come with the product: of messages, and of those of a word or two."""


@cache
def shipped_alarm(*, brief: bool) -> AlarmModel:
    """A model that comes with the product."""
    return AlarmModel.read(Path(__file__).parent / MODELS[brief])
