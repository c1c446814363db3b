"""Short answers to 'on which day?' that name no day."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.rules.day_replies import read_day_reply


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("忘了", "unknown"), ("记不得了", "unknown"), ("不晓得", "unknown"), ("记不太清了", "unknown"),
        ("说不准", "unknown"),
        ("我真想不起来了", "unknown"), ("不知道哪天", "unknown"), ("I don’t remember", "unknown"),
        ("dunno", "unknown"),
        ("还没拿到", "not_yet"), ("还没判", "not_yet"), ("没有判决书", "not_yet"), ("我还在干", "not_yet"),
        ("还没收到判决书呢", "not_yet"), ("法院还没判下来", "not_yet"), ("haven't got it yet", "not_yet"),
        ("I still work there", "not_yet"), ("算了", "skip"), ("不是这个", "skip"), ("never mind", "skip"),
        ("啥意思？", "unclear"), ("我看不懂", "unclear"), ("What do you mean?", "unclear"),
        ("没给我钱", None), ("没发", None), ("还没给", None), ("没有", None), ("老板没发工资", None),
        ("不知道怎么办", None), ("不是我签的字", None), ("", None),
        ("我不懂法，该怎么上诉", None), ("昨天", None), ("忘了" * 30, None),
    ],
)  # fmt: skip
def test_plain_answers(text: str, meaning: str | None) -> None:
    assert read_day_reply(text) == meaning


@given(st.text(max_size=100))
def test_any_text_is_read(text: str) -> None:
    assert read_day_reply(text) in {"unknown", "not_yet", "skip", "unclear", None}
