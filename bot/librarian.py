"""Keeps this process's knowledge base what files and desk say, a second after either changes.

Nothing invalid takes the bot down: a file that cannot be read leaves the files' last good state in use, a row that
cannot be read leaves what the entry was before; the log and the desk say why.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from faq.base import Row, in_force
from faq.load import Read, read_entries
from faq.model import Entry
from storage.database import is_passing
from storage.tables import EntryStatus, EntryVersion
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from bot.app import App

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5

Stamp = frozenset[tuple[str, int, int]]
"""Every file with its time and size: another stamp, another content."""


def stamp(folder: Path) -> Stamp:
    """The files of a knowledge base as they are now. A file that goes away meanwhile is left out."""
    found = set()
    for path in folder.rglob("*.yaml"):
        with contextlib.suppress(OSError):
            status = path.stat()
            found.add((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(found)


def overlay(rows: list[EntryVersion]) -> list[Row]:
    """Decisions of the desk as the knowledge base takes them."""
    return [
        Row(row.entry_id, row.language, row.status == EntryStatus.WITHDRAWN, row.body, f"entry_version {row.id}")
        for row in rows
    ]


@dataclass
class Shelf:
    """What one process knows: its folder, the files' last good content, and what cannot be read, for the desk.

    `revision` is the desk's that is in use; -1 before the first look.
    """

    folder: Path
    jurisdictions: tuple[str, ...]
    files: tuple[Entry, ...]
    seen: Stamp
    file_problems: tuple[str, ...] = ()
    row_problems: tuple[str, ...] = ()
    revision: int = -1
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def open(cls, folder: Path, jurisdictions: tuple[str, ...]) -> tuple[Shelf, Read]:
        """A shelf with what the folder holds at the start."""
        seen = stamp(folder)
        read = read_entries(folder, jurisdictions)
        return cls(folder, jurisdictions, read.entries, seen, file_problems=read.problems), read

    @property
    def problems(self) -> tuple[str, ...]:
        return self.file_problems + self.row_problems


class Librarian:
    """Looks until cancelled. `look` alone brings the knowledge base up to date once."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as error:
                level = log.warning if is_passing(error) else log.error
                level("knowledge.waits", error=type(error).__name__, exc_info=error)
            await self._app.bells.knowledge.wait(LOOK_SECONDS)

    async def look(self) -> bool:
        """Take up what has changed since the last look, if anything. True when it had."""
        shelf = self._app.shelf
        async with shelf.busy:
            seen = await asyncio.to_thread(stamp, shelf.folder)
            async with self._app.db.read() as uow:
                revision = await uow.knowledge.revision()
                if (revision, seen) == (shelf.revision, shelf.seen):
                    return False
                rows = await uow.knowledge.decided()
            if seen != shelf.seen:
                await self._read_files(seen)
            entries, problems = in_force(shelf.files, overlay(rows))
            self._say(problems, shelf.row_problems)
            matcher = self._app.house.matcher
            if entries != matcher.entries:
                await asyncio.to_thread(matcher.replace, entries)
            shelf.revision, shelf.row_problems = revision, problems
            log.info("knowledge.in_use", revision=revision, entries=len(entries))
            return True

    async def _read_files(self, seen: Stamp) -> None:
        """Read the folder again; a folder with any fault leaves the last good content in use."""
        shelf = self._app.shelf
        read = await asyncio.to_thread(read_entries, shelf.folder, shelf.jurisdictions)
        self._say(read.problems, shelf.file_problems)
        shelf.seen, shelf.file_problems = seen, read.problems
        if not read.problems:
            shelf.files = read.entries

    def _say(self, problems: tuple[str, ...], before: tuple[str, ...]) -> None:
        for problem in problems:
            if problem not in before:
                log.error("knowledge.unreadable", problem=problem)


async def entries_in_force(shelf: Shelf, uow: UnitOfWork) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """What would answer, and every problem, without a running product."""
    entries, problems = in_force(shelf.files, overlay(await uow.knowledge.decided()))
    return entries, shelf.file_problems + problems
