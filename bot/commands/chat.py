"""`doorstep chat`: the terminal as a channel. Works beside a running product, and alone."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import uuid

import click

from bot.app import App, build
from bot.channels.base import Raw
from bot.channels.own import encode, words
from bot.commands.common import configured, make_data_dir
from bot.config import Config
from bot.demo import load_demo
from bot.librarian import Librarian
from bot.logs import set_up_logs
from bot.pump import Pump
from storage import schema

LOOK_SECONDS = 0.1


@click.command()
@click.option("--as", "name", default="me", show_default=True, help="Whose conversation; another name, another person.")
@click.pass_context
def chat(ctx: click.Context, name: str) -> None:
    """Ask in the terminal. An empty line or Ctrl-D ends it; the conversation goes on next time."""
    config = configured(ctx)
    set_up_logs("error")
    make_data_dir(config)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_talk(config, name))


async def _talk(config: Config, name: str) -> None:
    app = build(config)
    try:
        await schema.prepare(app.db, may_upgrade=False, now=app.clock())
        async with app.db.write() as uow:
            if config.wants_demo and await uow.county.is_empty():
                await load_demo(uow, app.clock())
                await uow.commit()
        await Librarian(app).look()
        parts = [asyncio.create_task(Pump(app, ["console"]).run()), asyncio.create_task(Librarian(app).run())]
        try:
            await _lines(app, name)
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
    finally:
        await app.close()


async def _lines(app: App, name: str) -> None:
    """Read lines and print what is said; each line waits until it has been thought about."""
    seen = await _newest(app, name)
    if not seen:
        await _say(app, name, "/start")
    seen = await _print(app, name, seen)
    printer = asyncio.create_task(_print_on(app, name, seen))
    try:
        while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
            await _say(app, name, line)
            await asyncio.sleep(LOOK_SECONDS * 2)
    finally:
        printer.cancel()
        await asyncio.gather(printer, return_exceptions=True)


async def _say(app: App, name: str, line: str) -> None:
    update_id = uuid.uuid4().hex
    body = encode(words(line), name, app.clock())
    await app.store("console", "", [Raw(update_id, name, body)])
    while True:
        async with app.db.read() as uow:
            row = await uow.inbox.find("console", "", update_id)
        if row is None or row.state != "waiting":
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _newest(app: App, name: str) -> int:
    async with app.db.read() as uow:
        conversation = await uow.people.conversation("console", "", name, lock=False)
        rows = await uow.people.messages(conversation.id, limit=1) if conversation else []
    return rows[-1].id if rows else 0


async def _print(app: App, name: str, seen: int) -> int:
    """Print what was said after `seen`; the newest id comes back."""
    async with app.db.read() as uow:
        conversation = await uow.people.conversation("console", "", name, lock=False)
        rows = await uow.people.messages(conversation.id, after=seen) if conversation else []
    for row in rows:
        if row.direction == "out":
            click.echo(f"\n{row.text}\n")
        seen = row.id
    return seen


async def _print_on(app: App, name: str, seen: int) -> None:
    while True:
        seen = await _print(app, name, seen)
        await asyncio.sleep(LOOK_SECONDS)
