"""Entries from a lawyer's hands: YAML as shipped, or a table (CSV, XLSX) with a row an entry. Files may be hostile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.sheets import SheetError, decoded, read_rows
from faq.files import LINE, parse_rows, without_lines
from faq.model import Entry
from handlers.rules import entry_form
from handlers.rules.review import Fault

LARGEST = 10_000_000
"""Bytes of a file that is looked at; the whole shipped knowledge base has a tenth of it."""
MOST_ENTRIES = 5_000
HEADINGS = {
    "id": ("id", "编号"),
    "language": ("language", "语言"),
    "topic": ("topic", "主题"),
    "question": ("question", "问题"),
    "phrasings": ("phrasings", "别的问法", "其他问法"),
    "answer": ("answer", "答案", "回答"),
    "explanation": ("explanation", "说明", "解释"),
    "steps": ("steps", "步骤", "接下来怎么做"),
    "documents": ("documents", "材料", "要带的材料"),
    "where": ("where", "去哪里"),
    "sources": ("sources", "依据", "法律依据"),
    "deadlines": ("deadlines", "期限", "有关期限"),
    "risk": ("risk", "风险", "机器人怎么用"),
    "related": ("related", "相关", "相关条目"),
    "jurisdiction": ("jurisdiction", "地区", "适用地区"),
    "checked_on": ("checked_on", "核对日期"),
    "review_by": ("review_by", "复核期限"),
}
"""The columns of a table, by either language's name; several values of a cell stand one a line."""
REQUIRED = ("id", "topic", "question", "answer", "sources")


@dataclass(frozen=True, slots=True)
class Drafted:
    """One row of the file: the entry in it, or what is wrong. `row` is its row in the table, its line in YAML."""

    row: int
    entry: Entry | None
    faults: tuple[Fault, ...]


def read_drafts(data: bytes, suffix: str) -> list[Drafted]:
    """Every row of a file. `suffix` ('.yaml') says what is no table. Raises SheetError for a file that is neither."""
    if len(data) > LARGEST:
        raise SheetError(f"larger than {LARGEST // 1_000_000} MB; send it in parts")
    rows = list(_yaml(data) if suffix in {".yaml", ".yml"} else _table(data))
    if len(rows) > MOST_ENTRIES:
        raise SheetError(f"more than {MOST_ENTRIES} entries")
    if not rows:
        raise SheetError("holds no entries")
    return [Drafted(number, *entry_form.read(fields)) for number, fields in rows]


def _table(data: bytes) -> Iterable[tuple[int, dict[str, str]]]:
    for number, row in read_rows(data, HEADINGS, REQUIRED, formulas=True):
        dates = {name: row[name].partition(" ")[0] for name in ("checked_on", "review_by")}
        yield number, {**row, **dates, "language": row["language"] or "zh"}


def _yaml(data: bytes) -> Iterable[tuple[int, dict[str, str]]]:
    problems: list[str] = []
    rows = list(parse_rows(decoded(data), "line", problems))
    if problems:
        raise SheetError("; ".join(problem[:200] for problem in problems[:20]))
    for row in rows:
        values = without_lines(row)
        fields = {str(name): _typed(str(name), value) for name, value in values.items()}
        unknown = [name for name in fields if name not in {*entry_form.FIELDS, "reviewed_on", "reviewed_by"}]
        if unknown:
            raise SheetError(
                f"line {row[LINE]}: unknown field {unknown[0][:40]!r}; known: {', '.join(entry_form.FIELDS)}"
            )
        yield row[LINE], {"language": "zh", **fields}


def _typed(name: str, value: Any) -> str:
    """A YAML value as it would be typed into the form."""
    if name == "sources" and isinstance(value, list):
        return "\n".join(
            " | ".join(str(row.get(key, "")) for key in ("law", "article", "version"))
            if isinstance(row, dict)
            else str(row)
            for row in value
        )
    if isinstance(value, list):
        return "\n".join(str(part).replace("\n", " ") for part in value)
    return "" if value is None else str(value)
