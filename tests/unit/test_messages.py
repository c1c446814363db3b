"""Cutting messages to what a channel carries, and reading typed numbers back: nothing lost, nothing out of place."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.base import Capabilities, fit, numbered, utf16_length
from handlers.messages import MAX_CHOICE_ID_BYTES, Content, Option, Outcome, Say

options = st.lists(
    st.builds(Option, st.text("abc:1", min_size=1, max_size=64), st.text(min_size=1, max_size=20)), max_size=12
).map(tuple)
texts = st.text(st.sampled_from("字a😀 \n。！?.,") | st.characters(exclude_categories=["Cs"]), max_size=300)
limits = st.builds(
    lambda text, caption, buttons: Capabilities(text, min(text, caption), buttons=buttons),
    st.integers(10, 90),
    st.integers(10, 50),
    st.booleans(),
)


def without_space(text: str) -> str:
    return "".join(text.split())


@given(texts, options, st.sampled_from(["", "b" * 64]), limits)
@example("a" + " " * 200 + "b", (), "", Capabilities(50, 50))
@example("字" * 50 + " ", (Option("x", "x"),), "", Capabilities(50, 50))
def test_every_part_fits_and_all_the_words_arrive_in_order(
    text: str, choices: tuple[Option, ...], blob: str, capabilities: Capabilities
) -> None:
    parts = fit(Content(text, choices, blob, "photo" if blob else "", "a.jpg"), capabilities)
    assert all(utf16_length(part.text) <= capabilities.text_limit for part in parts)
    listed = "" if capabilities.buttons else "".join(f"{n}. {option.label}" for n, option in enumerate(choices, 1))
    assert without_space("".join(part.text for part in parts)) == without_space(text + listed)
    assert all((part.choices, part.blob) == ((), "") for part in parts[:-1])
    assert parts[-1].choices == (choices if capabilities.buttons else ())
    assert parts[-1].blob == blob
    if blob:
        assert utf16_length(parts[-1].text) <= capabilities.caption_limit
    if without_space(text):
        assert all(part.text.strip() or part.blob for part in parts)


def test_what_fits_stays_as_it_is() -> None:
    content = Content("字" * 4096, (Option("x", "x"),))
    assert fit(content, Capabilities()) == (content,)


def test_long_text_is_cut_where_a_paragraph_line_or_sentence_ends() -> None:
    first, second = fit(Content("一" * 60 + "。\n\n" + "二" * 60), Capabilities(text_limit=100))
    assert (first.text, second.text) == ("一" * 60 + "。", "二" * 60)
    first, second = fit(Content("一" * 60 + "。" + "二" * 60), Capabilities(text_limit=100))
    assert (first.text, second.text) == ("一" * 60 + "。", "二" * 60)


@given(st.text())
def test_length_is_counted_in_utf16(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2


@given(st.integers(1, 1500), st.integers(0, 1200))
@example(1000, 100)
def test_a_typed_number_is_the_choice_it_counts_to_or_none(number: int, count: int) -> None:
    choices = tuple(Option(f"c{index}", "x") for index in range(1, count + 1))
    expected = f"c{number}" if number <= count else None
    assert numbered(str(number), choices) == expected
    assert numbered(f" {number}. ", choices) == expected
    assert numbered(f"{number}、", choices) == expected


@pytest.mark.parametrize("typed", ["", "0", "-1", "1.5", "①", "一", "1 2", "x1", "第1", "9" * 5000, "٣"])
def test_other_words_are_no_number(typed: str) -> None:
    assert numbered(typed, (Option("a", "a"), Option("b", "b"), Option("c", "c"))) is None


def test_a_choice_s_id_has_1_to_64_bytes() -> None:
    assert Option("村" * 21 + "x", "x").id
    for wrong in ("", "x" * (MAX_CHOICE_ID_BYTES + 1), "村" * 22):
        with pytest.raises(ValueError, match="1 to 64 bytes"):
            Option(wrong, "x")


def test_outcomes_join_in_order_and_one_failure_is_the_whole_s() -> None:
    first, second = (Outcome((Say(1, Content(word), word),), answer=Content(word)) for word in "ab")
    both = first + second
    assert [say.dedup for say in both.replies] == ["a", "b"]
    assert both.answer == Content("b")
    assert (first + Outcome(done=False)).answer == Content("a")
    assert (first + Outcome(done=False)).done is False
