"""Any knowledge base as JSON lines: `{"id", "question", "phrasings": [...], "answer"}`, the last two optional."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

LONGEST = 20_000


class PlainDocument(BaseModel):
    """A question with its other phrasings and, perhaps, its answer. Other keys are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    id: Annotated[str, Field(min_length=1)]
    question: str
    phrasings: tuple[str, ...] = ()
    answer: str = ""


class Query(BaseModel):
    """A message to look up."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    id: str
    text: str


Line = TypeVar("Line", bound=BaseModel)


class LinesError(Exception):
    """A file of JSON lines cannot be used; the text names every bad line, up to twenty."""


def read_documents(path: Path) -> tuple[PlainDocument, ...]:
    """The documents of a knowledge base. Raises LinesError; ids given twice are errors."""
    found = tuple(_lines(path, PlainDocument))
    twice = [name for name, count in Counter(document.id for document in found).items() if count > 1]
    if twice:
        raise LinesError(f"{path}: ids given twice: {', '.join(twice[:5])}")
    if not found:
        raise LinesError(f"{path}: no documents")
    return found


def read_queries(path: Path) -> tuple[Query, ...]:
    """The messages in a file. Raises LinesError."""
    return tuple(_lines(path, Query))


def _lines(path: Path, kind: type[Line]) -> Iterator[Line]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise LinesError(f"{path}: cannot be read: {error}") from None
    problems = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield kind.model_validate(json.loads(line))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            problems.append(f"{path}:{number}: {'.'.join(map(str, first['loc']))}: {first['msg']}")
        except (ValueError, RecursionError):
            problems.append(f"{path}:{number}: not JSON")
    if problems:
        raise LinesError("\n".join(problems[:20]))
