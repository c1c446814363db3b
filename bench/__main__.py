"""`python -m bench`: what the product does for its processor time, beside a bare echo bot in the same run.

Both talk to the same fake Telegram server, in a process of its own kind: real HTTP, real libraries. Figures depend on
the machine; the ratios less so.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.e2e.product import Product
from tests.fakes.telegram import FakeTelegram, User

USERS = 50
ROUNDS = 16
PACED_SECONDS = 15
PER_SECOND = 10


def processor_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> float:
    """Resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def flood(telegram: FakeTelegram, pid: int) -> float:
    """Answers per processor second when messages come as fast as they can be taken."""
    users = [telegram.user(number) for number in range(1, USERS + 1)]
    heard, used = len(telegram.said), processor_seconds(pid)
    for _ in range(ROUNDS):
        for user in users:
            await user.sends("/my")
    wanted = heard + USERS * ROUNDS
    await telegram.until(lambda: len(telegram.said) >= wanted, 180)
    return (len(telegram.said) - heard) / (processor_seconds(pid) - used)


async def paced(telegram: FakeTelegram) -> float:
    """The 95th percentile, in milliseconds, from an update to its sent answer, at a steady pace."""
    waits = []
    for number in range(PACED_SECONDS * PER_SECOND):
        user = telegram.user(number % USERS + 1)
        heard, began = len(user.heard), time.monotonic()
        await user.sends("/my")

        async def answered(user: User = user, heard: int = heard, began: float = began) -> float:
            await telegram.until(lambda: len(user.heard) > heard, 30)
            return float(user.heard[heard].at - began)

        waits.append(asyncio.create_task(answered()))
        await asyncio.sleep(1 / PER_SECOND)
    return sorted(await asyncio.gather(*waits))[int(len(waits) * 0.95)] * 1000


async def first_answer(folder: Path) -> float:
    """Seconds from the start of the process to its first page, with an existing database."""
    product = Product(folder, {})
    await product.start()
    await product.stop()
    began = time.monotonic()
    await product.start()
    async with httpx.AsyncClient() as client:
        (await client.get(product.base)).raise_for_status()
    took = time.monotonic() - began
    await product.stop()
    return took


async def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        async with FakeTelegram() as telegram:
            settings = {
                "DOORSTEP_TELEGRAM__TOKEN": telegram.token,
                "DOORSTEP_TELEGRAM__API_BASE": telegram.base,
                "DOORSTEP_TELEGRAM__CHAT_INTERVAL": "0s",
                "DOORSTEP_TELEGRAM__MESSAGES_PER_SECOND": "10000",
            }
            product = Product(Path(name), settings)
            process = await product.start()
            await telegram.user(1).sends("/my")
            await telegram.until(lambda: bool(telegram.said), 60)
            await asyncio.sleep(3)
            memory = resident_megabytes(process.pid)
            rate = await flood(telegram, process.pid)
            p95 = await paced(telegram)
            await product.stop()
        async with FakeTelegram() as telegram:
            environment = os.environ | {"ECHO_TOKEN": telegram.token, "ECHO_BASE": telegram.base}
            echo = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.echo", env=environment)
            await telegram.user(1).sends("/my")
            await telegram.until(lambda: bool(telegram.said), 60)
            bare = await flood(telegram, echo.pid)
            echo.terminate()
            await echo.wait()
        started = await first_answer(Path(name))
    print(f"answers per processor second: {rate:.0f}; bare aiogram echo: {bare:.0f}; ratio {rate / bare:.2f} (aim 0.6)")
    print(f"p95 from update to sent answer at {PER_SECOND} a second: {p95:.0f} ms (aim 100)")
    print(f"resident memory at rest: {memory:.0f} MB (aim under 250)")
    print(f"start to first page: {started:.2f} s (aim 2)")


asyncio.run(main())
