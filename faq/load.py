"""Entries from files. Every problem is named, with its place.

`entries/<language>/<topic>.yaml`, each a list, holds what is true in the whole country;
`entries/<jurisdiction>/<language>/<topic>.yaml` what a province or county has of its own, for counties that list it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz import process

from faq.files import LINE, KnowledgeBaseError, checked, read_rows
from faq.model import Entry

__all__ = ["LANGUAGES", "NATIONAL", "KnowledgeBaseError", "Read", "load_entries", "read_entries", "shipped_folder"]

LANGUAGES = ("zh", "en")
NATIONAL = "national"


@dataclass(frozen=True, slots=True)
class Read:
    """What a folder holds: the entries that can be used, and what is wrong with the rest, a line each."""

    entries: tuple[Entry, ...]
    problems: tuple[str, ...]


def shipped_folder() -> Path:
    """Where the entries that come with the product are."""
    return Path(__file__).parent / "entries"


def load_entries(folder: Path, jurisdictions: Sequence[str] = ()) -> tuple[Entry, ...]:
    """Read and check every entry. Raises KnowledgeBaseError listing all problems at once."""
    read = read_entries(folder, jurisdictions)
    if read.problems:
        raise KnowledgeBaseError("\n".join(read.problems))
    return read.entries


def read_entries(folder: Path, jurisdictions: Sequence[str] = ()) -> Read:
    """Every entry that can be used, and every problem. A later jurisdiction goes before an earlier one."""
    problems: list[str] = []
    found = _in_folder(folder, NATIONAL, problems)
    if not found and not problems:
        problems.append(f"{folder}: no entries; expected files such as {folder / 'zh' / 'labour.yaml'}")
    problems += _given_twice(found)
    everything = dict(found)
    for name in jurisdictions:
        if not (folder / name).is_dir():
            known = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name not in LANGUAGES)
            near = process.extractOne(name, known, score_cutoff=50)
            hint = f"; did you mean '{near[0]}'?" if near else f"; there are: {', '.join(known) or 'none'}"
            problems.append(f"{folder / name}: no such folder, and county.jurisdiction lists '{name}'{hint}")
            continue
        local = _in_folder(folder / name, name, problems)
        problems += _given_twice(local)
        # Where a jurisdiction has a rule of its own, the national one is wrong in every language.
        ruled = {entry.id for entry, _ in local}
        everything = {entry: place for entry, place in everything.items() if entry.id not in ruled} | dict(local)
    problems += _related(everything)
    unique = {(entry.id, entry.language): entry for entry in reversed(everything)}
    return Read(tuple(reversed(unique.values())), tuple(problems))


def _in_folder(folder: Path, jurisdiction: str, problems: list[str]) -> list[tuple[Entry, str]]:
    """The entries of one jurisdiction, each with its place."""
    found: list[tuple[Entry, str]] = []
    for language in LANGUAGES:
        for path in sorted((folder / language).glob("*.yaml")):
            try:
                stamp = path.stat()
            except OSError as error:
                problems.append(f"{path}: cannot be read: {error}")
                continue
            entries, wrong = _in_file(path, (stamp.st_mtime_ns, stamp.st_size, stamp.st_ino), language, jurisdiction)
            found += entries
            problems += wrong
    return found


@lru_cache(maxsize=256)
def _in_file(
    path: Path, _stamp: tuple[int, int, int], language: str, jurisdiction: str
) -> tuple[tuple[tuple[Entry, str], ...], tuple[str, ...]]:
    """The entries of a file, each with its place, and what is wrong with the rest. An unchanged file is read once."""
    found, problems = [], list[str]()
    for row in read_rows(path, problems):
        given = {"language": language, "jurisdiction": jurisdiction, **row}
        entry = checked(Entry, given, str(path), problems, "entry")
        if entry is None:
            continue
        place = f"{path}:{row[LINE]}"
        if (entry.language, entry.jurisdiction) != (language, jurisdiction):
            problems.append(
                f"{place}: {entry.id}: jurisdiction, language: says {entry.jurisdiction}, {entry.language}, "
                f"but this folder is for {jurisdiction}, {language}"
            )
            continue
        found.append((entry, place))
    return tuple(found), tuple(problems)


def _given_twice(found: list[tuple[Entry, str]]) -> list[str]:
    problems = []
    seen: dict[tuple[str, str], str] = {}
    for entry, place in found:
        key = (entry.id, entry.language)
        if key in seen:
            problems.append(f"{place}: {entry.id}: id: given before at {seen[key]}")
        seen.setdefault(key, place)
    return problems


def _related(found: dict[Entry, str]) -> list[str]:
    """Related entries that are not there."""
    problems = []
    known = sorted({entry.id for entry in found})
    for entry, place in found.items():
        for other in entry.related:
            if other not in known:
                near = process.extractOne(other, known)
                problems.append(f"{place}: {entry.id}: related: no entry '{other}'; did you mean '{near and near[0]}'?")
    return problems
