"""Data files: what is wrong is said with file, line, field and a hint; jurisdictions go before the nation."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from faq.base import Row, in_force
from faq.deadlines import last_day, load_deadlines
from faq.files import KnowledgeBaseError, read_one
from faq.laws import answers_on_old_law, load_revisions, revised
from faq.load import load_entries, read_entries, shipped_folder
from faq.model import Entry
from faq.normalise import Lexicon

ENTRY = """\
- id: {id}
  topic: labour
  question: {question}
  phrasings: [工资没给]
  answer: {answer}
  sources: [{{law: 劳动法, article: "50", version: 2018-12-29}}]
  checked_on: 2026-11-25
  review_by: 2027-11-25
"""


def put(folder: Path, name: str, *texts: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(texts), encoding="utf-8")
    return path


def entry(number: str = "a", *, answer: str = "全国的", question: str = "工资不给怎么办") -> str:
    return ENTRY.format(id=number, question=question, answer=answer)


def answers(entries: tuple[Entry, ...]) -> dict[tuple[str, str], str]:
    return {(row.id, row.language): row.answer for row in entries}


def test_a_jurisdiction_goes_before_the_nation_in_every_language(tmp_path: Path) -> None:
    put(tmp_path, "zh/labour.yaml", entry("a"), entry("b"))
    put(tmp_path, "en/labour.yaml", entry("a", answer="national"))
    put(tmp_path, "jiangsu/zh/labour.yaml", entry("a", answer="省里的"), entry("c", answer="只有省里有"))
    put(tmp_path, "rudong/zh/labour.yaml", entry("a", answer="县里的"))
    assert answers(load_entries(tmp_path)) == {("a", "zh"): "全国的", ("b", "zh"): "全国的", ("a", "en"): "national"}
    province = load_entries(tmp_path, ["jiangsu"])
    assert answers(province) == {("b", "zh"): "全国的", ("a", "zh"): "省里的", ("c", "zh"): "只有省里有"}
    assert {row.jurisdiction for row in province} == {"national", "jiangsu"}
    assert answers(load_entries(tmp_path, ["jiangsu", "rudong"]))["a", "zh"] == "县里的"


def test_a_jurisdiction_without_folder_names_the_nearest(tmp_path: Path) -> None:
    put(tmp_path, "zh/labour.yaml", entry())
    put(tmp_path, "jiangsu/zh/labour.yaml", entry())
    read = read_entries(tmp_path, ["jiangsuu"])
    assert "county.jurisdiction" in read.problems[0]
    assert "did you mean 'jiangsu'" in read.problems[0]
    assert len(read.entries) == 1


def test_what_is_right_is_read_and_what_is_wrong_is_said(tmp_path: Path) -> None:
    put(tmp_path, "zh/labour.yaml", entry("a"), entry("b").replace("answer:", "anser:"), entry("a", answer="again"))
    put(tmp_path, "zh/land.yaml", "- [")
    put(tmp_path, "jiangsu/zh/labour.yaml", entry("d"), "  jurisdiction: shandong\n")
    read = read_entries(tmp_path, ["jiangsu"])
    assert answers(read.entries) == {("a", "zh"): "全国的"}
    said = "\n".join(read.problems)
    for words in (": b: anser:", "did you mean 'answer'", "given before", "land.yaml:", "shandong"):
        assert words in said
    with pytest.raises(KnowledgeBaseError, match="anser"):
        load_entries(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "- &a {id: x}\n- *a\n",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        "- {id: a, id: b}\n",
        "[" * 5000,
        "- !!python/object/apply:os.system [ls]\n",
        "- 2026-99-99\n",
        "\x00",
        "? {a: b}\n: c\n",
    ],
)
def test_hostile_yaml_is_a_problem_and_nothing_else(tmp_path: Path, text: str) -> None:
    put(tmp_path, "zh/labour.yaml", entry())
    put(tmp_path, "zh/land.yaml", text)
    read = read_entries(tmp_path)
    assert len(read.entries) == 1
    assert read.problems
    assert all("land.yaml" in problem for problem in read.problems)


def test_in_force_is_the_files_overlaid_in_order() -> None:
    shipped = load_entries(shipped_folder())
    one = next(row for row in shipped if (row.id, row.language) == ("unpaid-wages", "zh"))
    body = one.model_dump(mode="json")

    def put_over(*rows: Row) -> dict[tuple[str, str], str]:
        entries, problems = in_force(shipped, rows)
        assert not problems
        return answers(entries)

    new = Row(one.id, "zh", False, {**body, "answer": "新的"})
    gone = Row(one.id, "zh", True, body)
    assert put_over() == answers(shipped)
    assert put_over(new)[one.id, "zh"] == "新的"
    assert (one.id, "zh") not in put_over(new, gone)
    assert (one.id, "en") in put_over(new, gone)
    assert put_over(new, gone, new)[one.id, "zh"] == "新的"
    bad = Row(one.id, "zh", False, {**body, "answer": "", "topik": "x"}, place="entry_version 7")
    entries, problems = in_force(shipped, [new, bad])
    assert answers(entries)[one.id, "zh"] == "新的"
    assert all("entry_version 7" in problem for problem in problems)
    assert any("did you mean 'topic'" in problem for problem in problems)
    entries, problems = in_force(shipped, [Row("other", "zh", False, body)])
    assert answers(entries) == answers(shipped)
    assert problems


def test_the_deadline_table_is_sound_and_covers_the_entries() -> None:
    known = {deadline.id for deadline in load_deadlines()}
    assert len(known) >= 40
    assert {name for row in load_entries(shipped_folder()) for name in row.deadlines} <= known


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("unit: year", "unit: years", ["deadlines.yaml:6: civil-claim: unit", "'day'"]),
        ("  length: 3\n", "  lenght: 3\n", ["lenght", "did you mean 'length'"]),
        ("unrolled: 2026-05-02", "unrolled: 2026-05-03", ["civil-claim", "end on 2026-05-02"]),
        ("id: labour-arbitration\n", "id: civil-claim\n", ["given before"]),
        ("holiday: rolls", "holiday: perhaps", ["holiday", "'doubtful'"]),
    ],
)
def test_a_wrong_deadline_is_named(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    text = (shipped_folder().parent / "deadlines.yaml").read_text(encoding="utf-8")
    path = put(tmp_path, "deadlines.yaml", text.replace(old, new, 1))
    with pytest.raises(KnowledgeBaseError) as caught:
        load_deadlines(path)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "colloquial:\n  工钱: 工资\n  咋整: ''\nenglish_stop: []\n",
            "lexicon.yaml:3: lexicon without id: colloquial.咋整",
        ),
        ("colloquial: {工钱: 工资}\nenglish_stops: []\n", "lexicon.yaml:2: .*did you mean 'english_stop'"),
        ("colloquial: {工钱: 工资, 工钱: 报酬}\nenglish_stop: []\n", "lexicon.yaml:1: .*'工钱' is given twice"),
        ("- a\n", "expected"),
        ("", "expected"),
    ],
)
def test_a_wrong_lexicon_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(KnowledgeBaseError, match=words):
        read_one(Lexicon, put(tmp_path, "lexicon.yaml", text), "lexicon")


def test_last_days() -> None:
    assert last_day(date(2024, 2, 29), 1, "year") == date(2025, 2, 28)
    assert last_day(date(2026, 8, 31), 6, "month") == date(2027, 2, 28)
    assert last_day(date(2026, 12, 31), 2, "month") == date(2027, 2, 28)
    assert last_day(date(2026, 12, 25), 10, "day") == date(2027, 1, 4)


def test_revised_laws_are_known_by_version_and_article(tmp_path: Path) -> None:
    shipped = load_entries(shipped_folder())
    assert not [row.id for row in shipped if answers_on_old_law(row)]
    gambling = next(row for row in shipped if row.id == "gambling")
    assert [row.law for row in revised(gambling)] == ["治安管理处罚法"]
    renewed = [source.model_copy(update={"version": date(2025, 6, 27)}) for source in gambling.sources]
    assert revised(gambling.model_copy(update={"sources": tuple(renewed)})) == ()
    wage = next(row for row in shipped if row.id == "wage-iou" and row.language == "zh")
    assert revised(wage) == ()
    last = wage.sources[-1].model_copy(
        update={"law": "最高人民法院关于审理劳动争议案件适用法律问题的解释（一）", "article": "32"}
    )
    assert len(revised(wage.model_copy(update={"sources": (last,)}))) == 1
    with pytest.raises(KnowledgeBaseError, match="sinze"):
        load_revisions(put(tmp_path, "laws.yaml", "- {law: x, sinze: 2026-01-01}\n"))
