"""What every channel promises, held against each of them. A new channel is one line in `rigs.RIGS`."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import build
from bot.channels.base import FileTooLarge, FileUnavailable, Raw, Sent, Unparsable, fit, numbered, utf16_length
from bot.config import Config
from bot.pump import Pump
from handlers.messages import (
    MAX_CHOICE_ID_BYTES,
    Attachment,
    Choice,
    Content,
    Document,
    Event,
    Heard,
    Option,
    Photo,
    Text,
    Voice,
)
from tests.channels.rigs import CHAT, LIMIT, RIGS, SENT_BY_COMMIT, Rig, Seen, damaged

CHOICES = (Option("lang:zh", "中文"), Option("lang:en", "English"), Option("村" * 21 + "x", "最长的"))
FIVE_THOUSAND = "。".join(f"第{number:03}句话说的是这件事情和那件" for number in range(300))[:4999] + "完"


@pytest.fixture(params=RIGS)
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    async with RIGS[request.param](tmp_path) as made:
        yield made


async def shown(rig: Rig, content: Content, blob: bytes | None = None) -> list[Seen]:
    """What the person sees of one message; each part must have come to what the channel promises of a send."""
    before = len(await rig.seen())
    for part in fit(content, rig.channel.capabilities):
        outcome = await rig.put(part, blob if part.blob_kind else None)
        if rig.channel.capabilities.delivered_by_commit:
            assert outcome == SENT_BY_COMMIT
        else:
            assert isinstance(outcome, Sent), outcome
            assert outcome.remote_id
    return (await rig.seen())[before:]


async def test_text_arrives_as_it_was_written(rig: Rig) -> None:
    text = "第一行 <b>&amp;*_`[x](y)\n\n第二行 😀"
    assert await shown(rig, Content(text)) == [Seen(text, [], b"")]


async def test_the_longest_text_it_claims_to_carry_arrives_whole(rig: Rig) -> None:
    limit = rig.channel.capabilities.text_limit
    text = "😀" * 10 + "字" * (limit - 20)
    assert utf16_length(text) == limit
    assert await shown(rig, Content(text)) == [Seen(text, [], b"")]


async def test_a_text_of_5000_characters_arrives_in_order_and_complete(rig: Rig) -> None:
    assert len(FIVE_THOUSAND) == 5000
    parts = await shown(rig, Content(FIVE_THOUSAND, CHOICES))
    whole = "".join(part.text for part in parts)
    assert whole.startswith(FIVE_THOUSAND)
    assert all(utf16_length(part.text) <= rig.channel.capabilities.text_limit for part in parts)
    assert [bool(part.choices) for part in parts[:-1]] == [False] * (len(parts) - 1)


async def test_choices_are_buttons_or_a_numbered_list(rig: Rig) -> None:
    [message] = await shown(rig, Content("选一个", CHOICES))
    if rig.channel.capabilities.buttons:
        assert message == Seen("选一个", [(option.id, option.label) for option in CHOICES], b"")
    else:
        assert message.text == "选一个\n\n1. 中文\n2. English\n3. 最长的"


async def test_the_id_of_a_choice_comes_back_unchanged(rig: Rig) -> None:
    assert len(CHOICES[2].id.encode()) == MAX_CHOICE_ID_BYTES
    for option in CHOICES:
        heard = await rig.channel.parse(rig.body(Choice(option.id, on="4")))
        assert heard is not None
        assert heard.event == Choice(option.id, on="4")
        assert (heard.address.channel, heard.address.chat) == (rig.channel.name, CHAT)


async def test_a_typed_number_is_a_choice_only_where_there_are_no_buttons(rig: Rig, tmp_path: Path) -> None:
    app = build(Config(data_dir=tmp_path), channels=[rig.channel], db=rig.db)
    pump = Pump(app)
    for number, text in enumerate(("你好，我想问问", "2")):
        await app.store(rig.channel.name, rig.channel.account, [Raw(str(number), CHAT, rig.body(Text(text)))])
        async with app.db.read() as uow:
            [row] = await uow.inbox.heads(app.clock(), 5, set(), [rig.channel.name])
        await pump.process(row)
    async with app.db.read() as uow:
        conversation = await uow.people.conversation(rig.channel.name, rig.channel.account, CHAT)
        assert conversation is not None
        rows = await uow.people.messages(conversation.id)
    offered = tuple(Option(row[0], row[1]) for row in rows[1].choices)
    typed = next(row for row in reversed(rows) if row.direction == "in")
    expected = ("text", "2") if rig.channel.capabilities.buttons else ("choice", numbered("2", offered))
    assert (typed.kind, typed.text) == expected


async def test_a_file_of_ours_arrives_with_the_longest_words_it_claims_to_carry(rig: Rig) -> None:
    assert rig.channel.capabilities.files
    longest = "字" * rig.channel.capabilities.caption_limit
    for kind, text in (("photo", longest), ("photo", ""), ("voice", longest), ("document", longest)):
        assert await shown(rig, Content(text, (), "id", kind, "a.bin"), b"bytes") == [Seen(text, [], b"bytes")]


async def test_words_too_long_for_a_file_go_before_it_and_its_buttons_stay(rig: Rig) -> None:
    words = "字" * (rig.channel.capabilities.caption_limit + 1)
    *before, last = await shown(rig, Content(words, CHOICES[:2], "id", "photo", "a.jpg"), b"bytes")
    assert "".join(part.text for part in (*before, last)).startswith(words)
    assert [part.file for part in before] == [b""] * len(before)
    assert last.file == b"bytes"
    if rig.channel.capabilities.buttons:
        assert [choice for choice, _ in last.choices] == ["lang:zh", "lang:en"]


async def test_words_and_files_are_understood(rig: Rig) -> None:
    file = Attachment("document", "凭据.pdf", 3)
    events: list[Event] = [
        Text("老板不给钱"),
        Photo(Attachment("photo", "a.jpg", 3), "看"),
        Voice(Attachment("voice"), 0, ""),
        Document(file, ""),
    ]
    for event in events:
        heard = await rig.channel.parse(rig.body(event))
        assert isinstance(heard, Heard)
        assert type(heard.event) is type(event)
        assert getattr(heard.event, "text", "") == getattr(event, "text", "")
        assert heard.sent_at.tzinfo is not None
        if isinstance(heard.event, Document):
            assert heard.event.file.name == "凭据.pdf"


async def test_what_makes_no_sense_is_unparsable_and_nothing_else(rig: Rig) -> None:
    seen: set[str] = set()
    for event in (Text("字"), Choice("lang:zh", on="4"), Photo(Attachment("photo", "a.jpg", 3), "看")):
        for body in damaged(rig.body(event)):
            try:
                await rig.channel.parse(body)
            except Unparsable:
                seen.add(body[:100])
            except Exception as error:
                pytest.fail(f"{type(error).__name__} for {re.sub('9{9,}', '9…', body)[:300]}")
    assert {"", "{", "5", '"x"', "[" * 100} <= seen


async def test_a_file_that_cannot_be_had_says_whether_to_ask_again(rig: Rig) -> None:
    again = {"too_large": False, "missing": False, "trouble": True}
    for what, file in rig.no_files.items():
        with pytest.raises(FileUnavailable) as raised:
            await rig.channel.fetch(file, LIMIT)
        assert raised.value.retry is again[what], what
        assert isinstance(raised.value, FileTooLarge) is (what == "too_large"), what


async def test_closing_twice_is_harmless(rig: Rig) -> None:
    await rig.channel.close()
    await shown(rig, Content("在"))
    await rig.channel.parse(rig.body(Text("在")))
    await rig.channel.close()
    await rig.channel.close()
