"""inbox row -> handler -> one commit.

Parsing and fetching files happen before the transaction; inside it nothing waits on a network. Conversations run side
by side, messages of one conversation one after another. Of several pumps on one database the row's lock lets one win.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from bot.channels.base import Channel, FileTooLarge, FileUnavailable, Unparsable, numbered
from handlers.dispatch import handle
from handlers.messages import Attachment, Choice, Content, Heard, Option, Outcome, Say, Text, WithFile
from storage.database import is_passing
from storage.tables import Blob, Inbox, InboxState
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from bot.app import App

log = structlog.get_logger(__name__)

LANES = 8
"""Conversations thought about at once; more than one so that a slow download holds up nobody else."""

LOOK_AHEAD = 64
"""Chats taken up by one look into the inbox."""

IDLE_SECONDS = 0.5
FETCH_TRIES = 3


class Pump:
    """Takes updates from the inbox until cancelled."""

    def __init__(self, app: App, channels: list[str] | None = None) -> None:
        self._app = app
        self._channels = channels if channels is not None else list(app.channels)
        self._ready: deque[Inbox] = deque()
        self._busy: set[tuple[str, str]] = set()
        self._lanes: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Work until cancelled; database trouble is waited out."""
        try:
            while True:
                rung = self._app.bells.inbox.mark()
                try:
                    rows = await self._heads()
                except Exception as error:
                    if not is_passing(error):
                        raise
                    log.warning("inbox.unreadable", error=type(error).__name__)
                    await asyncio.sleep(1)
                    continue
                self._ready.extend(rows)
                for _ in range(min(len(rows), LANES - len(self._lanes))):
                    lane = asyncio.create_task(self._lane())
                    self._lanes.add(lane)
                    lane.add_done_callback(self._lanes.discard)
                await self._rest(rung)
        finally:
            self._ready.clear()
            for lane in self._lanes:
                lane.cancel()
            await asyncio.gather(*self._lanes, return_exceptions=True)

    async def _rest(self, rung: asyncio.Event) -> None:
        """Until there may be something to do: a lane ran out of work, a bell rang, or a while has passed."""
        bell = asyncio.create_task(self._app.bells.inbox.wait(IDLE_SECONDS, rung))
        await asyncio.wait([bell, *self._lanes], return_when=asyncio.FIRST_COMPLETED)
        bell.cancel()

    async def _heads(self) -> list[Inbox]:
        """The first update of each chat that nobody is at; none while every lane has work."""
        if self._ready or len(self._lanes) >= LANES:
            return []
        async with self._app.db.read() as uow:
            return await uow.inbox.heads(self._app.clock(), LOOK_AHEAD, self._busy, self._channels)

    async def _lane(self) -> None:
        while self._ready:
            row = self._ready.popleft()
            self._busy.add((row.channel, row.chat))
            try:
                await self.process(row)
            except Exception as error:
                await self._failed(row, error)
            finally:
                self._busy.discard((row.channel, row.chat))

    async def process(self, row: Inbox) -> None:
        """Think about one update and commit what it led to, with the update done."""
        app = self._app
        channel = app.channels[row.channel]
        try:
            heard = await channel.parse(row.body)
        except Unparsable as error:
            log.warning("inbox.unparsable", inbox=row.id, why=str(error))
            heard = None
        blob = None
        if heard is not None:
            heard, blob = await self._with_file(channel, heard)
            words = getattr(heard.event, "text", "")
            if words and app.house.matcher.has_vectors:
                # Comparing by meaning takes tens of milliseconds: not inside the transaction.
                await asyncio.to_thread(app.house.matcher.prepare, words)
        now = app.clock()
        async with app.db.write() as uow:
            taken = await uow.inbox.take(row.id)
            if taken is None:
                return
            if blob is not None:
                await uow.people.add_blob(blob)
            if heard is not None:
                heard = await self._unnumbered(channel, heard, uow)
                outcome = await handle(heard, app.house, uow, now, key=f"inbox:{row.id}")
                await app.writer.write(outcome, uow, now)
            taken.state, taken.done_at = InboxState.DONE, now
            await uow.commit()
        app.bells.outbox.ring()
        app.bells.messages.ring()

    async def _with_file(self, channel: Channel, heard: Heard) -> tuple[Heard, Blob | None]:
        """Fetch what the event carries. A file that cannot be had is said to be missing; the words go on."""
        event = heard.event
        if not isinstance(event, WithFile) or event.file.blob or event.file.problem:
            return heard, None
        blob, problem = await self._fetch(channel, event.file)
        file = replace(event.file, blob=blob.id if blob else "", problem=problem)
        return replace(heard, event=replace(event, file=file)), blob

    async def _fetch(self, channel: Channel, file: Attachment) -> tuple[Blob | None, str]:
        """The stored file, or why there is none."""
        app = self._app
        limit = app.config.uploads.max_bytes
        if file.size > limit:
            return None, "too_large"
        for attempt in range(1, FETCH_TRIES + 1):
            try:
                data = await channel.fetch(file, limit)
            except FileTooLarge:
                return None, "too_large"
            except FileUnavailable as error:
                log.warning("file.unavailable", attempt=attempt, retry=error.retry)
                if not error.retry:
                    break
                if attempt < FETCH_TRIES:
                    await asyncio.sleep(attempt)
                continue
            try:
                return await asyncio.to_thread(app.blobs.put, data, file.name, app.clock()), ""
            except OSError as error:
                # A full disk. Who sent the file knows at once, and sends it again; the words under it go on.
                log.error("file.not_kept", error=type(error).__name__)
                break
        return None, "unavailable"

    async def _unnumbered(self, channel: Channel, heard: Heard, uow: UnitOfWork) -> Heard:
        """On a channel without buttons a typed number is the choice it stands for in the last list."""
        address = heard.address
        if channel.capabilities.buttons or not isinstance(heard.event, Text):
            return heard
        conversation = await uow.people.conversation(address.channel, address.account, address.chat)
        listed = await uow.people.last_with_choice(conversation.id) if conversation else None
        if listed is None:
            return heard
        choice = numbered(heard.event.text, tuple(Option(row[0], row[1]) for row in listed.choices))
        return heard if choice is None else replace(heard, event=Choice(choice, on=listed.remote_id))

    async def _failed(self, row: Inbox, error: Exception) -> None:
        """Count a failed try; the last one sets the update aside, with an apology. Passing trouble counts nothing."""
        app = self._app
        kind = type(error).__name__
        if is_passing(error):
            log.warning("inbox.waits", inbox=row.id, error=kind)
            await asyncio.sleep(1)
            return
        log.error("inbox.failed", inbox=row.id, error=kind, exc_info=error)
        now = app.clock()
        try:
            async with app.db.write() as uow:
                counted = await uow.inbox.failed(row.id, kind, now, app.config.inbox.tries)
                if counted is not None and counted.state == InboxState.SET_ASIDE:
                    await app.writer.write(await self._apology(row, uow), uow, now)
                await uow.commit()
        except Exception as second:
            log.error("inbox.uncounted", inbox=row.id, error=type(second).__name__)
            await asyncio.sleep(1)
        app.bells.outbox.ring()
        app.bells.messages.ring()

    async def _apology(self, row: Inbox, uow: UnitOfWork) -> Outcome:
        conversation = await uow.people.conversation(row.channel, row.account, row.chat)
        if conversation is None:
            return Outcome()
        person = await uow.people.person(conversation.person_id)
        text = self._app.house.wording.say(
            "common.apology",
            person.language or self._app.config.county.default_language,
            legal=self._app.config.numbers.legal,
        )
        return Outcome((Say(conversation.id, Content(text), dedup=f"inbox:{row.id}:apology"),))
