"""The Telegram channel: aiogram hears (`inbound`), python-telegram-bot speaks (`outbound`).

Either library takes seconds to import, so each is imported on first use and beside the event loop: a process that only
serves pages or the terminal never does.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.channels.base import Capabilities, SendOutcome, Store
from bot.config import TelegramConfig
from handlers.messages import Attachment, Content, Heard

if TYPE_CHECKING:
    from bot.channels.telegram.inbound import Inbound
    from bot.channels.telegram.outbound import Outbound


class TelegramChannel:
    """One bot. `account` is the bot's id; `commands` the menu, by language."""

    name = "telegram"
    capabilities = Capabilities()

    def __init__(self, config: TelegramConfig, commands: dict[str, list[tuple[str, str]]]) -> None:
        self.account = config.account
        self._config = config
        self._commands = commands
        self._hearing: Inbound | None = None
        self._speaking: Outbound | None = None
        self._importing = asyncio.Lock()

    @property
    def webhook_path(self) -> str:
        """Where our server takes updates: the path of the configured URL; '' when polling."""
        return urlsplit(self._config.webhook_url).path or "/" if self._config.webhook_url else ""

    async def webhook(self, body: bytes, secret: str | None, store: Store) -> int:
        """One update by webhook: the HTTP status to answer. 200 only once it is stored."""
        return await (await self._inbound()).webhook(body, secret, store)

    async def parse(self, body: str) -> Heard | None:
        return await (await self._inbound()).parse(body)

    async def fetch(self, file: Attachment, limit: int) -> bytes:
        return await (await self._inbound()).fetch(file, limit)

    async def send(self, chat: str, content: Content, blob: bytes | None) -> SendOutcome:
        return await (await self._outbound()).send(chat, content, blob)

    async def listen(self, store: Store) -> None:
        await (await self._inbound()).listen(store)

    async def close(self) -> None:
        if self._hearing is not None:
            await self._hearing.close()
        if self._speaking is not None:
            await self._speaking.close()

    async def _inbound(self) -> Inbound:
        async with self._importing:
            if self._hearing is None:
                make = await asyncio.to_thread(_import_inbound)
                self._hearing = make(self._config, self._commands)
            return self._hearing

    async def _outbound(self) -> Outbound:
        async with self._importing:
            if self._speaking is None:
                make = await asyncio.to_thread(_import_outbound)
                self._speaking = make(self._config)
            return self._speaking


def _import_inbound() -> type[Inbound]:
    from bot.channels.telegram.inbound import Inbound

    return Inbound


def _import_outbound() -> type[Outbound]:
    from bot.channels.telegram.outbound import Outbound

    return Outbound
