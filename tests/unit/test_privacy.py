"""Personal details leave a text that becomes an entry; articles, amounts and public numbers stay."""

from __future__ import annotations

import pytest

from handlers.rules.privacy import without_personal


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("我叫李小红，老板不给工资", "李小红"),
        ("我叫欧阳娜娜", "欧阳娜"),
        ("本人叫张三，电话13800138000", "张三"),
        ("打我电话138-0013-8000", "0013"),
        ("打我电话+86 138 0013 8000", "0013"),
        ("１３８００１３８０００找我", "3800"),
        ("座机0513-84512345", "84512345"),
        ("身份证320623198001011234", "19800101"),
        ("身份证32062319800101123X", "123X"),
        ("身份证 320623 19800101 1234", "19800101"),
        ("卡号6222021234567890123", "6222"),
        ("卡号6222 0212 3456 7890", "3456"),
        ("我姓王，住村东头", "王"),
        ("免贵姓诸，叫诸葛", "诸"),
        ("微信号：wang_hai_88", "wang"),
        ("QQ 123456789", "123456789"),
        ("邮箱 li.hong@example.com", "example"),
        ("My name is John Smith and my boss", "John"),
    ],
)
def test_what_tells_who_it_is_goes(text: str, gone: str) -> None:
    assert gone not in without_personal(text)


@pytest.mark.parametrize(
    "text",
    [
        "打 12333 或者 12348，110、120 也行",
        "《劳动合同法》第八十二条，2012-12-28版",
        "欠我 128000 元，三年没还",
        "合同2024年3月1日签的，2025年3月1日到期",
        "孩子姓什么由谁定",
        "邻居叫我拆墙怎么办",
        "他叫我签字",
        "我叫不到车",
        "",
    ],
)
def test_what_tells_nothing_stays(text: str) -> None:
    assert without_personal(text) == text


def test_a_long_hostile_text_is_done_soon() -> None:
    for piece in ("1 ", "我叫", "0513-", "a@a.", "微信 ", "我姓王，叫"):
        assert len(without_personal(piece * 20_000)) <= len(piece) * 20_000
