"""Which words at the village's turn are a place and no question."""

from __future__ import annotations

import pytest

from handlers.rules.villages import looks_like_name


@pytest.mark.parametrize(
    "typed", ["火星村", "我是火星村的", "青石镇", " 张家湾。", "huoxingcun", "Mars village", "Mars Village"]
)
def test_a_name(typed: str) -> None:
    assert looks_like_name(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "离婚",
        "村里要收回我家的承包地怎么办",
        "老板不给工资",
        "divorce",
        "Can I sue my village?",
        "can i sue my village",
        "帮帮我",
        "怎么告村委会",
        "我要告村",
        "他家占我家地的是邻村",
    ],
)
def test_no_name(typed: str) -> None:
    assert not looks_like_name(typed)
