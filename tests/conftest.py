"""Fixtures for everybody: a clock that stands still, and a fresh database of either kind."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from storage import schema
from storage.database import Database
from tests.fakes.postgres import PostgresServer

settings.register_profile("doorstep", deadline=None)  # a busy machine is no bug
settings.load_profile("doorstep")


class Clock:
    """A clock that moves when told to. It starts at 17:00 on a working day in Shanghai."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, span: timedelta) -> None:
        self.now += span


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The session's PostgreSQL server, with an upgraded database `template` to copy from."""
    server = PostgresServer()
    try:
        server.create()
        yield server
    finally:
        server.stop()


def _administer(server: PostgresServer, statement: str) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(statement)


@contextmanager
def _new_postgres(server: PostgresServer) -> Iterator[str]:
    name = f"t{uuid.uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name}")
    try:
        yield server.url(name)
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_postgres(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a new, empty PostgreSQL database, another one than `database_url`'s."""
    with _new_postgres(postgres) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new, empty database of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'doorstep.sqlite3'}"
        return
    with _new_postgres(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh database of either kind, with the schema."""
    db = Database(database_url)
    await schema.upgrade(db)
    yield db
    await db.dispose()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI_NO_SKIPS") and reporter is not None and reporter.stats.get("skipped") and not exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
