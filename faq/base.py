"""The knowledge base in force: the files, overlaid by what was published or withdrawn on the desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from faq.files import explained
from faq.model import Entry


@dataclass(frozen=True, slots=True)
class Row:
    """A decision of the desk on one entry: published with `body`, or withdrawn. `place` says where it is kept."""

    entry_id: str
    language: str
    withdrawn: bool
    body: Mapping[str, Any]
    place: str = ""


def in_force(files: Iterable[Entry], rows: Iterable[Row]) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Entries that answer, and what is wrong with rows, a line each. `rows` in the order they were decided.

    A row that cannot be read is passed over: what the entry was before it stays in force.
    """
    entries: dict[tuple[str, str], Entry] = {(entry.id, entry.language): entry for entry in files}
    problems: list[str] = []
    for row in rows:
        key = (row.entry_id, row.language)
        if row.withdrawn:
            entries.pop(key, None)
            continue
        try:
            entry = Entry.model_validate(row.body)
        except ValidationError as error:
            for field, said in explained(error, Entry):
                problems.append(f"{row.place}: {row.entry_id}: {field or 'entry'}: {said}")
            continue
        if (entry.id, entry.language) != key:
            problems.append(f"{row.place}: {row.entry_id}: id, language: the text is of {entry.id}, {entry.language}")
            continue
        entries[key] = entry
    return tuple(entries.values()), tuple(problems)
