"""The composition root: `build(config)` puts the parts together, and nothing else constructs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from bot.bell import Bells
from bot.channels.base import Channel, Raw
from bot.channels.own import OwnChannel
from bot.channels.telegram.channel import TelegramChannel
from bot.config import Config
from bot.librarian import Shelf
from bot.writer import Writer
from faq.emergency import EmergencyCheck
from faq.files import KnowledgeBaseError
from faq.load import shipped_folder
from faq.match import Matcher, Thresholds
from faq.vectors import VectorStore, installed_encoders
from handlers.commands import menu
from handlers.rules.service import Service
from handlers.rules.workdays import workdays_of
from handlers.turn import House, Settings
from handlers.wording import Wording
from storage.blobs import BlobStore
from storage.database import Database

log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """The clock of the running product."""
    return datetime.now(UTC)


@dataclass
class App:
    """The parts of one process. `clock` gives aware moments."""

    config: Config
    db: Database
    blobs: BlobStore
    house: House
    shelf: Shelf
    writer: Writer
    channels: dict[str, Channel]
    clock: Callable[[], datetime]
    bells: Bells = field(default_factory=Bells)

    async def store(self, channel: str, account: str, updates: list[Raw]) -> None:
        """Keep updates in the inbox, in one commit; then wake the pump. A repeated update id is passed over."""
        async with self.db.write() as uow:
            rows = [(raw.update_id, raw.chat, raw.body) for raw in updates]
            await uow.inbox.store(channel, account, rows, self.clock())
            await uow.commit()
        self.bells.inbox.ring()

    async def close(self) -> None:
        """Let go of connections."""
        for channel in self.channels.values():
            await channel.close()
        await self.db.dispose()


def settings_of(config: Config) -> Settings:
    """The values rules work with."""
    return Settings(
        zone=config.zone,
        county=config.county.name,
        default_language=config.county.default_language,
        first_answer=config.cases.first_answer,
        urgent_answer=config.cases.urgent_answer,
        follow_up_after=config.follow_up.after,
        quiet_hours=config.quiet_hours.enabled,
        quiet_start=config.quiet_hours.start,
        quiet_end=config.quiet_hours.end,
        upload_limit=config.uploads.max_bytes,
        numbers=config.numbers.model_dump(),
        recall_within=config.answers.recall_within,
        follow_up_again=config.follow_up.again_after,
        follow_up_later=tuple(timedelta(days=days) for days in config.follow_up.later_days),
        money_topics=config.follow_up.money_topics,
        follow_up_late=config.follow_up.late_after,
        days=workdays_of(config.county.holidays),
        service=Service(**config.service.model_dump()),
        gaps_on_working_days=config.roster.working_days,
    )


def thresholds_of(config: Config) -> Thresholds:
    """What confidence is enough for what."""
    return Thresholds(config.answers.answer_at, config.answers.careful_at, config.answers.suggest_at)


def vector_stores(config: Config) -> list[VectorStore]:
    """The encoders to use, each with its cache in the data directory; none where they are switched off."""
    encoders = installed_encoders() if config.answers.vectors else ()
    return [VectorStore(encoder, config.data_dir / "cache") for encoder in encoders]


def build(
    config: Config,
    *,
    clock: Callable[[], datetime] = utc_now,
    channels: Iterable[Channel] | None = None,
    entries: Path | None = None,
    db: Database | None = None,
) -> App:
    """Put the parts together. `channels`, `db` replace the configured ones; `entries` the shipped knowledge base.

    Entries that cannot be read are left out, and said in the log and on the desk. Raises KnowledgeBaseError when none
    can be read, StorageError for a database URL that cannot be used.
    """
    wording = Wording()
    chosen = {channel.name: channel for channel in (_channels(config, wording) if channels is None else channels)}
    shelf, read = Shelf.open(entries or shipped_folder(), config.county.jurisdiction)
    if not read.entries:
        raise KnowledgeBaseError("\n".join(read.problems))
    for problem in read.problems:
        log.error("knowledge.unreadable", problem=problem)
    matcher = Matcher(
        read.entries,
        today=lambda: clock().astimezone(config.zone).date(),
        thresholds=thresholds_of(config),
        stores=vector_stores(config),
        folder=config.data_dir / "cache",
    )
    house = House(
        matcher=matcher,
        emergencies=EmergencyCheck.load(),
        wording=wording,
        settings=settings_of(config),
        accounts={channel.name: channel.account for channel in chosen.values()},
    )
    blobs = BlobStore(config.data_dir / "blobs")
    return App(
        config=config,
        db=db or Database(config.database_url),
        blobs=blobs,
        house=house,
        shelf=shelf,
        writer=Writer({channel.name: channel.capabilities for channel in chosen.values()}, blobs),
        channels=chosen,
        clock=clock,
    )


def _channels(config: Config, wording: Wording) -> list[Channel]:
    """The channels that are switched on."""
    channels: list[Channel] = [OwnChannel("web", buttons=True), OwnChannel("console", buttons=False)]
    if config.telegram.account:
        channels.append(TelegramChannel(config.telegram, menu(wording)))
    return channels
