"""Which village is meant: by name, town, pinyin, initials, with slips of the finger and of the tongue."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.rules.villages import VillageIndex

COUNTY = [
    ("dongpo", "东坡村", "青石镇"),
    ("liuwan", "柳湾村", "青石镇"),
    ("shizhuang", "石庄村", "石庄镇"),
    ("zhangjia", "张家桥社区", "白蒲镇"),
    ("huangqiao", "黄桥居委会", "白蒲镇"),
    ("xinhe1", "新河村", "白蒲镇"),
    ("xinhe2", "新河村", "青石镇"),
]
INDEX = VillageIndex(COUNTY)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("东坡村", "dongpo"),
        ("东坡", "dongpo"),
        ("我是东坡村的", "dongpo"),
        ("我家在柳湾村。", "liuwan"),
        ("  东 坡 ", "dongpo"),
        ("青石镇东坡", "dongpo"),
        ("青石东坡村", "dongpo"),
        ("白蒲新河", "xinhe1"),
        ("青石新河村", "xinhe2"),
        ("dongpo", "dongpo"),
        ("Dong Po", "dongpo"),
        ("ＤＯＮＧＰＯ", "dongpo"),
        ("张家桥", "zhangjia"),
        ("张家桥村委会", "zhangjia"),
        ("黄桥社区", "huangqiao"),
    ],
)
def test_a_clear_name_is_taken_as_meant(typed: str, code: str) -> None:
    assert INDEX.find(typed).exact == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("东破村", "dongpo"),  # another character of the same sound
        ("牛湾村", "liuwan"),  # l and n are one sound in many dialects
        ("黄乔", "huangqiao"),
        ("房桥", "huangqiao"),  # f for h
        ("十庄", "shizhuang"),
        ("sizuang", "shizhuang"),  # s for sh, z for zh
        ("niuwan", "liuwan"),
        ("dp", "dongpo"),
        ("zjq", "zhangjia"),
        ("dongpoo", "dongpo"),
    ],
)
def test_a_near_name_is_offered_first(typed: str, code: str) -> None:
    found = INDEX.find(typed)
    assert code in ((found.exact,) if found.exact else found.candidates[:1])


def test_two_villages_of_one_name_are_both_offered_and_neither_taken() -> None:
    found = INDEX.find("新河村")
    assert found.exact is None
    assert set(found.candidates[:2]) == {"xinhe1", "xinhe2"}


@pytest.mark.parametrize("typed", ["", "   ", "。！", "老板拖欠工资不给怎么办", "qwertyuiop", "😀", "的", "村" * 500])
def test_what_is_no_village_is_not_taken_for_one(typed: str) -> None:
    assert INDEX.find(typed).exact is None


def test_no_more_are_offered_than_asked_for() -> None:
    many = VillageIndex((f"v{number}", "新河村", f"{number}镇") for number in range(9))
    assert len(many.find("新河", limit=3).candidates) == 3
    assert VillageIndex([]).find("新河").candidates == ()


@given(st.text(max_size=80))
def test_anything_can_be_typed(typed: str) -> None:
    found = INDEX.find(typed)
    assert found.exact is None or found.exact in found.candidates


names = st.text("东西南北河沟庄桥张李王石", min_size=2, max_size=4).map(lambda name: f"{name}村")


@given(st.lists(names, min_size=1, max_size=6, unique=True), st.data())
def test_a_village_s_own_name_always_finds_it_and_never_another(villages: list[str], data: st.DataObject) -> None:
    index = VillageIndex((name, name, "青石镇") for name in villages)
    typed = data.draw(st.sampled_from(villages))
    found = index.find(typed, limit=len(villages))
    assert typed in found.candidates
    assert found.exact in {None, typed}
