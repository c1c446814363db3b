"""What a message is besides a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.rules.questions import goes_on, idle, separate


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("老板拖欠工资不给怎么办？借条丢了还能要钱吗？", 2),
        ("1、邻居占了我家的地怎么办 2、离婚房子怎么分", 2),
        ("彩礼能退吗？另外，孩子归谁养？", 2),
        ("老板拖欠工资，说年底给，年底又说没钱，怎么办", 1),
        ("为什么？怎么办？", 1),
        ("", 1),
    ],
)
def test_questions_that_are_clearly_apart_are_taken_apart(text: str, count: int) -> None:
    assert len(separate(text)) == count


@given(st.text(max_size=300))
def test_any_text_is_at_most_three_questions_and_never_none(text: str) -> None:
    assert 1 <= len(separate(text)) <= 3


@pytest.mark.parametrize("text", ["那要是他还不给呢", "如果他不同意呢？", "and if he still doesn't pay?"])
def test_what_goes_on_from_the_last_question(text: str) -> None:
    assert goes_on(text)


@pytest.mark.parametrize("text", ["老板不给钱怎么办", "那" * 60, "my boss does not pay"])
def test_what_stands_by_itself(text: str) -> None:
    assert not goes_on(text)


def test_abuse_and_talk_are_told_from_questions() -> None:
    assert idle("你他妈的") == "abuse"
    assert idle("今天天气怎么样") == "talk"
    assert idle("邻居骂我王八蛋，能告他吗") is None
    assert idle("老板骂我是废物还不给工资") is None
