"""Each channel with its far end in our hands, for the contract that all of them keep.

A new channel is a rig and its line in `RIGS`; one of our own, read from the store, is the line alone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from bot.channels.base import Channel, Rejected, SendOutcome
from bot.channels.own import OwnChannel, encode
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.inbound import as_raw
from bot.config import TelegramConfig
from bot.writer import Writer
from handlers.messages import Attachment, Choice, Content, Document, Event, Outcome, Photo, Say, Text, Voice
from storage import schema
from storage.blobs import BlobStore
from storage.database import Database
from tests.conftest import Clock
from tests.fakes.telegram import FakeTelegram

CHAT = "7"
LIMIT = 1000
"""The largest file that the contract fetches, in bytes."""


@dataclass(frozen=True)
class Seen:
    """A message as the person has it before them; `choices` are (id, label)."""

    text: str
    choices: list[tuple[str, str]]
    file: bytes


class Rig(Protocol):
    """A channel and whoever is at the other end of it; `db` is an empty database of its own."""

    channel: Channel
    db: Database

    async def seen(self) -> list[Seen]:
        """Everything the person has been shown."""

    async def put(self, content: Content, blob: bytes | None) -> SendOutcome:
        """Put one message, fitted already, before the person in the way of this channel."""

    def body(self, event: Event) -> str:
        """What the platform gives us when the person does this."""

    @property
    def no_files(self) -> dict[str, Attachment]:
        """Files that cannot be had: 'too_large', 'missing', or there was 'trouble' (what applies here)."""


@dataclass
class TelegramRig:
    """The real channel, a fake server, a user."""

    channel: Channel
    db: Database
    server: FakeTelegram

    async def seen(self) -> list[Seen]:
        rows = self.server.user(int(CHAT)).heard
        return [Seen(row.text, [(data, label) for label, data in row.buttons], row.file) for row in rows]

    async def put(self, content: Content, blob: bytes | None) -> SendOutcome:
        return await self.channel.send(CHAT, content, blob)

    def body(self, event: Event) -> str:
        sender = {"id": int(CHAT), "is_bot": False, "first_name": "A", "language_code": "zh"}
        envelope: dict[str, Any] = {"message_id": 5, "date": 1790000000, "chat": {"id": int(CHAT), "type": "private"}}
        message = envelope | {"from": sender}
        file = {"file_id": "small", "file_unique_id": "u", "file_size": 3}
        match event:
            case Text(text):
                message |= {"text": text, "reply_to_message": envelope | {"message_id": 4, "text": "案件 #12"}}
            case Choice(choice, on):
                query = {"id": "1", "from": sender, "chat_instance": "1", "data": choice}
                if on:
                    query["message"] = message | {"message_id": int(on), "text": "?"}
                return as_raw({"update_id": 9, "callback_query": query}).body
            case Photo(_, text):
                message |= {"caption": text, "photo": [file | {"width": 90, "height": 90}]}
            case Voice(_, seconds, text):
                message |= {"caption": text, "voice": file | {"duration": seconds}}
            case Document(given, text):
                message |= {"caption": text, "document": file | {"file_name": given.name}}
            case _:
                raise TypeError(type(event).__name__)
        return as_raw({"update_id": 9, "message": message}).body

    @property
    def no_files(self) -> dict[str, Attachment]:
        self.server.files |= {"large": bytes(LIMIT + 1), "small": b"abc"}
        self.server.fail("file", status=500, body="x")
        return {
            "too_large": Attachment("photo", remote="large"),
            "missing": Attachment("photo", remote="nowhere"),
            "trouble": Attachment("photo", remote="small"),
        }


@dataclass
class OwnRig:
    """A channel of our own: what its people are shown is what the store holds."""

    channel: Channel
    db: Database
    blobs: BlobStore
    clock: Clock = field(default_factory=Clock)
    said: int = field(default=0)

    async def seen(self) -> list[Seen]:
        async with self.db.read() as uow:
            conversation = await uow.people.conversation(self.channel.name, self.channel.account, CHAT)
            rows = await uow.people.messages(conversation.id) if conversation else []
        return [
            Seen(row.text, [(row[0], row[1]) for row in row.choices], self._file(row.blob_id))
            for row in rows
            if row.direction == "out"
        ]

    def _file(self, blob_id: str) -> bytes:
        return self.blobs.get(blob_id) if blob_id else b""

    async def put(self, content: Content, blob: bytes | None) -> SendOutcome:
        self.said += 1
        now = self.clock()
        kept = self.blobs.put(blob, content.blob_name, now) if blob is not None else None
        content = Content(content.text, content.choices, kept.id if kept else "", content.blob_kind, content.blob_name)
        async with self.db.write() as uow:
            address = (self.channel.name, self.channel.account, CHAT)
            conversation = await uow.people.conversation(*address)
            conversation = conversation or await uow.people.open_conversation(*address, now)
            await Writer({self.channel.name: self.channel.capabilities}).write(
                Outcome((Say(conversation.id, content, f"said:{self.said}"),)), uow, now
            )
            await uow.commit()
        return await self.channel.send(CHAT, content, blob)

    def body(self, event: Event) -> str:
        return encode(event, CHAT, self.clock())

    @property
    def no_files(self) -> dict[str, Attachment]:
        return {"missing": Attachment("photo", remote="nowhere")}


@cache
def _empty_database() -> bytes:
    """The file of a database with the schema and nothing in it: migrated once, copied for each test."""

    async def make(path: Path) -> None:
        db = Database(f"sqlite:///{path}")
        await schema.upgrade(db)
        await db.dispose()

    with TemporaryDirectory() as folder:
        asyncio.run(make(path := Path(folder) / "doorstep.sqlite3"))
        return path.read_bytes()


@asynccontextmanager
async def _database(folder: Path) -> AsyncIterator[Database]:
    path = folder / "doorstep.sqlite3"
    path.write_bytes(await asyncio.to_thread(_empty_database))
    db = Database(f"sqlite:///{path}")
    yield db
    await db.dispose()


@asynccontextmanager
async def _telegram(folder: Path) -> AsyncIterator[Rig]:
    async with FakeTelegram() as server, _database(folder) as db:
        server.user(int(CHAT))
        config = TelegramConfig.model_validate({"token": server.token, "api_base": server.base})
        channel = TelegramChannel(config, {"zh": [("start", "开始")]})
        yield TelegramRig(channel, db, server)
        await channel.close()


@asynccontextmanager
async def _own(name: str, buttons: bool, folder: Path) -> AsyncIterator[Rig]:
    async with _database(folder) as db:
        yield OwnRig(OwnChannel(name, buttons=buttons), db, BlobStore(folder / "blobs"))


RIGS: dict[str, Callable[[Path], AbstractAsyncContextManager[Rig]]] = {
    "telegram": _telegram,
    "web": partial(_own, "web", True),
    "console": partial(_own, "console", False),
}

SENT_BY_COMMIT = Rejected("this channel delivers by the commit")


def damaged(body: str) -> list[str]:
    """A stored update with each of its parts in turn replaced by things no platform promises, or left out."""
    junk: list[Any] = [
        None,
        -1,
        10**30,
        1.5,
        float("inf"),
        float("nan"),
        "",
        "x",
        "\ud800",
        "9" * 5000,
        [],
        {},
        [[]],
        True,
    ]
    whole = json.loads(body)
    found: list[str] = ["", "{", "null", "[]", "5", '"x"', "[" * 100_000, "{}", '{"update_id": 1}']
    for path in _paths(whole):
        for thing in junk:
            found.append(json.dumps(_replaced(whole, path, thing)))
        found.append(json.dumps(_replaced(whole, path, _GONE)))
    return found


_GONE = object()


def _paths(value: Any) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((key, *rest) for key, inner in items for rest in _paths(inner))]


def _replaced(value: Any, path: tuple[Any, ...], thing: Any) -> Any:
    if not path:
        return None if thing is _GONE else thing
    key, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    if thing is _GONE and not rest:
        del copy[key]
    else:
        copy[key] = _replaced(value[key], tuple(rest), thing)
    return copy
