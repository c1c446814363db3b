"""kill -9 at random moments under load: nothing is lost, and each double has an `unknown` row that explains it."""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections import Counter
from functools import partial

import pytest

from tests.e2e.product import Product
from tests.fakes.telegram import FakeTelegram, User

VILLAGERS = 4
MOST_UNANSWERED = 40
"""How many messages may wait for an answer: the backlog must not grow with the number of kills."""
_log = logging.getLogger(__name__)
_NAMED = re.compile(r"/(zz\d+)\b")


async def chatter(telegram: FakeTelegram, users: list[User], sent: list[str], stop: asyncio.Event) -> None:
    """Messages without end, each with a word of its own that its answer repeats."""
    while not stop.is_set():
        for user in users if len(sent) - len(answered(telegram)) < MOST_UNANSWERED else ():
            sent.append(f"zz{len(sent)}")
            await user.sends(f"/{sent[-1]}")
        await asyncio.sleep(0.15)


def answered(telegram: FakeTelegram) -> Counter[str]:
    """How often each message was answered."""
    return Counter(found[1] for said in telegram.said if (found := _NAMED.search(said.text)))


def _said_more(telegram: FakeTelegram, before: int) -> bool:
    return len(telegram.said) > before


async def survive(product: Product, telegram: FakeTelegram, kills: int, seed: int) -> None:
    product.settings["DOORSTEP_TELEGRAM__MESSAGES_PER_SECOND"] = "1000"
    moments = random.Random(seed)
    users = [telegram.user(100 + number) for number in range(VILLAGERS)]
    sent: list[str] = []
    stop = asyncio.Event()
    load = asyncio.create_task(chatter(telegram, users, sent, stop))
    for _ in range(kills):
        process = await product.start()
        await telegram.until(partial(_said_more, telegram, len(telegram.said)), 60)
        await asyncio.sleep(moments.uniform(0, 0.6))
        assert process.returncode is None, product.log()
        await product.kill()
    stop.set()
    await load
    await product.start()

    await telegram.until(lambda: len(answered(telegram)) == len(sent), 120)
    rows = await product.rows(
        "outbox", "list", until=lambda rows: all(row["outcome"] == "sent" for row in rows), within=120
    )
    times = answered(telegram)
    lost = [name for name in sent if not times[name]]
    assert not lost, f"seed {seed}: {len(lost)} of {len(sent)} lost: {lost[:5]}\n{product.log()[-3000:]}"
    unknown = {found[1] for row in rows if row["unknown"] and (found := _NAMED.search(row["text"]))}
    doubled = {name for name, count in times.items() if count > 1}
    assert doubled <= unknown, f"seed {seed}: doubles without an unknown row: {doubled - unknown}"
    _log.warning(
        "seed %d: %d kills, %d messages, %d doubled, %d unknown", seed, kills, len(sent), len(doubled), len(unknown)
    )
    for user in users:
        heard = [int(found[1][2:]) for said in user.heard if (found := _NAMED.search(said.text))]
        first = list(dict.fromkeys(heard))
        assert first == sorted(first), f"seed {seed}: out of order for {user.id}: {first}"


async def test_kills_lose_nothing(product: Product, telegram: FakeTelegram) -> None:
    await survive(product, telegram, kills=10, seed=20261124)


@pytest.mark.soak
async def test_two_hundred_kills_lose_nothing(product: Product, telegram: FakeTelegram) -> None:
    await survive(product, telegram, kills=100, seed=random.randrange(10**6))
