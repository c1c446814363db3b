"""The bot to compare with: aiogram as its first page shows it, keeping nothing."""

from __future__ import annotations

import asyncio
import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message

dispatcher = Dispatcher()


@dispatcher.message()
async def echo(message: Message) -> None:
    await message.answer(message.text or "")


async def main() -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["ECHO_BASE"]))
    await dispatcher.start_polling(Bot(os.environ["ECHO_TOKEN"], session=session))


if __name__ == "__main__":
    asyncio.run(main())
