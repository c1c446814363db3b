"""Several processes on one PostgreSQL: each role alone, a killed worker replaced, the database away and back."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.e2e.product import Product
from tests.fakes.postgres import PostgresServer
from tests.fakes.telegram import FakeTelegram


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that a test may halt."""
    server = PostgresServer()
    try:
        server.create()
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE doorstep")
        yield server
    finally:
        server.stop()


async def test_roles_and_a_database_that_goes_away(
    own_server: PostgresServer, telegram: FakeTelegram, tmp_path: Path
) -> None:
    product = Product(
        tmp_path,
        {
            "DOORSTEP_DATABASE__URL": own_server.url("doorstep"),
            "DOORSTEP_TELEGRAM__TOKEN": telegram.token,
            "DOORSTEP_TELEGRAM__API_BASE": telegram.base,
            "DOORSTEP_TELEGRAM__CHAT_INTERVAL": "0s",
        },
    )
    villager = telegram.user(7)
    try:
        await product.command("db", "upgrade")
        await product.start("web")
        await product.start("inbound")
        first = await product.start("worker")
        await product.start("worker")
        await villager.sends("/zz1")
        await villager.hears("/zz1", within=30)
        first.send_signal(signal.SIGKILL)
        await first.wait()
        await villager.sends("/zz2")
        await villager.hears("/zz2", within=15)
        await asyncio.to_thread(own_server.halt)
        await villager.sends("/zz3")
        await asyncio.sleep(3)
        _, _, err = await product.says("case", "list", ok=False)
        assert "the database cannot be used now" in err
        await asyncio.to_thread(own_server.start)
        await villager.hears("/zz3", within=60)
        assert sum("/zz3" in row.text for row in villager.heard) == 1
        assert all(process.returncode is None for process in product.processes[:2] + product.processes[3:])
        product.processes.remove(first)
        async with asyncio.timeout(5):
            assert set(await product.stop()) == {0}
    finally:
        await product.kill()
