"""Connections and transactions: SQLite (WAL, one serialised writer) or PostgreSQL. The only place that knows which.

`Database.write()` is a unit of work: nothing is kept unless its `commit()` is awaited. `Database.read()` cannot write.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.sqlite import sqlite_engine
from storage.unit_of_work import UnitOfWork


class StorageError(Exception):
    """The database cannot be used as it is; the text says what to do."""


def parse_url(url: str) -> URL:
    """A database URL with the driver we use. Raises StorageError for anything but SQLite and PostgreSQL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StorageError("database.url: expected sqlite:///FILE or postgresql://user:password@host/name") from None
    match parsed.get_backend_name():
        case "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise StorageError("database.url: a database in memory forgets everything; name a file")
            return parsed.set(drivername="sqlite")
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise StorageError(f"database.url: {other} is not supported; use SQLite or PostgreSQL")


def is_passing(error: BaseException) -> bool:
    """Whether a database error may pass by itself (lost connection, lock, deadlock, full disk): try again later."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return isinstance(error, DBAPIError) and (
        error.connection_invalidated or getattr(error.orig, "sqlstate", None) in {"40001", "40P01", "57P01", "53100"}
    )


class Database:
    """One database: `write()` and `read()` give transactions, `dispose()` lets go of the connections.

    `durable`: a commit is on disk when it returns; a throw-away SQLite file does without, and is faster.
    """

    def __init__(self, url: str, *, durable: bool = True) -> None:
        self.url = parse_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer = sqlite_engine(self.url, pool_size=1, query_only=False, durable=durable)
            self._reader = sqlite_engine(self.url, pool_size=4, query_only=True)
        else:
            self._writer = create_async_engine(
                self.url, pool_pre_ping=True, pool_size=10, max_overflow=5, hide_parameters=True
            )
            self._reader = self._writer

    @property
    def sqlite_path(self) -> Path | None:
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @property
    def engine(self) -> AsyncEngine:
        """The writing engine, for migrations and archives."""
        return self._writer

    @property
    def reader(self) -> AsyncEngine:
        """The engine for looks that change nothing."""
        return self._reader

    @asynccontextmanager
    async def write(self) -> AsyncIterator[UnitOfWork]:
        """A unit of work. Whatever is not committed by its end is rolled back."""
        async with AsyncSession(self._writer, expire_on_commit=False) as session:
            yield UnitOfWork(session)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        """A consistent look. Writing through it fails on SQLite and is rolled back on PostgreSQL."""
        async with AsyncSession(self._reader, expire_on_commit=False, autoflush=False) as session:
            yield UnitOfWork(session)

    async def dispose(self) -> None:
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()
