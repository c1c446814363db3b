"""A product on each database, beside a fake Telegram."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.product import Product
from tests.fakes.telegram import FakeTelegram


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


@pytest.fixture
async def product(telegram: FakeTelegram, tmp_path: Path, database_url: str) -> AsyncIterator[Product]:
    """A product that talks to the fake server; nobody on duty yet, and fast enough to wait for."""
    made = Product(
        tmp_path,
        {
            "DOORSTEP_DATABASE__URL": database_url,
            "DOORSTEP_TELEGRAM__TOKEN": telegram.token,
            "DOORSTEP_TELEGRAM__API_BASE": telegram.base,
            "DOORSTEP_TELEGRAM__CHAT_INTERVAL": "0s",
            "DOORSTEP_QUIET_HOURS__ENABLED": "false",
            "DOORSTEP_FOLLOW_UP__AFTER": "2s",
        },
    )
    yield made
    await made.kill()
