"""A stage for transcripts: people write, the house answers, time passes when told to. No network, no waiting."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.app import App, build
from bot.channels.base import Capabilities, Raw, SendOutcome, Sent, Store, Unparsable
from bot.config import Config
from bot.pump import Pump
from bot.ticker import Ticker
from handlers.messages import Address, Attachment, Choice, Command, Content, Event, Heard, Text
from storage.database import Database
from storage.tables import Message, Staff

if TYPE_CHECKING:
    from tests.conftest import Clock


class PaperChannel:
    """A channel whose delivery is the commit, and whose updates are Python values."""

    name = "paper"
    account = "desk"
    capabilities = Capabilities(delivered_by_commit=True)

    def __init__(self) -> None:
        self.updates: dict[str, Heard] = {}
        self.files: dict[str, bytes] = {}

    async def parse(self, body: str) -> Heard | None:
        if body not in self.updates:
            raise Unparsable(body)
        return self.updates[body]

    async def fetch(self, file: Attachment, limit: int) -> bytes:
        return self.files[file.remote]

    async def send(self, chat: str, content: Content, blob: bytes | None) -> SendOutcome:
        return Sent("unused")

    async def listen(self, store: Store) -> None:
        return

    async def close(self) -> None:
        return


class Actor:
    """Somebody in a chat of their own: a villager, or a member of staff once the county knows them."""

    def __init__(self, stage: Stage, chat: str) -> None:
        self._stage = stage
        self.chat = chat
        self.heard: list[Message] = []
        self._seen = 0

    async def sends(self, event: Event, *, reply_to: Message | None = None, private: bool = True) -> str:
        """Send any event; the channel's id of it comes back."""
        return await self._stage.deliver(self, event, reply_to=reply_to, private=private)

    async def says(self, text: str, *, reply_to: Message | None = None) -> str:
        if text.startswith("/"):
            name, _, args = text[1:].partition(" ")
            return await self.sends(Command(name, args), reply_to=reply_to)
        return await self.sends(Text(text), reply_to=reply_to)

    async def presses(self, choice: str, on: Message | None = None) -> str:
        """Press a button; on the newest message that has it, unless told on which."""
        carrier = on or next((row for row in reversed(self.heard) if choice in choices_of(row)), None)
        return await self.sends(Choice(choice, on=carrier.remote_id if carrier else ""))

    async def moves_in(self, *, village: str = "skip", language: str = "zh") -> None:
        """Go through the start: language, consent, village."""
        await self.says("/start")
        await self.presses(f"lang:{language}")
        await self.presses("consent:yes")
        await self.presses(f"village:{village}")
        self.hears_all()

    def hears(self, *parts: str, choices: list[str] | None = None) -> Message:
        """The next message not yet looked at contains all parts (and offers at least these choices)."""
        assert self._seen < len(self.heard), f"{self.chat} hears nothing, expected {parts}"
        message = self.heard[self._seen]
        self._seen += 1
        for part in parts:
            assert part in message.text, f"{part!r} is not in what {self.chat} hears:\n{message.text}"
        missing = set(choices or []) - set(choices_of(message))
        assert not missing, f"{missing} not among {choices_of(message)}"
        return message

    def hears_among(self, *parts: str, choices: list[str] | None = None) -> Message:
        """Like `hears`, past whatever else was said before it."""
        while self._seen < len(self.heard) and not all(part in self.heard[self._seen].text for part in parts):
            self._seen += 1
        return self.hears(*parts, choices=choices)

    def hears_nothing_of(self, *parts: str) -> None:
        """None of the messages not yet looked at contains one of the parts."""
        rest = [message.text for message in self.hears_all() if any(part in message.text for part in parts)]
        assert not rest, f"{self.chat} hears: {rest}"

    def hears_nothing(self) -> None:
        rest = [message.text for message in self.heard[self._seen :]]
        assert not rest, f"{self.chat} hears more: {rest}"

    def hears_all(self) -> list[Message]:
        """Everything not yet looked at."""
        rest = self.heard[self._seen :]
        self._seen = len(self.heard)
        return rest


def choices_of(message: Message) -> list[str]:
    return [row[0] for row in message.choices]


@dataclass
class Stage:
    """The house with one paper channel, a clock that stands still, and a county of a few people."""

    app: App
    channel: PaperChannel
    clock: Clock
    actors: dict[str, Actor] = field(default_factory=dict)
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def build(cls, database: Database, clock: Clock, config: Config) -> Stage:
        channel = PaperChannel()
        app = build(config, clock=clock, channels=[channel], db=database)
        return cls(app, channel, clock)

    def person(self, name: str) -> Actor:
        return self.actors.setdefault(name, Actor(self, name))

    async def village(self, code: str, name: str, town: str = "石庄镇") -> None:
        async with self.app.db.write() as uow:
            await uow.county.add_village(code, name, town)
            await uow.commit()

    async def adviser(
        self, name: str, *, villages: tuple[str, ...] = (), on_duty: bool = True, role: str = "adviser"
    ) -> Actor:
        """A member of staff with a chat; serves all villages unless some are named."""
        async with self.app.db.write() as uow:
            served = [row.id for code in villages if (row := await uow.county.village_by_code(code))]
            staff = await uow.county.add_staff(Staff(name=name, role=role, serves_all=not villages), served)
            await uow.county.set_address(staff.id, "paper", name)
            if on_duty:
                await uow.county.add_shift(staff.id, self.clock.now - timedelta(hours=1), None)
            await uow.commit()
        return self.person(name)

    async def shift(self, name: str, starts: datetime, ends: datetime | None = None) -> None:
        async with self.app.db.write() as uow:
            staff = next(row for row in await uow.county.all_staff() if row.name == name)
            await uow.county.add_shift(staff.id, starts, ends)
            await uow.commit()

    async def deliver(self, actor: Actor, event: Event, *, reply_to: Message | None, private: bool) -> str:
        number = str(next(self.ids))
        heard = Heard(
            address=Address("paper", "desk", actor.chat),
            event=event,
            sender=actor.chat,
            sent_at=self.clock.now,
            remote_id="" if isinstance(event, Choice) else f"in-{number}",
            reply_to=reply_to.remote_id if reply_to else "",
            reply_to_text=reply_to.text if reply_to else "",
            private=private,
        )
        self.channel.updates[number] = heard
        await self.app.store("paper", "desk", [Raw(number, actor.chat, number)])
        await self.think()
        return heard.remote_id

    async def think(self) -> None:
        """Run the pump until the inbox is empty."""
        pump = Pump(self.app)
        while True:
            async with self.app.db.read() as uow:
                rows = await uow.inbox.heads(self.clock.now, 10, set(), ["paper"])
            if not rows:
                break
            for row in rows:
                await pump.process(row)
        await self._listen()

    async def passes(self, span: timedelta) -> None:
        """Let time pass, then tick once."""
        self.clock.advance(span)
        await self.tick()

    async def tick(self) -> None:
        await Ticker(self.app).tick()
        await self._listen()

    async def _listen(self) -> None:
        """Bring what was said to the people it was said to."""
        for actor in list(self.actors.values()):
            async with self.app.db.read() as uow:
                conversation = await uow.people.conversation("paper", "desk", actor.chat)
                if conversation is None:
                    continue
                after = actor.heard[-1].id if actor.heard else 0
                rows = await uow.people.messages(conversation.id, after=after)
            actor.heard += [row for row in rows if row.direction == "out"]
