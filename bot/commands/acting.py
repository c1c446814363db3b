"""Commands that run the same use cases as the chats and the desk do, with what those say and schedule."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from bot.app import App, build
from bot.commands.common import with_database
from bot.config import Config
from handlers.messages import Outcome
from handlers.rostering import Refused
from handlers.wording import Wording
from storage.database import Database
from storage.unit_of_work import UnitOfWork

Result = TypeVar("Result")


def acting(config: Config, act: Callable[[App, UnitOfWork], Awaitable[tuple[Result, Outcome]]]) -> Result:
    """Run a use case in one unit of work: what it says and schedules is kept too. Raises StorageError, and
    click.ClickException with the words of a refusal.
    """

    async def main(db: Database) -> Result:
        app = build(config, db=db)
        now = app.clock()
        async with db.write() as uow:
            result, outcome = await act(app, uow)
            await app.writer.write(outcome, uow, now)
            await uow.commit()
        for channel in app.channels.values():
            await channel.close()
        return result

    with saying_why():
        return with_database(config, main)


def seeing(config: Config, look: Callable[[App, UnitOfWork], Awaitable[Result]]) -> Result:
    """Look at the database with the parts of the product at hand. Raises StorageError."""

    async def main(db: Database) -> Result:
        async with db.read() as uow:
            return await look(build(config, db=db), uow)

    return with_database(config, main)


@contextmanager
def saying_why() -> Iterator[None]:
    """A use case's refusal in the words of the command line."""
    try:
        yield
    except Refused as no:
        raise click.ClickException(Wording().say(no.key, "en", **no.values)) from None
