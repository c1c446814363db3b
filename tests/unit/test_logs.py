"""Logs are JSON lines without anybody's words, tokens, phone numbers or chat ids, whatever goes wrong.

Each trouble is real: it is raised by the library that raises it in the product, in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "123456:TEST-token_for-a-bot"
WORDS = "老板拖欠工资我要告他"
PHONE = "13812345678"
CHAT = "5550001234"
SECRETS = (TOKEN, TOKEN.partition(":")[2], WORDS, PHONE, CHAT)

BEGIN = f"""
import asyncio, gc, logging, tempfile, threading, warnings
import structlog
from bot.logs import set_up_logs
TOKEN, WORDS, PHONE, CHAT = {TOKEN!r}, {WORDS!r}, {PHONE!r}, {CHAT!r}
URL = f"http://127.0.0.1:9/bot{{TOKEN}}/sendMessage"
set_up_logs("info")
log = structlog.get_logger("bot.test")

async def store():
    from datetime import UTC, datetime
    from storage.database import Database
    from storage.tables import Message
    words = dict(author=CHAT, text=WORDS + PHONE)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{{folder}}/d.sqlite3")
        try:
            async with database.write() as uow:
                uow.session.add(Message(conversation_id=1, direction="in", said_at=datetime.now(UTC), **words))
                await uow.commit()
        finally:
            await database.dispose()

async def fetch():
    import httpx
    async with httpx.AsyncClient() as client:
        await client.post(URL, json={{"chat_id": CHAT, "text": WORDS}})

async def listen():
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base("http://127.0.0.1:9")))
    try:
        await bot.send_message(int(CHAT), WORDS + PHONE)
    finally:
        await bot.session.close()

def broken():
    raise ValueError(WORDS, CHAT, PHONE, URL)

def told(work):
    try:
        asyncio.run(work())
    except Exception as error:
        log.error("it.failed", outbox=12, error=type(error).__name__, exc_info=error)
        log.exception("it.failed")
        logging.getLogger("a.library").exception("it failed: %s", error)
        logging.getLogger("a.library").error("it failed", exc_info=error)
    else:
        raise AssertionError("nothing failed")
"""

TROUBLES = {
    "a database error": "told(store)",
    "a request of httpx": "told(fetch)",
    "a request of aiogram": "told(listen)",
    "a task that nobody waited for": """
async def main():
    task = asyncio.create_task(store())
    await asyncio.wait([task])
asyncio.run(main())
gc.collect()
""",
    "a callback that broke": """
async def main():
    ended = asyncio.Event()
    asyncio.get_running_loop().call_soon(broken)
    asyncio.get_running_loop().call_soon(ended.set)
    await ended.wait()
asyncio.run(main())
""",
    "a thread that broke": """
thread = threading.Thread(target=broken)
thread.start()
thread.join()
""",
    "a finaliser that broke": """
class Last:
    def __del__(self): broken()
Last()
gc.collect()
""",
    "a warning": 'warnings.warn(f"an update of a kind we do not know: {WORDS} from {CHAT}", RuntimeWarning)',
    "the end of the process": "broken()",
    "values in a record": """
log.info("went on", value=TOKEN, phone=PHONE, nested={"url": URL, "list": [PHONE, (TOKEN,)]})
logging.getLogger("a.library").warning("HTTP Request: POST %s by %s", URL, PHONE)
logging.getLogger("httpx").info("HTTP Request: POST %s?chat_id=%s", URL, CHAT)
logging.getLogger("aiogram.event").info("Update from %s: %s", CHAT, WORDS)
""",
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_nothing_private_is_logged_and_every_line_is_json(trouble: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + TROUBLES[trouble]],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines, "nothing was logged"
    assert not [secret for secret in SECRETS if secret in done.stderr], done.stderr
    for line in lines:
        record = json.loads(line)
        assert {"event", "level", "timestamp"} <= set(record), record


def test_a_record_of_an_error_says_what_kind_it_was_and_where() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + "broken()"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 1
    record = json.loads(done.stderr)
    assert (record["level"], record["error"]) == ("critical", "ValueError")
    assert record["where"][-1].endswith(" broken")
