"""Where a dialogue stands survives the store; what cannot be read back is the safe place."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.states import (
    Asking,
    AskingDay,
    Commenting,
    NamingCase,
    NamingSides,
    New,
    Starting,
    State,
    parse_state,
    put_state,
)
from storage.tables import Conversation

KINDS = [
    kind for kind in (*get_args(Starting), Asking, Commenting, AskingDay, NamingCase, NamingSides) if kind is not New
]
states = st.one_of(*(st.from_type(kind) for kind in KINDS))


def test_every_state_is_looked_at_here() -> None:
    assert {New, *KINDS} == set(get_args(State))
    assert len({(kind.model_fields["flow"].default, kind.model_fields["step"].default) for kind in KINDS}) == len(KINDS)


@given(states)
def test_a_state_comes_back_as_it_was_put(state: State) -> None:
    row = Conversation(channel="x", account="", chat="1", version=3)
    put_state(row, state)
    assert parse_state(row.flow, row.step, json.loads(json.dumps(row.data))) == state
    assert row.version == 4


def test_a_fresh_row_is_new() -> None:
    assert parse_state("", "", {}) == New()


@pytest.mark.parametrize(
    ("flow", "step", "data"),
    [
        ("start", "no such step", {}),
        ("no such flow", "village", {}),
        ("start", "village", {"pending": "seven"}),
        ("start", "village", {"pending": [None]}),
        ("start", "village", {"pending": {"a": 1}}),
        ("start", "village", {"from_a_newer_version": 1}),
        ("follow_up", "comment", {"case_id": "x"}),
        ("ask", "idle", None),
        ("start", "village", None),
        ("start", "village", []),
        ("start", "village", "pending"),
        ("start", "village", 5),
    ],
)
def test_a_damaged_row_is_the_safe_place(flow: str, step: str, data: Any) -> None:
    assert parse_state(flow, step, data) == Asking()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(KINDS), st.sampled_from(["pending", "messages", "case_id", "step", "flow", "x"]), json_values)
def test_whatever_a_row_holds_can_be_gone_on_from(kind: type[State], key: str, value: Any) -> None:
    blank = kind()
    assert isinstance(parse_state(blank.flow, blank.step, {key: value}), kind | Asking)
