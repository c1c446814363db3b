"""Laws known to have been revised since the text that entries cite."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from faq.files import KnowledgeBaseError, checked, read_rows
from faq.model import Entry, Line, Risk


class Revision(BaseModel):
    """A law revised with effect from `since`. `adopted` is the version date of the new text, `articles` those touched
    (all, where none is named)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    law: Line
    since: date
    adopted: date | None = None
    articles: tuple[str, ...] = ()


def load_revisions(path: Path | None = None) -> tuple[Revision, ...]:
    """Read the table, ours unless `path` names another. Raises KnowledgeBaseError listing all problems."""
    path = path or Path(__file__).parent / "laws.yaml"
    problems: list[str] = []
    rows = [checked(Revision, row, str(path), problems, "law") for row in read_rows(path, problems)]
    if problems:
        raise KnowledgeBaseError("\n".join(problems))
    return tuple(row for row in rows if row is not None)


@cache
def revisions() -> tuple[Revision, ...]:
    """The shipped table. Raises KnowledgeBaseError for a damaged one."""
    return load_revisions()


def revised(entry: Entry) -> tuple[Revision, ...]:
    """The laws that an entry cites in a text revised since, each once."""
    found = (
        revision
        for source in entry.sources
        for revision in revisions()
        if source.law == revision.law
        and source.version < (revision.adopted or revision.since)
        and (not revision.articles or source.article in revision.articles)
    )
    return tuple(dict.fromkeys(found))


def answers_on_old_law(entry: Entry) -> bool:
    """Whether an entry would answer by itself from a law that was revised since."""
    return entry.risk is Risk.ANSWER and bool(revised(entry))
