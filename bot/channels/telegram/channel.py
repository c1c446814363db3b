"""The Telegram channel: the two halves behind the one protocol."""

from __future__ import annotations

from bot.channels.base import Capabilities, SendOutcome, Store
from bot.channels.telegram.inbound import Inbound
from bot.channels.telegram.outbound import Outbound
from handlers.messages import Attachment, Content, Heard


class TelegramChannel:
    """One bot. `account` is the bot's id."""

    name = "telegram"
    capabilities = Capabilities()

    def __init__(self, account: str, inbound: Inbound, outbound: Outbound) -> None:
        self.account = account
        self.inbound = inbound
        self._outbound = outbound

    async def parse(self, body: str) -> Heard | None:
        return await self.inbound.parse(body)

    async def fetch(self, file: Attachment, limit: int) -> bytes:
        return await self.inbound.fetch(file, limit)

    async def send(self, chat: str, content: Content, blob: bytes | None) -> SendOutcome:
        return await self._outbound.send(chat, content, blob)

    async def listen(self, store: Store) -> None:
        await self.inbound.listen(store)

    async def close(self) -> None:
        await self.inbound.close()
        await self._outbound.close()
