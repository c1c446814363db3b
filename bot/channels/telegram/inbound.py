"""Hearing Telegram with aiogram: updates into the inbox first, understood later.

`listen` fetches updates raw and confirms them only once they are stored; `parse` runs a stored update through aiogram's
dispatcher. One malformed update stands in nobody's way. Bot API: https://core.telegram.org/bots/api#getting-updates
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import json
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.types import BotCommand
from aiohttp import ClientError
from pydantic import ValidationError

from bot.channels.base import FileTooLarge, FileUnavailable, Raw, Store, Unparsable
from bot.channels.telegram.understanding import make_dispatcher
from bot.config import TelegramConfig
from handlers.messages import Attachment, Heard

log = structlog.get_logger(__name__)

POLL_SECONDS = 25
LONGEST_BACKOFF = 15.0
KINDS = ["message", "edited_message", "callback_query", "my_chat_member"]
"""The kinds of update we ask for."""


class GetRawUpdates(TelegramMethod[list[Any]]):
    """getUpdates without looking into the updates: aiogram's own refuses a whole batch over one malformed update."""

    __returning__ = list[Any]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int = 100
    timeout: int = POLL_SECONDS
    allowed_updates: list[str] = KINDS


class Inbound:
    """The hearing half of a bot. `commands`: the menu, by language."""

    def __init__(self, config: TelegramConfig, commands: dict[str, list[tuple[str, str]]]) -> None:
        self._config = config
        self._commands = commands
        server = TelegramAPIServer.from_base(config.api_base.rstrip("/"))
        self._bot = Bot(config.token.get_secret_value(), session=AiohttpSession(api=server))
        self._dispatcher: Dispatcher = make_dispatcher(config.account)
        self._background: set[asyncio.Task[None]] = set()

    async def listen(self, store: Store) -> None:
        """Register with Telegram, then poll until cancelled; with a webhook, only stay registered."""
        menu = asyncio.create_task(self._persist("commands", self._set_commands))
        try:
            if self._config.webhook_url:
                await self._persist("webhook", self._set_webhook)
                await asyncio.Event().wait()
            else:
                await self._persist("webhook", self._drop_webhook)
                await self._poll(store)
        finally:
            menu.cancel()
            await asyncio.gather(menu, return_exceptions=True)

    async def _persist(self, what: str, act: Callable[[], Awaitable[Any]]) -> None:
        """Do something at Telegram's until it works."""
        wait = 0.5
        while True:
            try:
                await act()
                return
            except (TelegramAPIError, ValidationError, OSError, ValueError, TimeoutError) as error:
                log.warning("telegram.setup", what=what, error=type(error).__name__)
                await asyncio.sleep(_pause(error, wait))
                wait = min(LONGEST_BACKOFF, wait * 2)

    async def _set_commands(self) -> None:
        for language, rows in self._commands.items():
            menu = [BotCommand(command=name, description=description) for name, description in rows]
            await self._bot.set_my_commands(menu, language_code=language)
            if language == "zh":
                await self._bot.set_my_commands(menu)

    async def _set_webhook(self) -> None:
        await self._bot.set_webhook(
            self._config.webhook_url,
            secret_token=self._config.webhook_secret.get_secret_value(),
            allowed_updates=KINDS,
        )

    async def _drop_webhook(self) -> None:
        await self._bot.delete_webhook(drop_pending_updates=False)

    async def _poll(self, store: Store) -> None:
        offset: int | None = None
        wait = 0.5
        while True:
            try:
                updates = await self._bot(GetRawUpdates(offset=offset), request_timeout=POLL_SECONDS + 10)
                if updates:
                    await store("telegram", self._config.account, [as_raw(update) for update in updates])
            except Exception as error:
                # Whatever went wrong, the offset has not moved: the same updates come again.
                log.warning("telegram.poll", error=type(error).__name__)
                await asyncio.sleep(_pause(error, wait))
                wait = min(LONGEST_BACKOFF, wait * 2)
                continue
            wait = 0.5
            offset = max([offset or 0, *(update_id(update) + 1 for update in updates)]) or None
            for update in updates:
                self._acknowledge(update)

    async def webhook(self, body: bytes, secret: str | None, store: Store) -> int:
        """One update by webhook: the HTTP status to answer. 200 only once it is stored."""
        expected = self._config.webhook_secret.get_secret_value()
        if not expected or not hmac.compare_digest((secret or "").encode(), expected.encode()):
            return 403
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return 400
        if not isinstance(update, dict):
            return 400
        try:
            await store("telegram", self._config.account, [as_raw(update)])
        except Exception as error:
            log.warning("telegram.webhook", error=type(error).__name__)
            return 503
        self._acknowledge(update)
        return 200

    def _acknowledge(self, update: Any) -> None:
        """Stop the spinner on a pressed button; nothing depends on it."""
        query = update.get("callback_query") if isinstance(update, dict) else None
        if isinstance(query, dict) and isinstance(query.get("id"), str):
            task = asyncio.create_task(self._answer(query["id"]))
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    async def _answer(self, query_id: str) -> None:
        try:
            await self._bot.answer_callback_query(query_id, request_timeout=10)
        except (TelegramAPIError, OSError, ValueError, TimeoutError) as error:
            log.info("telegram.acknowledge", error=type(error).__name__)

    async def parse(self, body: str) -> Heard | None:
        """Read a stored update with aiogram. Raises Unparsable for what Telegram does not send."""
        try:
            update = json.loads(body)
            if isinstance(update, dict) and not any(update.get(kind) for kind in KINDS):
                return None  # aiogram would print an update of a kind it does not know, with the words in it
            heard = await self._dispatcher.feed_raw_update(self._bot, update)
        except (ValidationError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise Unparsable(f"{type(error).__name__} in a stored update") from None
        return heard if isinstance(heard, Heard) and heard is not UNHANDLED else None

    async def fetch(self, file: Attachment, limit: int) -> bytes:
        """Download a file of at most `limit` bytes."""
        try:
            found = await self._bot.get_file(file.remote)
            if found.file_path is None or (found.file_size or 0) > limit:
                raise FileTooLarge
            url = self._bot.session.api.file_url(self._bot.token, found.file_path)
            data = io.BytesIO()
            async for chunk in self._bot.session.stream_content(url, timeout=60, raise_for_status=True):
                data.write(chunk)
                if data.tell() > limit:
                    raise FileTooLarge
            return data.getvalue()
        except TelegramBadRequest as error:
            # Telegram gives bots no file above 20 MB, and says so with a 400, as it does of a file it does not know.
            if "too big" in error.message:
                raise FileTooLarge from None
            raise FileUnavailable(type(error).__name__, retry=False) from None
        except (TelegramAPIError, ClientError, OSError, ValueError, TimeoutError) as error:
            raise FileUnavailable(type(error).__name__, retry=True) from None

    async def close(self) -> None:
        for task in list(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._bot.session.close()


def _pause(error: BaseException, wait: float) -> float:
    """How long to leave Telegram alone after an error, in seconds."""
    if isinstance(error, TelegramRetryAfter):
        return float(error.retry_after)
    if isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
        log.error("telegram.token_refused")
        return LONGEST_BACKOFF
    return wait


def update_id(update: Any) -> int:
    """An update's own id, or -1 for something that has none."""
    found = update.get("update_id") if isinstance(update, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else -1


def as_raw(update: Any) -> Raw:
    """An update as the inbox keeps it. What has no id is known by its content."""
    body = json.dumps(update, ensure_ascii=False)
    number = update_id(update)
    name = str(number) if number >= 0 else f"bad:{hashlib.sha256(body.encode('utf-8', 'replace')).hexdigest()}"
    return Raw(name, _chat(update), body.encode("utf-8", "replace").decode())


def _chat(update: Any) -> str:
    """The chat that an update belongs to, as far as its shape allows to tell."""
    if not isinstance(update, dict):
        return ""
    for part in update.values():
        if not isinstance(part, dict):
            continue
        inner = part.get("message") if "data" in part or "chat_instance" in part else part
        for holder in (inner, part):
            chat = holder.get("chat") if isinstance(holder, dict) else None
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return str(chat["id"])
        sender = part.get("from")
        if isinstance(sender, dict) and isinstance(sender.get("id"), int):
            return str(sender["id"])
    return ""
