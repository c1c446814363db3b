"""What a message says of the sides of a case: names, and never words that only look like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.rules.conflict import LONGEST_NAME, names_in, normal, same


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "马上",
        "何时有空",
        "金额多少",
        "他是我邻居",
        "老板是不给钱",
        "对方叫我滚",
        "我叫他还钱",
        "万一他跑了",
        "方便吗",
    ],
)
def test_ordinary_words_are_no_names(text: str) -> None:
    assert names_in(text, bare=True) == ("", "")


@pytest.mark.parametrize(
    ("text", "bare", "names"),
    [
        ("张三", True, ("", "张三")),
        ("张三", False, ("", "")),
        ("李有才。", True, ("", "李有才")),
        ("宏达建筑公司", True, ("", "宏达建筑公司")),
        ("对方叫王大力，我叫李小满", False, ("李小满", "王大力")),
        ("John Smith", True, ("", "John Smith")),
    ],
)
def test_names_are_found(text: str, bare: bool, names: tuple[str, str]) -> None:
    assert names_in(text, bare=bare) == names


@given(st.text(max_size=300), st.booleans())
def test_any_text_is_fine(text: str, bare: bool) -> None:
    assert all(len(name) <= LONGEST_NAME for name in names_in(text, bare=bare))


@given(st.text(max_size=40))
def test_a_name_is_the_same_as_itself_unless_empty(name: str) -> None:
    assert same(name, f" {name} ") == bool(normal(name))
