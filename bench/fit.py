"""`python -m bench.fit [KB QUESTIONS]...`: fits faq/fit.json on the development questions (needs the extra `fit`).

A knowledge base beside the product's own may be given with questions to it, as `doorstep match` reads them, each
question with its `entry` ('' where none answers): weights that serve two knowledge bases serve a third. Test questions
are never looked at.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from faq.documents import read_documents
from faq.grams import Floats
from faq.index import Compared, Document, Index
from faq.load import load_entries, shipped_folder
from faq.normalise import is_chinese, plain
from faq.questions import labelled_questions
from faq.rank import COMPARED, COMPETITORS, SIGNS, features_of, scores, signs
from faq.vectors import VectorStore, installed_encoders

CACHE = Path("build/vectors")
KEPT = 100
"""Likely entries each question is told apart from."""
RIDGE = 3e-4
TARGET = Path(__file__).parents[1] / "faq" / "fit.json"

Matrix = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Case:
    """A question compared with every entry, and the places of the entries that answer it (none: no entry does)."""

    compared: Compared
    right: tuple[int, ...]
    length: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the ids of the entries that answer it."""

    text: str
    right: frozenset[str]


def datasets(extra: Sequence[str]) -> Iterator[tuple[list[Document], list[Asked]]]:
    """The product's own knowledge base with its development questions, then the given ones."""
    own = [Asked(row.text, row.right) for row in labelled_questions() if row.split == "dev"]
    yield list(load_entries(shipped_folder())), own
    for kb, questions in zip(extra[::2], extra[1::2], strict=True):
        rows = [json.loads(line) for line in Path(questions).read_text(encoding="utf-8").splitlines()]
        yield list(read_documents(Path(kb))), [Asked(row["text"], frozenset({row["entry"]}) - {""}) for row in rows]


def compare(index: Index, asked: Sequence[Asked]) -> list[Case]:
    places = {name: place for place, name in enumerate(index.ids)}
    return [
        Case(
            index.compare(row.text, COMPARED),
            tuple(places[name] for name in row.right if name in places),
            len(row.text.strip()),
        )
        for row in asked
    ]


def fit_weights(cases: Sequence[Case], names: Sequence[str]) -> dict[str, float]:
    """Weights, none negative, under which the right entry is most likely."""
    tables = []
    for case in cases:
        if not case.right:
            continue
        table = np.stack([case.compared.features[name] for name in names], axis=1)
        rest = np.argsort(-table.sum(axis=1))[:KEPT]
        rest = rest[~np.isin(rest, case.right)]
        best = max(case.right, key=lambda place: float(table[place].sum()))
        tables.append(np.concatenate([table[[best]], table[rest]]).astype(float))

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, slope = 0.0, np.zeros_like(weights)
        for table in tables:
            values = table @ weights
            spread = np.exp(values - values.max())
            spread /= spread.sum()
            total -= float(np.log(spread[0]))
            slope += spread @ table - table[0]
        return total / len(tables) + RIDGE * float(weights @ weights), slope / len(tables) + 2 * RIDGE * weights

    found = minimize(loss, np.ones(len(names)), jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(names))
    return {name: round(float(weight), 3) for name, weight in zip(names, found.x, strict=True)}


def fit_confidence(cases: Sequence[Case], weights: dict[str, float]) -> tuple[float, ...]:
    """The logistic regression of 'the first entry is right' on the signs; no sign of likeness may count against it."""
    rows, right = [], []
    for case in cases:
        ranked = scores(case.compared, weights)
        order = np.argsort(-ranked, kind="stable")[:COMPETITORS]
        rows.append(signs(ranked, order, case.compared, weights, case.length))
        right.append(int(order[0]) in case.right)
    table, truth = np.array(rows), np.array(right, float)

    def loss(given: Matrix) -> tuple[float, Matrix]:
        odds = table @ given
        likely = 1 / (1 + np.exp(-odds))
        lost = np.logaddexp(0, odds) - truth * odds
        slope = table.T @ (likely - truth) / len(truth)
        return float(lost.mean()) + RIDGE * float(given @ given), slope + 2 * RIDGE * given

    free = {"constant", "length"}
    bounds = [(None, None) if name in free else (0, None) for name in SIGNS]
    found = minimize(loss, np.zeros(len(SIGNS)), jac=True, method="L-BFGS-B", bounds=bounds)
    return tuple(round(float(value), 4) for value in found.x)


def means(stores: Sequence[VectorStore]) -> dict[str, Floats]:
    """The E5 mean of messages and of entries, by language."""
    store = next(store for store in stores if store.encoder.name == "e5")
    messages = [plain(row.text) for row in labelled_questions() if row.split == "dev"]
    entries = [plain(text) for entry in load_entries(shipped_folder()) for text in (entry.question, *entry.phrasings)]
    found = {}
    for kind, texts in (("message", messages), ("entry", entries)):
        for language in ("zh", "en"):
            chosen = [text for text in texts if is_chinese(text) == (language == "zh")]
            found[f"{language}/{kind}"] = store.of_texts(chosen).mean(axis=0)
    return found


def main(extra: Sequence[str]) -> None:
    stores = [VectorStore(encoder, CACHE) for encoder in installed_encoders()]
    middle = means(stores)
    sets = [(Index(documents, middle), asked) for documents, asked in datasets(extra)]
    weights = {}
    for count in range(len(stores) + 1):
        encoders = [store.encoder.name for store in stores[:count]]
        if count:
            for index, _ in sets:
                index.add_vectors(stores[count - 1])
        cases = [case for index, asked in sets for case in compare(index, asked)]
        fitted = fit_weights(cases, features_of(encoders))
        weights["+".join(encoders)] = {"features": fitted, "confidence": fit_confidence(cases, fitted)}
        print("+".join(encoders) or "lexical", weights["+".join(encoders)], flush=True)
    rounded = {name: [round(float(value), 5) for value in mean] for name, mean in middle.items()}
    TARGET.write_text(json.dumps({"weights": weights, "means": rounded}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
