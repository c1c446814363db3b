"""`python -m bench.fit_alarm [SENTENCES]...`: fits faq/alarm*.npz on the development sentences (needs the extra `fit`).

The sentences of faq/questions/emergency.jsonl, the phrasings of entries that need no haste, and the development
questions of the matcher as ordinary ones; further ordinary texts may be given, one a line. Prints what is found and
what it costs on the held-out sentences, which are not looked at in fitting.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from faq.alarm import FEATURES, FEWEST, MODELS, AlarmModel, alarm_features
from faq.emergency import EmergencyKind, is_brief
from faq.grams import Floats
from faq.load import load_entries, shipped_folder
from faq.model import Risk
from faq.normalise import plain, unwrapped
from faq.questions import emergency_sentences, labelled_questions

KINDS = ("none", *EmergencyKind)
ORDINARY = 1.0
"""Weight of a sentence that was not written to be told apart from an emergency."""
SOFTNESS = 60.0
SMALLEST = 0.02
"""A feature whose weights all are below this share of the largest is left out."""
TARGETS = {brief: Path(__file__).parents[1] / "faq" / name for brief, name in MODELS.items()}


def material(files: Sequence[str], *, brief: bool) -> tuple[list[str], list[int], list[float]]:
    """Texts, kinds and weights to fit on; the brief sentences teach the model of brief messages only."""
    rows = [
        (row.text, row.kind or "none", 1.0)
        for row in emergency_sentences()
        if row.split == "dev" and (brief or not is_brief(row.text))
    ]
    entries = load_entries(shipped_folder())
    careful = {entry.id for entry in entries if entry.risk is Risk.NEVER_AUTOMATIC}
    for entry in entries:
        if entry.id not in careful:
            rows += [(text, "none", ORDINARY) for text in (entry.question, *entry.phrasings)]
    rows += [
        (row.text, "none", ORDINARY) for row in labelled_questions() if row.split == "dev" and not row.right & careful
    ]
    rows += [(line, "none", ORDINARY) for name in files for line in Path(name).read_text(encoding="utf-8").splitlines()]
    return [text for text, _, _ in rows], [KINDS.index(kind) for _, kind, _ in rows], [weight for _, _, weight in rows]


def table(texts: Sequence[str]) -> csr_matrix:
    """A row a text: its features, the longer the text the less each."""
    found = [alarm_features(unwrapped(plain(text))[:300]) for text in texts]
    values = np.concatenate([np.full(len(each), 1 / np.sqrt(max(len(each), FEWEST))) for each in found])
    starts = np.cumsum([0, *(len(each) for each in found)])
    return csr_matrix((values, np.concatenate(found), starts), shape=(len(texts), FEATURES))


def save(model: LogisticRegression, target: Path) -> None:
    """Keep what counts, in eight bits a weight."""
    weights: Floats = model.coef_.T.astype(np.float32)
    kept = np.flatnonzero(np.abs(weights).max(axis=1) >= SMALLEST * np.abs(weights).max())
    scale = np.float32(np.abs(weights).max() / 127)
    np.savez_compressed(
        target,
        kinds=np.array(KINDS),
        hashes=kept.astype(np.uint32),
        weights=np.round(weights[kept] / scale).astype(np.int8),
        scale=scale,
        constants=model.intercept_.astype(np.float32),
    )


def main(files: Sequence[str]) -> None:
    for brief, target in TARGETS.items():
        texts, kinds, weights = material(files, brief=brief)
        save(LogisticRegression(C=SOFTNESS, max_iter=1000).fit(table(texts), kinds, weights), target)
        model = AlarmModel.read(target)
        held = [
            (row, model.look(row.text).probability)
            for row in emergency_sentences()
            if row.split == "test" and is_brief(row.text) is brief
        ]
        print("brief messages" if brief else "other messages")
        for level in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5):
            found = np.mean([probability >= level for row, probability in held if row.kind])
            false = np.mean([probability >= level for row, probability in held if not row.kind])
            print(f"from {level}: {found:.3f} of the emergencies, {false:.3f} of the look-alikes")


if __name__ == "__main__":
    main(sys.argv[1:])
