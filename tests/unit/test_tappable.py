"""Which numbers on a page can be tapped, and what they then do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import build
from bot.config import Config
from bot.pages import Pages


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    app = build(Config(data_dir=tmp_path))
    yield Pages(app)
    await app.close()


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("先打 110，再打12348。", ["tel:110", "tel:12348"]),
        ("不方便说话就发短信到 12110", ["sms:12110"]),
        ("电话0513-84567890，或 138 1234 5678、138-1234-5678", ["tel:051384567890", *["tel:13812345678"] * 2]),
        ("400-700-8900", ["tel:4007008900"]),
        ("欠 110元、120 号院不算；12348.50 元；第120条；2110；110万", ["tel:120"]),
        ("https://x.org/110/13812345678", []),
        ('"><script>110</script>', []),
    ],
)
async def test_numbers(pages: Pages, text: str, links: list[str]) -> None:
    html = pages.tappable(text)
    assert re.findall(r'href="([^"]+)"', html) == links
    assert "<script>" not in html
