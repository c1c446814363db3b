"""Entries from files: `entries/<language>/<topic>.yaml`, each a list. Every problem is named, with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from rapidfuzz import process

from faq.model import Entry

LANGUAGES = ("zh", "en")
LARGEST_FILE = 2_000_000


class KnowledgeBaseError(Exception):
    """The files cannot be used; the text lists every problem: file, line, entry, field, and a hint."""


class _Loader(yaml.CSafeLoader):
    """YAML that remembers each mapping's line and refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=True)
        if len(mapping) != len(node.value):
            keys = [key.value for key, _ in node.value]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise yaml.constructor.ConstructorError(None, None, f"'{twice}' is given twice", node.start_mark)
        mapping["__line__"] = node.start_mark.line + 1
        return mapping


def shipped_folder() -> Path:
    """Where the entries that come with the product are."""
    return Path(__file__).parent / "entries"


def load_entries(folder: Path) -> tuple[Entry, ...]:
    """Read and check every entry. Raises KnowledgeBaseError listing all problems at once."""
    problems: list[str] = []
    found: list[tuple[Entry, str]] = []
    for language in LANGUAGES:
        for path in sorted((folder / language).glob("*.yaml")):
            for row in _rows(path, problems):
                entry = _entry(row, language, path, problems)
                if entry is not None:
                    found.append((entry, f"{path.name}:{row['__line__']}"))
    if not found and not problems:
        problems.append(f"{folder}: no entries; expected files such as {folder / 'zh' / 'labour.yaml'}")
    problems += _together(found)
    if problems:
        raise KnowledgeBaseError("\n".join(problems))
    return tuple(entry for entry, _ in found)


def _rows(path: Path, problems: list[str]) -> Iterator[dict[str, Any]]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            problems.append(f"{path}: larger than {LARGEST_FILE} bytes; split it by topic")
            return
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path}: cannot be read: {error}")
        return
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problems.append(f"{path}:{mark.line + 1 if mark else 1}: {getattr(error, 'problem', None) or error}")
        return
    for row in loaded if isinstance(loaded, list) else [loaded]:
        if isinstance(row, dict):
            yield row
        else:
            problems.append(f"{path}: expected a list of entries, found {type(row).__name__}")


def _entry(row: dict[str, Any], language: str, path: Path, problems: list[str]) -> Entry | None:
    line = row["__line__"]
    values = _without_lines({"language": language, **row})
    name = values.get("id", "entry without id")
    try:
        return Entry.model_validate(values)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            field = ".".join(str(part) for part in problem["loc"])
            hint = ""
            if problem["type"] == "extra_forbidden":
                near = process.extractOne(field.rsplit(".", 1)[-1], list(Entry.model_fields))
                hint = f"; did you mean '{near[0]}'?" if near else ""
            problems.append(f"{path}:{line}: {name}: {field or 'entry'}: {problem['msg']}{hint}")
        return None


def _without_lines(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_lines(inner) for key, inner in value.items() if key != "__line__"}
    return [_without_lines(inner) for inner in value] if isinstance(value, list) else value


def _together(found: list[tuple[Entry, str]]) -> list[str]:
    """What one entry alone cannot show: ids given twice, related entries that are not there."""
    problems = []
    seen: dict[tuple[str, str], str] = {}
    for entry, place in found:
        key = (entry.id, entry.language)
        if key in seen:
            problems.append(f"{place}: {entry.id}: id: given before at {seen[key]}")
        seen.setdefault(key, place)
    known = sorted({entry.id for entry, _ in found})
    for entry, place in found:
        for other in entry.related:
            if other not in known:
                near = process.extractOne(other, known)
                problems.append(f"{place}: {entry.id}: related: no entry '{other}'; did you mean '{near and near[0]}'?")
    return problems
