"""Whether each citation names an article that exists, in that version, and speaks of what the entry speaks of.

The file of article texts has one JSON object a line: `law`, `version` (ISO date or words), `article` (number), perhaps
`suffix`, `text`.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from faq.model import Entry, Source

DOUBTFUL_BELOW = 10.0
"""Least rarity (nats, summed over shared pairs of characters) an entry and its article share; below it a person reads
both. Set so that nine of ten wrongly paired articles fall below."""
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class CitationProblem:
    """`kind`: 'no_article' or 'wrong_version' (errors), 'unknown_law' (not in the file) or 'doubtful' (to be read).

    `shared` is how much rarity the entry's words share with the article, in nats; `text` the article.
    """

    entry_id: str
    language: str
    source: Source
    kind: str
    shared: float = 0.0
    text: str = ""

    @property
    def is_error(self) -> bool:
        return self.kind in {"no_article", "wrong_version"}


class Statutes:
    """Articles of law by law, version and number. Made by `read`."""

    def __init__(self, articles: dict[tuple[str, str, str], str]) -> None:
        self._articles = articles
        self._versions: dict[str, set[str]] = {}
        for law, version, _ in articles:
            self._versions.setdefault(law, set()).add(version)
        self._seen = Counter(pair for text in articles.values() for pair in _pairs(text))

    @classmethod
    def read(cls, path: Path) -> Statutes:
        """Raises OSError for a file that cannot be read, ValueError naming the line that is no article."""
        articles = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                article = f"{row['article']}-{row['suffix']}" if row.get("suffix") else str(row["article"])
                articles[row["law"], row["version"], article] = row["text"]
            except (ValueError, KeyError, TypeError, AttributeError):
                raise ValueError(f"{path}:{number}: expected an object with law, version, article and text") from None
        if not articles:
            raise ValueError(f"{path}: no articles")
        return cls(articles)

    def problem(self, entry: Entry, source: Source) -> CitationProblem | None:
        """What is wrong with one citation; None when it holds."""
        version = source.version.isoformat()
        if source.law not in self._versions:
            return CitationProblem(entry.id, entry.language, source, "unknown_law")
        if version not in self._versions[source.law]:
            return CitationProblem(entry.id, entry.language, source, "wrong_version")
        text = self._articles.get((source.law, version, source.article))
        if text is None:
            return CitationProblem(entry.id, entry.language, source, "no_article")
        shared = self._shared(entry, text)
        if entry.language == "zh" and shared < DOUBTFUL_BELOW:
            return CitationProblem(entry.id, entry.language, source, "doubtful", shared, text)
        return None

    def _shared(self, entry: Entry, text: str) -> float:
        """What the entry and an article share: pairs of characters, each with its rarity among all articles in nats."""
        words = _pairs("\n".join((entry.question, *entry.phrasings, entry.answer, entry.explanation, *entry.steps)))
        return sum(math.log(len(self._articles) / self._seen[pair]) for pair in _pairs(text) & words)


def check_citations(entries: Iterable[Entry], statutes: Path) -> tuple[CitationProblem, ...]:
    """Every citation that does not hold or should be read. Raises OSError or ValueError (see `Statutes.read`)."""
    known = Statutes.read(statutes)
    found = (known.problem(entry, source) for entry in entries for source in entry.sources)
    return tuple(problem for problem in found if problem is not None)


def _pairs(text: str) -> set[str]:
    return {run[index : index + 2] for run in _HAN_RUN.findall(text) for index in range(len(run) - 1)}
