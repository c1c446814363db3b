"""Like questions are one gap; the most asked comes first."""

from __future__ import annotations

from faq.gaps import Asked, cluster, nearest
from faq.load import load_entries, shipped_folder


def asked(*texts: str) -> list[Asked]:
    return [Asked(number, text) for number, text in enumerate(texts)]


def test_like_questions_are_put_together_and_counted() -> None:
    gaps = cluster(
        asked(
            "卫星轨道的频率许可归哪里批",
            "村里的光伏板租金没给",
            "请问卫星轨道频率许可哪里批？",
            "光伏板的租金村里没给怎么办",
            "村里光伏板租金不给",
            "who certifies my drone",
        )
    )
    assert [gap.count for gap in gaps] == [3, 2, 1]
    assert gaps[0].questions[0].text == "村里的光伏板租金没给"
    assert [question.number for question in gaps[1].questions] == [0, 2]


def test_words_without_meaning_are_no_gap() -> None:
    assert cluster(asked("", "？？？", "   ", "\u200b")) == ()
    assert cluster([]) == ()


def test_order_does_not_change_the_counts() -> None:
    texts = ["村里的光伏板租金没给", "光伏板租金村里不给", "猪瘟补贴怎么领", "猪瘟的补贴怎么领呀"]
    assert sorted(gap.count for gap in cluster(asked(*texts))) == [2, 2]
    assert sorted(gap.count for gap in cluster(asked(*reversed(texts)))) == [2, 2]


def test_the_nearest_entries_are_of_the_language() -> None:
    entries = load_entries(shipped_folder())
    found = nearest("老板拖欠工资", entries, "zh")
    assert found[0].id == "unpaid-wages"
    assert len(found) == 3
    assert all(entry.language == "zh" for entry in found)
