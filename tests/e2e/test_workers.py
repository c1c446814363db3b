"""Several workers on one PostgreSQL, killed at random, their clocks wrong: each due thing happens exactly once."""

from __future__ import annotations

import asyncio
import logging
import random
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from bot.app import utc_now
from storage import schema
from storage.database import Database
from storage.tables import Case, CaseStatus, Staff
from tests.e2e.product import Product

HOUR = timedelta(hours=1)
WORKERS = 3
SKEW = 30.0
"""By how many seconds a worker's clock is wrong at most, either way."""

_log = logging.getLogger(__name__)

FILL = """
INSERT INTO person (id, created_at, language, village_asked, consent_at, follow_ups_stopped, reminders_stopped, contact)
SELECT n, now(), 'zh', true, now(), false, false, '' FROM generate_series(1, %(people)s) n;
INSERT INTO conversation (id, channel, account, chat, person_id, flow, step, data, version, created_at)
SELECT n, 'web', '', 'c' || n, n, '', '', '{}', 0, now() FROM generate_series(1, %(people)s) n;
INSERT INTO question (id, person_id, conversation_id, text, language, asked_at, outcome, confidence, candidates,
 entry_id, entry_version, entry_language, recalled_version, comment)
SELECT n, n, n, 'Q' || n, 'zh', now(), 'answer', 1, '[]', 'e', 'v', 'zh', '', '' FROM generate_series(1, %(rows)s) n;
INSERT INTO task (kind, run_at, payload, dedup, state, attempts, note)
SELECT 'follow_up', now() - interval '40 seconds' + random() * interval '50 seconds',
 json_build_object('question_id', n), 'follow_up:question:' || n, 'waiting', 0, '' FROM generate_series(1, %(rows)s) n;
SELECT setval(pg_get_serial_sequence('person', 'id'), %(people)s),
 setval(pg_get_serial_sequence('conversation', 'id'), %(people)s),
 setval(pg_get_serial_sequence('question', 'id'), %(rows)s);
CREATE TABLE happened (task_id integer, state text);
CREATE FUNCTION note_end() RETURNS trigger LANGUAGE plpgsql AS
 'BEGIN INSERT INTO happened VALUES (NEW.id, NEW.state); RETURN NEW; END';
CREATE TRIGGER ends AFTER UPDATE OF state ON task FOR EACH ROW EXECUTE FUNCTION note_end();
"""
"""Questions answered and their follow-ups due about now; each end of a task is noted by the database itself."""


async def start(product: Product, skew: float) -> asyncio.subprocess.Process:
    with (product.folder / "log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.fakes.skewed_worker", str(skew), stdout=log, stderr=log,
            env=product.environment, cwd=Path(__file__).parents[2],
        )  # fmt: skip


async def promise(db: Database, rows: int, cases: int) -> None:
    """Cases of those who have no follow-up due; their adviser owes an answer, and is late with all of them."""
    now = utc_now()
    async with db.write() as uow:
        for name in ("王海", "陈静"):
            staff = await uow.county.add_staff(Staff(name=name, role="adviser", serves_all=True))
            await uow.county.set_address(staff.id, "web", name)
            await uow.county.add_shift(staff.id, now - timedelta(days=1), None)
        for number in range(rows + 1, rows + cases + 1):
            due = now - timedelta(hours=1) + timedelta(seconds=number % 50)
            case = await uow.cases.open(
                Case(
                    person_id=number, conversation_id=number, language="zh", reason="asked", opened_at=now - 6 * HOUR,
                    answer_due=due, status=CaseStatus.CLAIMED, adviser_id=1, owner_id=1,
                )
            )  # fmt: skip
            await uow.clocks.start(case.id, "first_answer", 0, now - 6 * HOUR, due, due)
        await uow.commit()


def count(connection: psycopg.Connection[tuple[int]]) -> int:
    """How many of the due tasks and clocks wait. A task, when done, leaves another for later, which is not counted."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM task WHERE state = 'waiting' AND dedup LIKE 'follow_up:question:%')"
        " + (SELECT count(*) FROM clock WHERE breached_at IS NULL)"
    ).fetchone()
    return row[0] if row else 0


def fill(connection: psycopg.Connection[tuple[int]], rows: int, people: int) -> None:
    for statement in FILL.strip().split(";\n"):
        connection.execute(statement.replace("%(rows)s", str(rows)).replace("%(people)s", str(people)).encode())


async def survive(url: str, folder: Path, *, rows: int, cases: int, most_kills: int, within: float, seed: int) -> None:
    chance = random.Random(seed)
    product = Product(
        folder,
        {"DOORSTEP_DATABASE__URL": url, "DOORSTEP_QUIET_HOURS__ENABLED": "false", "DOORSTEP_LOG__LEVEL": "error"},
    )
    (folder / "data").mkdir()
    db = Database(url)
    await schema.upgrade(db)
    with psycopg.connect(url, autocommit=True) as connection:
        fill(connection, rows, rows + cases)
        await promise(db, rows, cases)
        await db.dispose()
        began, kills, left = time.monotonic(), 0, rows
        for _ in range(WORKERS):
            product.processes.append(await start(product, chance.uniform(-SKEW, SKEW)))
        try:
            async with asyncio.timeout(within):
                while left:
                    # A worker takes seconds to start: killed all the time, none would work.
                    await asyncio.sleep(chance.uniform(1, 5))
                    if kills < most_kills:
                        victim = chance.randrange(WORKERS)
                        product.processes[victim].send_signal(signal.SIGKILL)
                        await product.processes[victim].wait()
                        product.processes[victim] = await start(product, chance.uniform(-SKEW, SKEW))
                        kills += 1
                    left = count(connection)
        except TimeoutError:
            raise AssertionError(f"seed {seed}: {left} of {rows} left\n{product.log()[-3000:]}") from None
        finally:
            await product.kill()
        seconds = time.monotonic() - began
        ends = connection.execute("SELECT state, count(*), count(DISTINCT task_id) FROM happened GROUP BY state")
        assert [tuple(row) for row in ends] == [("done", rows, rows)], f"seed {seed}"
        said = connection.execute(
            "SELECT count(*), count(DISTINCT question_id) FROM message WHERE question_id IS NOT NULL"
        )
        assert said.fetchone() == (rows, rows), f"seed {seed}"
        broken = connection.execute("SELECT count(*), count(DISTINCT case_id) FROM case_event WHERE kind = 'breached'")
        assert broken.fetchone() == (cases, cases), f"seed {seed}"
        told = connection.execute(
            "SELECT count(*), count(DISTINCT case_id) FROM message"
            " WHERE case_id IS NOT NULL AND text LIKE '%我们没做到%'"
        )
        assert told.fetchone() == (cases, cases), f"seed {seed}"
    _log.warning("seed %d: %d rows, %d kills, %.0f rows a second", seed, rows, kills, rows / seconds)


async def test_two_thousand_due_rows_happen_once(empty_postgres: str, tmp_path: Path) -> None:
    await survive(empty_postgres, tmp_path, rows=2_000, cases=100, most_kills=6, within=240, seed=20261125)


@pytest.mark.soak
async def test_a_hundred_thousand_due_rows_happen_once(empty_postgres: str, tmp_path: Path) -> None:
    await survive(
        empty_postgres, tmp_path, rows=100_000, cases=1_000, most_kills=100, within=3600, seed=random.randrange(10**6)
    )
