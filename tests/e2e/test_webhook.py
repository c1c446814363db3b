"""Updates by webhook, with the product as a process: taken with the right secret alone, and kept once answered 200."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.product import Product
from tests.e2e.test_story import moved_in
from tests.fakes.telegram import FakeTelegram

SECRET = "a-secret_of-ours"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
async def product(telegram: FakeTelegram, tmp_path: Path, database_url: str) -> AsyncIterator[Product]:
    """A product that Telegram reaches at its own web server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Product(
        tmp_path,
        {
            "DOORSTEP_DATABASE__URL": database_url,
            "DOORSTEP_WEB__PORT": str(port),
            "DOORSTEP_TELEGRAM__TOKEN": telegram.token,
            "DOORSTEP_TELEGRAM__API_BASE": telegram.base,
            "DOORSTEP_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
            "DOORSTEP_TELEGRAM__WEBHOOK_SECRET": SECRET,
            "DOORSTEP_TELEGRAM__CHAT_INTERVAL": "0s",
        },
    )
    yield made
    await made.kill()


def wrote(number: int, text: str, chat: int = 7) -> dict[str, Any]:
    """An update with a message."""
    sender = {"id": chat, "is_bot": False, "first_name": "A", "language_code": "zh"}
    message = {"message_id": number, "date": 1790000000, "chat": {"id": chat, "type": "private"}, "from": sender}
    return {"update_id": number, "message": message | {"text": text}}


async def posts(product: Product, update: Any, secret: str | None = SECRET, raw: bytes | None = None) -> int:
    """The status the product answers an update with."""
    headers = [] if secret is None else [(HEADER.encode(), secret.encode())]
    async with httpx.AsyncClient() as client:
        if raw is not None:
            return (await client.post(f"{product.base}/hook", content=raw, headers=headers)).status_code
        return (await client.post(f"{product.base}/hook", json=update, headers=headers)).status_code


async def test_updates_by_webhook(product: Product, telegram: FakeTelegram) -> None:
    await product.start()
    await _talk(product, telegram)
    await _take_nothing_from_others(product)
    await _answer_once_and_in_any_order(product, telegram)
    await _keep_what_was_answered_200(product, telegram)
    rows = await product.rows("outbox", "list", until=lambda rows: all(row["outcome"] == "sent" for row in rows))
    named = [row["text"] for row in rows if "/zz" in row["text"]]
    assert len(named) == len(set(named)) == 7
    assert not any("/zz9001" in text for text in named)
    assert telegram.calls["getupdates"] == 0
    assert "Traceback" not in product.log()
    assert not any(secret in product.log() for secret in (SECRET, telegram.token, "zz9002"))


async def _talk(product: Product, telegram: FakeTelegram) -> None:
    assert await telegram.until(lambda: telegram.webhook.get("url"), 20)
    assert telegram.webhook["url"] == f"{product.base}/hook"
    assert telegram.webhook["secret_token"] == SECRET
    villager = telegram.user(7)
    await moved_in(villager)
    await villager.sends("老板拖欠工资不给怎么办")
    await villager.hears("《保障农民工工资支付条例》", within=15)
    assert telegram.updates == {}


async def _take_nothing_from_others(product: Product) -> None:
    for secret in (None, "", "wrong", SECRET + "x", "密"):
        assert await posts(product, wrote(9001, "/zz9001"), secret) == 403
    for body in (b"", b"{", b"[]", b"5", b"\xff\xfe", b"[" * 50_000):
        assert await posts(product, None, raw=body) == 400


async def _answer_once_and_in_any_order(product: Product, telegram: FakeTelegram) -> None:
    for _ in range(5):
        assert await posts(product, wrote(9002, "/zz9002")) == 200
    for number, chat in ((9005, 7), (9003, 7), (9006, 8), (9004, 7)):
        telegram.user(chat)
        assert await posts(product, wrote(number, f"/zz{number}", chat)) == 200
    for number in (9002, 9005, 9003, 9004):
        await telegram.user(7).hears(f"/zz{number}", within=15)
    await telegram.user(8).hears("/zz9006", within=15)


async def _keep_what_was_answered_200(product: Product, telegram: FakeTelegram) -> None:
    assert await posts(product, wrote(9007, "/zz9007")) == 200
    await product.kill()
    await telegram.user(8).sends("/zzlater")  # Telegram tries again until somebody takes it
    await product.start()
    await telegram.user(7).hears("/zz9007", within=30)
    await telegram.user(8).hears("/zzlater", within=30)
