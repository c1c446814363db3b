"""Entries of the knowledge base made on the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import json_column, moment, to, words
from storage.tables.kinds import EntryStatus


class EntryVersion(SQLModel, table=True):
    """A version of a knowledge base entry made on the desk. `body` is a whole `faq.model.Entry`, `version` its hash.

    `revision` orders what was decided (published, withdrawn): the highest of an entry and language counts. An entry
    has at most one version that is still open (draft, review) in a language, so that nobody overwrites another's.
    `edits` counts saves of a draft. `author_id` is empty for imported drafts; `note` says why it was sent back or
    withdrawn.
    """

    __tablename__ = "entry_version"
    __table_args__ = (
        Index("ix_entry_version_entry_id_language", "entry_id", "language"),
        Index(
            "uq_entry_version_open", "entry_id", "language", unique=True,
            sqlite_where=text("status IN ('draft', 'review')"), postgresql_where=text("status IN ('draft', 'review')"),
        ),
        UniqueConstraint("revision"),
    )  # fmt: skip

    id: int = Field(default=None, primary_key=True)
    entry_id: str
    language: str
    version: str
    body: dict[str, Any] = json_column()
    status: str = Field(default=EntryStatus.DRAFT, index=True)
    revision: int | None = None
    edits: int = 0
    author_id: int | None = to("staff", nullable=True, index=False)
    reviewer_id: int | None = to("staff", nullable=True, index=False)
    note: str = words()
    created_at: datetime = moment()
    decided_at: datetime | None = moment(nullable=True)
