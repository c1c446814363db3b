"""Speaking on Telegram with python-telegram-bot: one message, one request, one honest outcome.

The courier owns order, pace and retries; the limiter here only keeps to the account's messages a second.
Errors: https://core.telegram.org/bots/api#making-requests, https://core.telegram.org/bots/faq#broadcasting-to-users
"""

from __future__ import annotations

import os
from datetime import timedelta

import httpx
import structlog
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, Message
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.channels.base import ChatClosed, NotSent, Rejected, SendOutcome, Sent, Unknown
from bot.channels.telegram.render import rows
from bot.config import TelegramConfig
from handlers.messages import Content

log = structlog.get_logger(__name__)

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""Failures in which the request cannot have reached the server."""

CLOSED = ("chat not found", "user is deactivated", "bot can't initiate conversation", "peer_id_invalid")
"""Bad requests that mean: this chat cannot be written to (yet)."""


class Outbound:
    """The speaking half of a bot."""

    def __init__(self, config: TelegramConfig) -> None:
        os.environ.setdefault("PTB_TIMEDELTA", "true")  # the library's opt-in to durations; without it each 429 warns
        base = config.api_base.rstrip("/")
        request = HTTPXRequest(
            connection_pool_size=32,
            connect_timeout=5,
            read_timeout=10,
            write_timeout=10,
            pool_timeout=5,
            media_write_timeout=30,
        )
        self._request = request
        self._bot: ExtBot[int] = ExtBot(
            config.token.get_secret_value(),
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=request,
            get_updates_request=HTTPXRequest(connection_pool_size=1),
            rate_limiter=AIORateLimiter(
                overall_max_rate=config.messages_per_second,
                overall_time_period=1,
                group_max_rate=0,
                group_time_period=0,
                max_retries=0,
            ),
        )
        self._ready = False

    async def send(self, chat: str, content: Content, blob: bytes | None) -> SendOutcome:
        """Send one message; what came of it, whatever Telegram or the network did."""
        try:
            if not self._ready:
                # Not `ExtBot.initialize`: it asks Telegram who we are, and a send must not fail for that.
                await self._request.initialize()
                await self._bot.rate_limiter.initialize()  # type: ignore[union-attr]  # set in __init__
                self._ready = True
            message = await self._put(int(chat), content, blob)
        except ValueError:
            return Rejected("not a chat of this channel")
        except TelegramError as error:
            return outcome_of(error)
        return Sent(str(message.message_id))

    async def _put(self, chat: int, content: Content, blob: bytes | None) -> Message:
        keyboard = None
        if content.choices:
            keyboard = InlineKeyboardMarkup(
                [
                    [InlineKeyboardButton(option.label, callback_data=option.id) for option in row]
                    for row in rows(content.choices)
                ]
            )
        if blob is None:
            return await self._bot.send_message(
                chat, content.text, reply_markup=keyboard, link_preview_options=LinkPreviewOptions(is_disabled=True)
            )
        caption = content.text or None
        file = InputFile(blob, filename=content.blob_name or "file")
        match content.blob_kind:
            case "photo":
                return await self._bot.send_photo(chat, file, caption=caption, reply_markup=keyboard)
            case "voice":
                return await self._bot.send_voice(chat, file, caption=caption, reply_markup=keyboard)
            case _:
                return await self._bot.send_document(chat, file, caption=caption, reply_markup=keyboard)

    async def close(self) -> None:
        if self._ready:
            await self._request.shutdown()


def outcome_of(error: TelegramError) -> SendOutcome:
    """What an error means for the message. Pure.

    `BadRequest` comes before `NetworkError`, whose subclass it is. A server's own failure (5xx) and a lost answer leave
    it unknown whether the message was delivered.
    """
    why = type(error).__name__
    match error:
        case RetryAfter():
            wait = error.retry_after
            span = wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
            return NotSent(why, retry_after=span, whole_account=True)
        case Forbidden():
            return ChatClosed(why)
        case BadRequest():
            said = error.message.lower()
            return ChatClosed(why) if any(phrase in said for phrase in CLOSED) else Rejected(error.message[:200])
        case ChatMigrated():
            return Rejected(why)
        case InvalidToken():
            log.error("telegram.token_refused")
            return NotSent(why, retry_after=timedelta(minutes=1), whole_account=True)
        case NetworkError() if isinstance(error.__cause__, NEVER_LEFT):
            return NotSent(type(error.__cause__).__name__)
        case NetworkError():
            return Unknown(type(error.__cause__ or error).__name__)
        case _:
            return Unknown(why)
