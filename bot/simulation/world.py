"""Simulated time: the clock jumps to the next thing that anybody does or that is due.

Everything goes the way it goes in the running product: inbox row, pump, one commit; tick, one commit. The process can
be down: then nothing is thought and nothing ticks, and what people send waits in the inbox.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app import App, build
from bot.channels.base import Raw
from bot.channels.own import OwnChannel, encode
from bot.config import Config
from bot.pump import Pump
from bot.simulation.advisers import Adviser
from bot.simulation.checks import Ledger, Said
from bot.simulation.county import CHANNEL, CLOSES, NIGHT, OPENS, County, make_county, publish_week
from bot.simulation.plan import Outage, Plan, arrivals, outages
from bot.simulation.villagers import Villager
from bot.ticker import Ticker
from handlers.messages import Event
from storage import schema
from storage.database import Database
from storage.tables import Role

TICK = timedelta(minutes=1)
"""How long after a tick the next one is, while something stays due."""


@dataclass(slots=True)
class Moment:
    """The clock of the house; it jumps when the world says so."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


class World:
    """One county in one database. `live()` runs it to its end; the ledger then knows what went wrong."""

    def __init__(self, plan: Plan, app: App, clock: Moment, ledger: Ledger, county: County) -> None:
        self.plan, self.app, self.ledger, self.county = plan, app, ledger, county
        self._clock = clock
        self.down: list[Outage] = outages(plan)
        self.villagers: dict[str, Villager] = {}
        self.advisers = {member.chat: Adviser(member, plan.stream(member.chat), plan.zone) for member in county.members}
        self._pump, self._ticker = Pump(app), Ticker(app)
        self._order = itertools.count()
        self._updates = itertools.count(1)
        self._deeds: list[tuple[datetime, int, str, Event]] = []
        self._waiting: list[str] = []
        self._heard = 0
        self._due: datetime | None = None
        self._ticked = plan.begin

    @property
    def now(self) -> datetime:
        return self._clock.now

    def later(self, at: datetime, chat: str, event: Event) -> None:
        """Somebody does something at a moment; what falls after the end is left undone."""
        if at < self.plan.end:
            heapq.heappush(self._deeds, (at, next(self._order), chat, event))

    async def live(self) -> None:
        """From the first day to the end of the last."""
        for arrival in arrivals(self.plan):
            chat = f"v-{arrival.village}-{arrival.villager}"
            villager = self.villagers.setdefault(chat, Villager(chat, self.plan.stream(chat)))
            villager.arrives(arrival, self.county, self)
        looks = self._looks()
        while True:
            tick = self._next_tick(looks[0] if looks else self.plan.end)
            deed = self._deeds[0][0] if self._deeds else self.plan.end
            self._clock.now = max(self.now, min(tick, deed))
            if self.now >= self.plan.end:
                break
            if deed <= tick:
                await self._send()
                continue
            while looks and looks[0] <= self.now:
                await self._on_the_hour(looks.pop(0))
            await self._tick()
        self._clock.now = self.plan.end
        await self._tick()
        async with self.app.db.read() as uow:
            await self.ledger.close(uow, self.down)

    def _looks(self) -> list[datetime]:
        """Moments at which to tick though no row says that anything is due: shifts begin, and every hour."""
        moments = {self.plan.moment(day, time(hour)) for day in range(self.plan.days) for hour in range(24)} | {
            self.plan.moment(day, at) for day in range(self.plan.days) for at in (OPENS, CLOSES, NIGHT)
        }
        return sorted(moments)

    def _next_tick(self, look: datetime) -> datetime:
        """When the house next ticks: at the next look or when something falls due, once it is up."""
        at = look if self._due is None else min(look, max(self._due, self._ticked + TICK))
        at = max(at, self.now)
        outage = self._outage(at)
        return outage.ends if outage is not None else at

    def _outage(self, at: datetime) -> Outage | None:
        return next((outage for outage in self.down if outage.starts <= at < outage.ends), None)

    async def _on_the_hour(self, moment: datetime) -> None:
        """What the county does by the calendar: the week's roster on Monday at midnight, advisers coming on duty."""
        local = moment.astimezone(self.plan.zone)
        day = (moment - self.plan.begin).days
        if day % 7 == 0 and local.time() == time(0):
            async with self.app.db.write() as uow:
                publish_week(self.plan, self.county, day, uow)
                await uow.commit()
        if local.time() == time(0):
            async with self.app.db.read() as uow:
                await self.ledger.day_begins(uow, moment, self.down)
        if local.time() == OPENS:
            for adviser in self.advisers.values():
                if not adviser.member.relief and (day % 7 < 5 or adviser.member.role is Role.COUNTY):
                    adviser.begins(moment, self)

    async def _send(self) -> None:
        """The next deed: stored at once; thought about unless the house is down."""
        _, _, chat, event = heapq.heappop(self._deeds)
        if chat in self.advisers and self.advisers[chat].is_away(self.now):
            return
        number = str(next(self._updates))
        self.ledger.sent(number, event)
        self._waiting.append(number)
        await self.app.store(CHANNEL, "", [Raw(number, chat, encode(event, chat, self.now, "zh"))])
        if self._outage(self.now) is None:
            await self._think()

    async def _think(self) -> None:
        """Run the pump over what waits in the inbox, then let people hear what was said."""
        while self._waiting:
            async with self.app.db.read() as uow:
                row = await uow.inbox.find(CHANNEL, "", self._waiting.pop(0))
            if row is not None:
                await self._pump.process(row)
        await self._listen(unasked=False)

    async def _tick(self) -> None:
        """The inbox first: after an outage what waited in it is older than what is due now."""
        if self._waiting:
            await self._think()
        await self._ticker.tick()
        self._ticked = self.now
        self.ledger.failures = self._ticker.failures
        await self._listen(unasked=True)

    async def _listen(self, *, unasked: bool) -> None:
        """Bring what was said to the people it was said to, and to the ledger."""
        async with self.app.db.read() as uow:
            self._due, newest, nobodys = await uow.figures.glance()
            rows = await uow.figures.said_after(self._heard) if newest > self._heard else []
            unowned = await uow.figures.unowned() if nobodys else []
        self.ledger.looked(unowned, self.now)
        for message, chat, dedup, urgent in rows:
            self._heard = message.id
            if (adviser := self.advisers.get(chat)) is not None:
                self.ledger.said_to_staff(dedup)
                adviser.hears(message, self.now, self)
            elif (villager := self.villagers.get(chat)) is not None:
                said = Said(message, dedup, unasked=unasked, urgent=urgent)
                self.ledger.said(said, self.now, self.down)
                villager.hears(message, self.now, self.county, self, unasked=unasked)


async def simulate(plan: Plan, config: Config, folder: Path, *, alter: Callable[[App], None] | None = None) -> World:
    """Live through a plan in a throw-away database in `folder`; `alter` changes the house before it opens.

    The world's database is still open when it comes back: its app is the caller's to close.
    """
    config = config.model_copy(
        update={
            "data_dir": folder,
            "answers": config.answers.model_copy(update={"vectors": False}),
        }
    )
    clock = Moment(plan.begin)
    db = Database(f"sqlite:///{folder / 'simulation.sqlite3'}", durable=False)
    app = build(config, clock=clock, channels=[OwnChannel(CHANNEL, buttons=True)], db=db)
    try:
        await schema.upgrade(db)
        async with db.write() as uow:
            county = await make_county(plan, uow)
            await uow.commit()
        world = World(plan, app, clock, Ledger(plan, config), county)
        if alter is not None:
            alter(app)
        await world.live()
    except BaseException:
        await app.close()
        raise
    return world


def throw_away() -> TemporaryDirectory[str]:
    """A folder for a simulation's database, gone with its last use."""
    return TemporaryDirectory(prefix="doorstep-simulation-")
