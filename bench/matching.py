"""`python -m bench.matching [KB QUESTIONS]`: the matcher beside what else a user would pick, on the same questions.

Without arguments: the product's own knowledge base and its test questions. Others as `doorstep match` reads them, each
question with its `entry`. Prints top-1 and recall@3, milliseconds a query (95th percentile), and how time and memory
grow; and what is lost when 15 % of the characters are others of the same sound. Needs the extra `fit`.
"""

from __future__ import annotations

import json
import random
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import rjieba
from rapidfuzz import fuzz, process

from faq.documents import PlainDocument, read_documents
from faq.grams import Channel, Hashes, characters, hash_of
from faq.index import Document
from faq.load import load_entries, shipped_folder
from faq.normalise import normalise, sounds
from faq.questions import labelled_questions
from faq.rank import Ranker
from faq.vectors import VectorStore, installed_encoders

CACHE = Path("build/vectors")
SIZES = (1_000, 10_000, 100_000)
HOMOPHONES = 0.15
Ranks = Callable[[str], list[str]]


def _best(owners: Sequence[str], values: Sequence[float]) -> list[str]:
    order = np.argsort(-np.asarray(values), kind="stable")[:60]
    return list(dict.fromkeys(owners[place] for place in order))[:10]


def jieba_words(text: str) -> Hashes:
    """Words as jieba cuts them."""
    return np.array([hash_of(word) for word in rjieba.cut(text) if word.strip()], np.uint32)


def misheard(texts: Sequence[str], known: Sequence[str]) -> list[str]:
    """The texts with a share of their characters made others of the same sound, out of those in `known`."""
    by_sound: dict[str, list[str]] = {}
    for character in sorted({character for text in known for character in text if character >= "\u3400"}):
        by_sound.setdefault("".join(sounds(character)), []).append(character)
    chance = random.Random(15)

    def heard(character: str) -> str:
        others = [other for other in by_sound.get("".join(sounds(character)), []) if other != character]
        return chance.choice(others) if character >= "\u3400" and others and chance.random() < HOMOPHONES else character

    return ["".join(map(heard, text)) for text in texts]


def rivals(documents: Sequence[Document]) -> dict[str, Ranks]:
    """rapidfuzz's WRatio, BM25 over single characters and pairs, and SQLite's full-text search by trigrams."""
    pairs = [(document.id, text) for document in documents for text in (document.question, *document.phrasings)]
    owners, texts = [name for name, _ in pairs], [normalise(text) for _, text in pairs]
    bm25 = Channel(texts, characters(1, 2), bm25=True)
    words = Channel(texts, jieba_words, bm25=True)
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE phrasing USING fts5(owner UNINDEXED, text, tokenize='trigram')")
    base.executemany("INSERT INTO phrasing VALUES (?, ?)", zip(owners, texts, strict=True))

    def wratio(text: str) -> list[str]:
        return _best(owners, process.cdist([normalise(text)], texts, scorer=fuzz.WRatio)[0])

    def full_text(text: str) -> list[str]:
        wanted = normalise(text).replace(" ", "")
        grams = {wanted[start : start + 3] for start in range(len(wanted) - 2)}
        if not grams:
            return []
        query = " OR ".join('"' + gram.replace('"', '""') + '"' for gram in sorted(grams))
        rows = base.execute("SELECT owner FROM phrasing WHERE phrasing MATCH ? ORDER BY rank LIMIT 60", (query,))
        return list(dict.fromkeys(owner for (owner,) in rows))[:10]

    return {
        "rapidfuzz WRatio": wratio,
        "BM25, characters": lambda text: _best(owners, list(bm25.scores(normalise(text))[0])),
        "BM25, jieba's words": lambda text: _best(owners, list(words.scores(normalise(text))[0])),
        "SQLite FTS5 trigram": full_text,
    }


def measure(name: str, rank: Ranks, asked: Sequence[tuple[str, frozenset[str]]]) -> None:
    first = third = 0
    took = []
    for text, right in asked:
        began = time.perf_counter()
        found = rank(text)
        took.append(time.perf_counter() - began)
        first += bool(set(found[:1]) & right)
        third += bool(set(found[:3]) & right)
    p95 = sorted(took)[int(len(took) * 0.95)] * 1000
    print(f"{name:24} top-1 {first / len(asked):.3f}  recall@3 {third / len(asked):.3f}  p95 {p95:.1f} ms", flush=True)


def grow(documents: Sequence[Document], asked: Sequence[tuple[str, frozenset[str]]]) -> None:
    """How the lexical index grows: copies of the questions, each with a number of its own."""
    for size in SIZES:
        many = [
            PlainDocument(id=str(place), question=f"{documents[place % len(documents)].question} {place}")
            for place in range(size)
        ]
        began = time.perf_counter()
        ranker = Ranker(many)
        made = time.perf_counter() - began
        took = []
        for text, _ in asked[:100]:
            began = time.perf_counter()
            ranker.rank(text)
            took.append(time.perf_counter() - began)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{size:7} entries: index {made:.1f} s, p95 {sorted(took)[94] * 1000:.1f} ms, process {memory:.0f} MB",
            flush=True,
        )


def main(given: Sequence[str]) -> None:
    documents: Sequence[Document]
    if given:
        documents = read_documents(Path(given[0]))
        rows = [json.loads(line) for line in Path(given[1]).read_text(encoding="utf-8").splitlines()]
        asked = [(row["text"], frozenset({row["entry"]})) for row in rows if row["entry"]]
    else:
        documents = load_entries(shipped_folder())
        asked = [(row.text, row.right) for row in labelled_questions() if row.split == "test" and row.right]
    for name, rank in rivals(documents).items():
        measure(name, rank, asked)
    ranker = Ranker(documents)
    measure("ours, lexical", lambda text: [row.id for row in ranker.rank(text).candidates], asked)
    ranker.add(VectorStore(encoder, CACHE) for encoder in installed_encoders())
    measure("ours, with vectors", lambda text: [row.id for row in ranker.rank(text).candidates], asked)
    texts = [text for text, _ in asked]
    wrong = zip(misheard(texts, [*texts, *ranker.index.rows]), [right for _, right in asked], strict=True)
    measure("the same, misheard", lambda text: [row.id for row in ranker.rank(text).candidates], list(wrong))
    grow(documents, asked)


if __name__ == "__main__":
    main(sys.argv[1:])
