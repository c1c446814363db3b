"""An entry as it is typed: fields are plain text, lists one a line, sources 'law | article | date' one a line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from faq.model import Entry
from handlers.rules.review import Fault

FIELDS = (
    "id", "language", "topic", "question", "phrasings", "answer", "explanation", "steps", "documents", "where",
    "sources", "deadlines", "risk", "related", "jurisdiction", "checked_on", "review_by",
)  # fmt: skip
"""What is typed; who confirmed an entry and when is not."""
LISTS = frozenset({"phrasings", "steps", "documents", "deadlines", "related"})
LONGEST = 20_000
"""Characters of one field that are looked at; nothing sensible comes near it."""
_KINDS = {
    "missing": "missing",
    "string_too_short": "missing",
    "too_short": "missing",
    "string_too_long": "too_long",
    "string_pattern_mismatch": "pattern",
    "enum": "choice",
    "literal_error": "choice",
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]")
_BARS = re.compile(r"\s*[|｜]\s*")
_ARTICLE = re.compile(r"第?\s*([0-9]+)\s*条?(?:\s*(?:之|-)\s*([0-9]+))?")


def typed(entry: Entry) -> dict[str, str]:
    """An entry's fields as they stand in the form."""
    values = entry.model_dump(mode="json")
    fields = {name: str(values[name]) for name in FIELDS if name not in LISTS and name != "sources"}
    fields |= {name: "\n".join(values[name]) for name in LISTS}
    fields["sources"] = "\n".join(f"{row.law} | {row.article} | {row.version}" for row in entry.sources)
    return fields


def read(fields: Mapping[str, str]) -> tuple[Entry | None, tuple[Fault, ...]]:
    """The entry that was typed, or every fault with its field. Any text is fine; missing fields are empty."""
    texts = {name: clean(fields.get(name, "")) for name in FIELDS}
    faults = [Fault(name, "formula", text[:60]) for name, text in texts.items() if text.startswith("=")]
    sources, wrong = _sources(texts["sources"])
    values: dict[str, Any] = {name: lines(text) if name in LISTS else text for name, text in texts.items()}
    values["sources"] = sources
    for name in ("risk", "jurisdiction"):
        if not values[name]:
            del values[name]
    try:
        entry = Entry.model_validate(values)
    except ValidationError as error:
        faults += wrong
        for problem in error.errors(include_url=False):
            name = str(problem["loc"][0]) if problem["loc"] else "review_by"
            if name == "sources" and wrong:
                continue
            faults.append(Fault(name, _kind(problem["type"], name), _found(problem)))
        return None, tuple(dict.fromkeys(faults))
    return (None if faults or wrong else entry), tuple(faults + wrong)


def clean(text: str) -> str:
    """A typed text without characters nobody types, in one kind of line end."""
    return _CONTROLS.sub("", text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n")).strip()


def lines(text: str) -> list[str]:
    """The lines that say something."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def _kind(kind: str, name: str) -> str:
    if name in {"checked_on", "review_by"} and "date" in kind:
        return "date"
    if kind == "value_error":
        return "dates"
    return _KINDS.get(kind, "wrong")


def _found(problem: Any) -> str:
    limit = problem.get("ctx", {}).get("max_length")
    if limit is not None:
        return str(limit)
    given = problem.get("input")
    return given[:60] if isinstance(given, str) else ""


def _sources(text: str) -> tuple[list[dict[str, str]], list[Fault]]:
    """Citations, and the lines that are none. 《劳动法》 | 第50条 | 2018-12-29 is as good as without the marks."""
    found, wrong = [], []
    for line in lines(text):
        parts = _BARS.split(line)
        article = _ARTICLE.fullmatch(parts[1]) if len(parts) == 3 else None
        if article is None or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", parts[2]):
            wrong.append(Fault("sources", "source", line[:60]))
            continue
        number = f"{article[1]}-{article[2]}" if article[2] else article[1]
        found.append({"law": parts[0].strip("《》 "), "article": number, "version": parts[2]})
    return found, wrong
