"""Telegram: aiogram hears (`inbound`), python-telegram-bot speaks (`outbound`). Imported only where it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.config import TelegramConfig

if TYPE_CHECKING:
    from bot.channels.telegram.channel import TelegramChannel


def make_telegram(config: TelegramConfig, commands: dict[str, list[tuple[str, str]]]) -> TelegramChannel:
    """The channel for the configured bot. Its libraries take seconds to import, so they are imported here."""
    from bot.channels.telegram.channel import TelegramChannel
    from bot.channels.telegram.inbound import Inbound
    from bot.channels.telegram.outbound import Outbound

    return TelegramChannel(config.account, Inbound(config, commands), Outbound(config))
