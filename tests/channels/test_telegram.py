"""The Telegram channel against a fake server, at the transport: both real libraries, every outcome."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.base import (
    ChatClosed,
    FileUnavailable,
    NotSent,
    Raw,
    Rejected,
    SendOutcome,
    Sent,
    Unknown,
    Unparsable,
)
from bot.channels.telegram.channel import TelegramChannel
from bot.config import TelegramConfig
from handlers.messages import (
    Attachment,
    Blocked,
    Choice,
    Command,
    Contact,
    Content,
    Document,
    Edited,
    Heard,
    Joined,
    Location,
    Option,
    Photo,
    Text,
    Unsupported,
    Voice,
)
from tests.fakes.telegram import FakeTelegram

MENU = {"zh": [("start", "开始")], "en": [("start", "Start")]}


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


def config_for(telegram: FakeTelegram, **values: Any) -> TelegramConfig:
    return TelegramConfig.model_validate({"token": telegram.token, "api_base": telegram.base, **values})


@pytest.fixture
async def channel(telegram: FakeTelegram) -> AsyncIterator[TelegramChannel]:
    made = TelegramChannel(config_for(telegram), MENU)
    yield made
    await made.close()


class Kept:
    """A store that keeps updates in a list, and fails the first `failures` times."""

    def __init__(self, failures: int = 0) -> None:
        self.rows: list[Raw] = []
        self.failures = failures

    async def __call__(self, channel: str, account: str, updates: list[Raw]) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("no database")
        self.rows += updates


async def heard_from(channel: TelegramChannel, telegram: FakeTelegram, count: int, store: Kept | None = None) -> Kept:
    """Listen until `count` updates are stored."""
    store = store or Kept()
    listening = asyncio.create_task(channel.listen(store))
    await telegram.until(lambda: len(store.rows) >= count)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    return store


async def understood(channel: TelegramChannel, telegram: FakeTelegram) -> Heard:
    store = await heard_from(channel, telegram, 1)
    heard = await channel.parse(store.rows[0].body)
    assert heard is not None
    return heard


async def test_every_kind_of_message_is_understood(channel: TelegramChannel, telegram: FakeTelegram) -> None:
    ann = telegram.user(7)
    await ann.sends("你好\x00")
    await ann.sends("/start@doorstep_bot v_x")
    await ann.presses("lang:zh")
    photo = await ann.sends_file("photo", b"x", "看")
    await ann.sends_file("voice", b"x")
    await ann.sends_file("document", b"x")
    await ann.sends_raw({"location": {"latitude": 32.5, "longitude": 121.0}})
    await ann.sends_raw({"contact": {"phone_number": "138", "first_name": "A"}})
    await ann.sends_raw({"dice": {"emoji": "x", "value": 1}})
    await ann.edits(photo, "改了")
    await ann.blocks()
    await ann.unblocks()
    store = await heard_from(channel, telegram, 12)
    events = [heard.event for row in store.rows if (heard := await channel.parse(row.body))]
    assert [type(event) for event in events] == [
        Text, Command, Choice, Photo, Voice, Document, Location, Contact, Unsupported, Edited, Blocked, Joined,
    ]  # fmt: skip
    assert events[:3] == [Text("你好"), Command("start", "v_x"), Choice("lang:zh", "")]
    assert {row.chat for row in store.rows} == {"7"}


async def test_a_reply_names_what_it_answers(channel: TelegramChannel, telegram: FakeTelegram) -> None:
    ann = telegram.user(7)
    assert isinstance(await channel.send("7", Content("案件 #12"), None), Sent)
    await ann.sends("好", reply_to=ann.heard[0])
    heard = await understood(channel, telegram)
    assert (heard.reply_to, heard.reply_to_text) == (str(ann.heard[0].message_id), "案件 #12")


async def test_one_malformed_update_stands_in_nobodys_way(channel: TelegramChannel, telegram: FakeTelegram) -> None:
    telegram.push({"message": {"chat": "nonsense", "text": 5}})
    telegram.push({"update_id": "not a number", "message": None})
    telegram.push([1, 2])
    await telegram.user(7).sends("在吗")
    store = await heard_from(channel, telegram, 4)
    outcomes = []
    for row in store.rows:
        try:
            outcomes.append(await channel.parse(row.body))
        except Unparsable:
            outcomes.append(None)
    assert [heard.event for heard in outcomes if heard] == [Text("在吗")]


async def test_nothing_is_confirmed_before_it_is_stored(channel: TelegramChannel, telegram: FakeTelegram) -> None:
    await telegram.user(7).sends("在吗")
    store = await heard_from(channel, telegram, 1, Kept(failures=2))
    assert [json.loads(row.body)["message"]["text"] for row in store.rows] == ["在吗"]


async def test_trouble_at_the_server_is_waited_out(channel: TelegramChannel, telegram: FakeTelegram) -> None:
    telegram.fail("getUpdates", status=502, body="<html>bad gateway</html>")
    telegram.fail("getUpdates")
    telegram.fail("deleteWebhook", status=500, body={"description": "Internal"})
    await telegram.user(7).sends("在吗")
    assert len((await heard_from(channel, telegram, 1)).rows) == 1


async def test_the_menu_is_set_in_both_languages(channel: TelegramChannel, telegram: FakeTelegram) -> None:
    listening = asyncio.create_task(channel.listen(Kept()))
    await telegram.until(lambda: telegram.calls["setmycommands"] >= 3)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    assert {str(call.get("language_code") or "") for call in telegram.payloads["setmycommands"]} == {"", "zh", "en"}


async def test_a_pressed_button_is_acknowledged(channel: TelegramChannel, telegram: FakeTelegram) -> None:
    await telegram.user(7).presses("lang:zh")
    listening = asyncio.create_task(channel.listen(Kept()))
    assert await telegram.until(lambda: telegram.calls["answercallbackquery"])
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


@pytest.mark.parametrize(
    ("body", "secret", "status"),
    [
        (b'{"update_id": 1}', "s3cret", 200),
        (b'{"update_id": 1}', "wrong", 403),
        (b'{"update_id": 1}', None, 403),
        (b'{"update_id": ', "s3cret", 400),
        (b"[1]", "s3cret", 400),
        (b"\xff\xfe", "s3cret", 400),
    ],
)
async def test_webhook(telegram: FakeTelegram, body: bytes, secret: str | None, status: int) -> None:
    made = TelegramChannel(config_for(telegram, webhook_url="https://x.org/hook", webhook_secret="s3cret"), MENU)
    store = Kept()
    assert await made.webhook(body, secret, store) == status
    assert len(store.rows) == (status == 200)
    await made.close()


async def test_webhook_without_a_database_asks_to_come_again(telegram: FakeTelegram) -> None:
    made = TelegramChannel(config_for(telegram, webhook_url="https://x.org/hook", webhook_secret="s3cret"), MENU)
    assert await made.webhook(b'{"update_id": 1}', "s3cret", Kept(failures=1)) == 503
    await made.close()


async def test_text_buttons_and_files_arrive(channel: TelegramChannel, telegram: FakeTelegram) -> None:
    ann = telegram.user(7)
    choices = (Option("lang:zh", "中文"), Option("lang:en", "English"))
    sent = await channel.send("7", Content("选语言", choices), None)
    assert sent == Sent(str(ann.heard[0].message_id))
    assert ann.heard[0].buttons == [("中文", "lang:zh"), ("English", "lang:en")]
    for kind in ("photo", "voice", "document"):
        assert isinstance(await channel.send("7", Content("看", (), "id", kind, "a.bin"), b"bytes"), Sent)
    assert [(said.method, said.file) for said in ann.heard[1:]] == [
        ("sendphoto", b"bytes"), ("sendvoice", b"bytes"), ("senddocument", b"bytes"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 429, "body": {"description": "x", "parameters": {"retry_after": 7}}}, NotSent),
        ({"status": 403, "body": {"description": "Forbidden: bot was blocked by the user"}}, ChatClosed),
        ({"status": 400, "body": {"description": "Bad Request: chat not found"}}, ChatClosed),
        ({"status": 400, "body": {"description": "Bad Request: wrong"}}, Rejected),
        ({"status": 401, "body": {"description": "Unauthorized"}}, NotSent),
        ({"status": 500, "body": {"description": "Internal"}}, Unknown),
        ({"status": 502, "body": "<html>"}, Unknown),
        ({"status": 200, "body": "not json"}, Unknown),
        ({}, Unknown),
        ({"after": True}, Unknown),
    ],
)
async def test_what_a_send_comes_to(
    channel: TelegramChannel, telegram: FakeTelegram, fault: dict[str, Any], expected: type[SendOutcome]
) -> None:
    ann = telegram.user(7)
    telegram.fail("sendMessage", **fault)
    outcome = await channel.send("7", Content("在"), None)
    assert isinstance(outcome, expected), outcome
    assert len(ann.heard) == int(bool(fault.get("after")))
    if isinstance(outcome, NotSent) and "parameters" in str(fault):
        assert (outcome.retry_after, outcome.whole_account) == (timedelta(seconds=7), True)


async def test_nobody_there_means_not_sent(telegram: FakeTelegram) -> None:
    made = TelegramChannel(config_for(telegram, api_base="http://127.0.0.1:9"), MENU)
    assert isinstance(await made.send("7", Content("在"), None), NotSent)
    await made.close()


async def test_files_are_fetched_within_the_limit(channel: TelegramChannel, telegram: FakeTelegram) -> None:
    telegram.files |= {"small": b"x" * 100, "large": b"x" * 5000, "huge": bytes(21 * 1024 * 1024)}
    assert await channel.fetch(Attachment("photo", remote="small"), 1000) == b"x" * 100
    for remote in ("large", "huge"):
        with pytest.raises(FileUnavailable) as raised:
            await channel.fetch(Attachment("photo", remote=remote), 1000)
        assert not raised.value.retry
    telegram.fail("file", status=500, body="x")
    with pytest.raises(FileUnavailable) as raised:
        await channel.fetch(Attachment("photo", remote="small"), 1000)
    assert raised.value.retry
