"""The one statement both databases have but SQLAlchemy spells per dialect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


def insert_new(
    session: AsyncSession, table: type[SQLModel], rows: Sequence[dict[str, Any]], unique: Sequence[str]
) -> Any:
    """INSERT … ON CONFLICT (unique) DO NOTHING: rows whose `unique` columns are there already are passed over."""
    make = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return make(table).values(list(rows)).on_conflict_do_nothing(index_elements=list(unique))
