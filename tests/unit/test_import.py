"""Entries from a lawyer's file: each bad row named with its field and a hint; hostile files refused, quickly."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence

import pytest
from openpyxl import Workbook

from bot.entry_sheets import LARGEST, read_drafts
from bot.sheets import SheetError

COLUMNS = ["编号", "主题", "问题", "别的问法", "答案", "步骤", "依据", "风险", "核对日期", "复核期限"]
SOURCE = "《劳动法》｜第50条｜2018-12-29"
ROW = [
    "wage-slip", "labour", "工资条不给怎么办", "不给工资条\n要工资条", "可以要。", "先要。\n再投诉。", SOURCE, "answer",
    "2026-11-25", "2027-11-25",
]  # fmt: skip


def sheet(*rows: Sequence[object], merge: str = "") -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(list(row))
    if merge:
        page.merge_cells(merge)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def rewritten(data: bytes, old: bytes, new: bytes) -> bytes:
    """The same workbook with its sheet changed as only a hostile program would."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(old, new))
    return made.getvalue()


def table(*rows: list[str], encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def changed(**values: str) -> list[str]:
    return [values.get(name, value) for name, value in zip(COLUMNS, ROW, strict=True)]


@pytest.mark.parametrize(
    "data",
    [
        table(COLUMNS, ROW), table(COLUMNS, ROW, encoding="gbk"), table(COLUMNS, ROW, encoding="utf-8-sig"),
        table(COLUMNS, ROW, encoding="utf-16"), sheet([*COLUMNS], [], ROW, []),
    ],
    ids=["utf-8", "gbk", "bom", "utf-16", "xlsx"],
)  # fmt: skip
def test_a_row_becomes_an_entry(data: bytes) -> None:
    [draft] = read_drafts(data, ".csv")
    assert draft.faults == ()
    assert draft.entry is not None
    assert draft.entry.phrasings == ("不给工资条", "要工资条")
    assert draft.entry.steps == ("先要。", "再投诉。")
    [source] = draft.entry.sources
    assert (source.law, source.article, source.version.isoformat()) == ("劳动法", "50", "2018-12-29")


def test_yaml_as_shipped_is_read_in_either_encoding() -> None:
    text = """\
- id: wage-slip
  topic: labour
  question: 工资条不给怎么办
  phrasings: [不给工资条]
  answer: 可以要。
  sources: [{law: 劳动法, article: "50", version: 2018-12-29}]
  checked_on: 2026-11-25
  review_by: 2027-11-25
- id: bad
  topic: wages
"""
    for encoding in ("utf-8", "gb18030"):
        good, bad = read_drafts(text.encode(encoding), ".yaml")
        assert good.entry is not None
        assert good.entry.question == "工资条不给怎么办"
        assert bad.row == 9
        assert {"topic", "answer", "sources"} <= {fault.field for fault in bad.faults}


def test_every_bad_row_is_named_at_once() -> None:
    rows = [
        ROW, changed(编号="Bad Id"), [""] * 10, changed(编号="b", 依据="劳动法50条"), changed(编号="c", 答案="=1+1"),
        changed(编号="d", 核对日期="昨天", 主题="工资"),
    ]  # fmt: skip
    for data in (table(COLUMNS, *rows), sheet([*COLUMNS], *rows)):
        drafts = read_drafts(data, ".xlsx")
        assert [(draft.row, [(fault.field, fault.kind) for fault in draft.faults]) for draft in drafts] == [
            (2, []), (3, [("id", "pattern")]), (5, [("sources", "source")]), (6, [("answer", "formula")]),
            (7, [("topic", "choice"), ("checked_on", "date")]),
        ]  # fmt: skip


def test_a_merged_cell_counts_in_each_of_its_rows() -> None:
    rows = [ROW, changed(编号="b", 主题=""), changed(编号="c", 主题="")]
    drafts = read_drafts(sheet([*COLUMNS], *rows, merge="B2:B4"), ".xlsx")
    assert [draft.entry.topic.value for draft in drafts if draft.entry] == ["labour"] * 3
    whole = rewritten(sheet([*COLUMNS], ROW, merge="C1:C2"), b'ref="C1:C2"', b'ref="B2:XFD1048576"')
    assert len(read_drafts(whole, ".xlsx")) == 1


def bomb() -> bytes:
    data = io.BytesIO(sheet([*COLUMNS], ROW))
    with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros", b"\0" * 60_000_000)
    return data.getvalue()


def test_a_sheet_that_boasts_of_its_size_is_read_all_the_same() -> None:
    boasting = rewritten(sheet([*COLUMNS], ROW), b'ref="A1:J2"', b'ref="A1:XFD1048576"')
    assert [draft.faults for draft in read_drafts(boasting, ".xlsx")] == [()]


@pytest.mark.parametrize(
    ("data", "suffix", "said"),
    [
        (b"", ".csv", "empty"),
        (b"", ".yaml", "expected a list of entries"),
        (table(["a", "b"], ["1", "2"]), ".csv", "missing: id, topic, question, answer, sources"),
        (table(COLUMNS), ".csv", "no entries"),
        (b"PK\x03\x04 broken", ".xlsx", "XLSX"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", ".csv", "neither CSV"),
        (b"\xff\xfe\x00\xd8", ".csv", "neither CSV"),
        (b"x" * (LARGEST + 1), ".csv", "10 MB"),
        (b"a: &a [x]\nb: [*a, *a]\n", ".yaml", "write it out"),
        (b"- [\n", ".yaml", "line:"),
        (b"- just words\n", ".yaml", "expected a list of entries"),
        (b"- {idd: x}\n", ".yaml", "unknown field 'idd'"),
        (b"- !!python/object/apply:os.system [ls]\n", ".yaml", "constructor"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, suffix: str, said: str) -> None:
    with pytest.raises(SheetError, match=said):
        read_drafts(data, suffix)


def test_a_zip_bomb_is_refused() -> None:
    with pytest.raises(SheetError, match="unpacks to more"):
        read_drafts(bomb(), ".xlsx")


def test_strange_values_are_faults_and_nothing_else() -> None:
    for value in ("\x07", "a" * 50_000, "<script>", "'; DROP TABLE x; --", "\u202e反", "{{ 7*7 }}", "🙂" * 500):
        for name in COLUMNS:
            for draft in read_drafts(table(COLUMNS, changed(**{name: value})), ".csv"):
                assert draft.entry is not None or draft.faults
