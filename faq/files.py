"""Data files: YAML that keeps each mapping's line, and problems said with file, line, field and a hint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from rapidfuzz import process

LARGEST_FILE = 2_000_000
LINE = "__line__"
"""The key under which a mapping keeps its line while it is read."""
_LINES = "__lines__"
"""The same for the lines of its keys."""

Model = TypeVar("Model", bound=BaseModel)


class KnowledgeBaseError(Exception):
    """The files cannot be used; the text lists every problem: file, line, entry, field, and a hint."""


class _Loader(yaml.CSafeLoader):
    """YAML that remembers lines, and refuses a key given twice and aliases (a few unfold to gigabytes)."""

    def get_single_node(self) -> yaml.Node | None:
        root = super().get_single_node()
        seen: set[int] = set()
        waiting = [root] if root is not None else []
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                raise yaml.composer.ComposerError(None, None, "'*' refers to another place; write it out", None)
            seen.add(id(node))
            if isinstance(node, yaml.MappingNode):
                waiting += [part for pair in node.value for part in pair]
            elif isinstance(node, yaml.SequenceNode):
                waiting += node.value
        return root

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=True)
        if len(mapping) != len(node.value):
            keys = [key.value for key, _ in node.value]
            twice = next((key for key in keys if keys.count(key) > 1), "<<")
            raise yaml.constructor.ConstructorError(None, None, f"'{twice}' is given twice", node.start_mark)
        mapping[LINE] = node.start_mark.line + 1
        mapping[_LINES] = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
        return mapping


def read_yaml(path: Path, problems: list[str]) -> str | None:
    """The text of a file; None, and the problem said, when it cannot be used."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            problems.append(f"{path}: larger than {LARGEST_FILE} bytes; split it by topic")
            return None
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path}: cannot be read: {error}")
        return None


def parse_rows(text: str, name: str, problems: list[str]) -> Iterator[dict[str, Any]]:
    """The mappings of a YAML list, each with its `LINE`. `name` is the file's, for problems."""
    try:
        loaded = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problems.append(
            f"{name}:{mark.line + 1 if mark else 1}: not valid YAML: {getattr(error, 'problem', None) or error}"
        )
        return
    for row in loaded if isinstance(loaded, list) else [loaded]:
        if isinstance(row, dict):
            yield row
        else:
            problems.append(f"{name}: expected a list of entries, found {type(row).__name__}")


def read_rows(path: Path, problems: list[str]) -> Iterator[dict[str, Any]]:
    """The mappings of a YAML file, each with its `LINE`."""
    text = read_yaml(path, problems)
    if text is not None:
        yield from parse_rows(text, str(path), problems)


def checked(model: type[Model], row: dict[str, Any], name: str, problems: list[str], kind: str) -> Model | None:
    """A row as its model; None, and each problem said with its field, when it is none. `kind`: what a row is."""
    values = without_lines(row)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        called = values.get("id", f"{kind} without id")
        lines = [_line_of(row, problem["loc"]) for problem in error.errors(include_url=False, include_input=False)]
        for line, (field, said) in zip(lines, explained(error, model), strict=True):
            problems.append(f"{name}:{line}: {called}: {field or kind}: {said}")
        return None


def _line_of(row: dict[str, Any], path: Sequence[str | int]) -> int:
    """The line of the field at a path within a row, or of the nearest thing around it."""
    value: Any = row
    line: int = row.get(LINE, 1)
    for part in path:
        if isinstance(value, dict):
            line = value.get(_LINES, {}).get(str(part), line)
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
            line = value.get(LINE, line) if isinstance(value, dict) else line
        else:
            break
    return line


def read_one(model: type[Model], path: Path, kind: str) -> Model:
    """A file that is one mapping, as its model. Raises KnowledgeBaseError listing all problems with their lines."""
    problems: list[str] = []
    rows = list(read_rows(path, problems))
    found = checked(model, rows[0], str(path), problems, kind) if len(rows) == 1 else None
    if found is None:
        raise KnowledgeBaseError("\n".join(problems) or f"{path}: expected one mapping of fields")
    return found


def explained(error: ValidationError, model: type[BaseModel]) -> list[tuple[str, str]]:
    """Each problem as (field, what is wrong and perhaps a hint)."""
    found = []
    for problem in error.errors(include_url=False, include_input=False):
        field = ".".join(str(part) for part in problem["loc"])
        hint = ""
        if problem["type"] == "extra_forbidden":
            near = process.extractOne(field.rsplit(".", 1)[-1], list(model.model_fields))
            hint = f"; did you mean '{near[0]}'?" if near else ""
        found.append((field, f"{problem['msg'].removeprefix('Value error, ')}{hint}"))
    return found


def without_lines(value: Any) -> Any:
    """A loaded value without the lines that the loader put in."""
    if isinstance(value, dict):
        return {key: without_lines(inner) for key, inner in value.items() if key not in {LINE, _LINES}}
    return [without_lines(inner) for inner in value] if isinstance(value, list) else value
