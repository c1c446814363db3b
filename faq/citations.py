"""Whether each citation names an article that exists, in that version, against a file of article texts.

The file has one JSON object a line: `law`, `version` (ISO date or words), `article` (number), perhaps `suffix`, `text`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from faq.model import Entry, Source


@dataclass(frozen=True, slots=True)
class CitationProblem:
    """`kind`: 'unknown_law' (not in the file), 'wrong_version', 'no_article'."""

    entry_id: str
    source: Source
    kind: str


def check_citations(entries: Iterable[Entry], statutes: Path) -> tuple[CitationProblem, ...]:
    """Every citation that does not hold. Raises OSError or ValueError for a file that cannot be read."""
    laws: dict[str, set[str]] = {}
    articles: set[tuple[str, str, str]] = set()
    for line in statutes.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        number = f"{row['article']}-{row['suffix']}" if row.get("suffix") else str(row["article"])
        laws.setdefault(row["law"], set()).add(row["version"])
        articles.add((row["law"], row["version"], number))
    problems = []
    for entry in entries:
        for source in entry.sources:
            version = source.version.isoformat()
            if source.law not in laws:
                kind = "unknown_law"
            elif version not in laws[source.law]:
                kind = "wrong_version"
            elif (source.law, version, source.article) not in articles:
                kind = "no_article"
            else:
                continue
            problems.append(CitationProblem(entry.id, source, kind))
    return tuple(problems)
