"""SQLite as SQLAlchemy's asynchronous engine sees it, with its statements run in the event loop's own thread.

A statement of ours takes some ten microseconds, less than handing it to a thread and back; what waits for a disc or for
another process (`BEGIN IMMEDIATE`, `COMMIT`) goes to a thread. A throw-away file waits for neither.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import URL, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool
from sqlalchemy.util import await_

Result = TypeVar("Result")

BUSY_SECONDS = 10
"""How long a writer waits for another process that is writing to the same file."""

TAKE_THE_WRITE_LOCK = "BEGIN IMMEDIATE"

registry.register("sqlite.doorstep", __name__, "Dialect")


class _Cursor(sqlite3.Cursor):
    async def _async_soft_close(self) -> None:
        """What SQLAlchemy asks of an asynchronous cursor that it leaves open; ours has nothing to wait for."""


class _Connection(sqlite3.Connection):
    waits = True
    """Whether its writes wait for a disc or for other processes."""

    def cursor(self, *args: Any, **options: Any) -> Any:
        return super().cursor(_Cursor)


class _ThrowAway(_Connection):
    waits = False


class Dialect(SQLiteDialect_pysqlite):
    """`sqlite+doorstep`: Python's own sqlite3, usable from one event loop."""

    driver = "doorstep"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        return AsyncAdaptedQueuePool

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        if statement == TAKE_THE_WRITE_LOCK and cursor.connection.waits:
            await_(_in_thread(lambda: cursor.execute(statement)))
        else:
            cursor.execute(statement, parameters)

    def do_commit(self, dbapi_connection: Any) -> None:
        if dbapi_connection.in_transaction and dbapi_connection.waits:
            await_(_in_thread(dbapi_connection.commit))
        else:
            dbapi_connection.commit()


async def _in_thread(work: Callable[[], Result]) -> Result:
    """Run `work` in a thread to its end, even when cancelled: a connection is never left at work behind our back."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:
            break
    if cancelled is not None:
        task.exception()
        raise cancelled
    return task.result()


def sqlite_engine(url: URL, *, pool_size: int, query_only: bool, durable: bool = True) -> AsyncEngine:
    """An engine on a file in WAL mode: one that writes and waits its turn, or one that only looks."""
    engine = create_async_engine(
        url.set(drivername="sqlite+doorstep"),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=60,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "factory": _Connection if durable else _ThrowAway},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA foreign_keys=ON")
        if query_only:
            cursor.execute("PRAGMA query_only=ON")
        else:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'OFF'}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if query_only else TAKE_THE_WRITE_LOCK)

    return engine
