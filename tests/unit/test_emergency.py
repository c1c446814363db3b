"""The emergency check: what it must find, what it must leave alone, and the floor it may not fall below."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.alarm import LATIN_WINDOW, windows
from faq.emergency import EmergencyCheck, EmergencyKind, is_brief
from faq.load import KnowledgeBaseError
from faq.questions import emergency_sentences


@pytest.fixture(scope="module")
def check() -> EmergencyCheck:
    return EmergencyCheck.load()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我不想活了", "self_harm"),
        ("老公拿刀追我", "violence"),
        ("孩子不见了", "child"),
        ("我家着火了", "fire"),
        ("刚才被骗了两万", "fraud"),
        ("我爸昨晚被抓了", "detention"),
        ("有人掉到井里了", "medical"),
        ("my husband is beating me", "violence"),
        ("the house is on fire", "fire"),
    ],
)
def test_plain_cries_for_help_are_certain(check: EmergencyCheck, text: str, kind: str) -> None:
    found = check.check(text)
    assert found is not None
    assert found.certain
    assert found.kind == kind
    assert found.numbers


@pytest.mark.parametrize(
    "text",
    ["打架的老电影", "想死你了", "打农药要注意什么", "今天天气怎么样", "老板拖欠工资不给怎么办", "they fired me", ""],
)
def test_what_only_sounds_like_one_is_left_alone(check: EmergencyCheck, text: str) -> None:
    assert check.check(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "发来了",
        "他来了",
        "拿到了",
        "收到了",
        "知道了",
        "钱到账了",
        "他走了",
        "打过电话了",
        "ok",
        "sent it to you yesterday",
    ],
)
def test_everyday_words_are_no_alarm(check: EmergencyCheck, text: str) -> None:
    assert check.check(text) is None


@pytest.mark.parametrize("text", ["想死", "我想死", "救我", "我喝药了", "起火了", "他要砍我", "he's got a gun"])
def test_a_word_or_two_can_be_a_cry_for_help(check: EmergencyCheck, text: str) -> None:
    found = check.check(text)
    assert found is not None
    assert found.certain


@pytest.mark.parametrize(("brief", "missed_at_most", "false_at_most"), [(False, 0.06, 0.08), (True, 0.12, 0.2)])
def test_the_held_out_sentences_are_found(
    check: EmergencyCheck, brief: bool, missed_at_most: float, false_at_most: float
) -> None:
    held = [row for row in emergency_sentences() if row.split == "test" and is_brief(row.text) is brief]
    missed = [row.text for row in held if row.kind and check.check(row.text) is None]
    false = [row.text for row in held if not row.kind and check.check(row.text) is not None]
    having = sum(1 for row in held if row.kind)
    assert len(missed) <= missed_at_most * having, missed
    assert len(false) <= false_at_most * (len(held) - having), false


def test_a_story_around_it_drowns_no_cry_for_help(check: EmergencyCheck) -> None:
    story = "我们村去年修路，占了我家两分地，村里说给补偿，一直没给，我找了好几次。" * 6
    assert check.check(f"{story}他现在拿刀在砸门，我和孩子躲在屋里。{story}") is not None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=600))
def test_any_text_is_fine_and_always_the_same(check: EmergencyCheck, text: str) -> None:
    assert check.check(text) == check.check(text)


@given(st.text(alphabet="我他打。，！ \nab", max_size=900))
def test_windows_leave_nothing_out(text: str) -> None:
    parts = windows(text)
    assert all(len(part) <= LATIN_WINDOW for part in parts)
    if text.strip("。，！ \n"):
        assert set(text) - set("。，！ \n") <= set("".join(parts))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "file"),
        ("kinds: []", "kinds"),
        ("kinds:\n  - {kind: fire, numbers: ['119'], any: ['((']}", "regular expression"),
        ("kinds:\n  - {kind: flood, numbers: ['119'], any: [水]}", "kind"),
        ("kinds:\n  - {kind: fire, numbers: ['119'], any: [着火]}", "expected each once"),
        (": : :", "YAML"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "emergency.yaml"
    path.write_text(content)
    with pytest.raises(KnowledgeBaseError, match="emergency") as raised:
        EmergencyCheck.load(path)
    assert says in str(raised.value)


def test_every_kind_has_sentences_to_learn_from() -> None:
    kinds = {row.kind for row in emergency_sentences() if row.split == "dev"}
    assert kinds == {"", *(kind.value for kind in EmergencyKind)}
