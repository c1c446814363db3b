"""Tables people send from their office program: CSV in the encodings they use, or XLSX."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MOST_ROWS = 20_000
MOST_COLUMNS = 64
MOST_MERGED = 2_000
LARGEST_UNPACKED = 40_000_000
"""Bytes an XLSX may unpack to: a small file can hold terabytes of nothing."""
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


class SheetError(Exception):
    """The file is not a table we can read; the text says what to do."""


def read_rows(
    data: bytes, headings: Mapping[str, Sequence[str]], required: Sequence[str], *, formulas: bool = False
) -> list[tuple[int, dict[str, str]]]:
    """Rows as (row number in the file, values by key); empty rows are passed over, missing columns are ''.

    `headings` lists for each key the column names it may have, in any case; `formulas`: a cell that is computed comes
    as its formula ('=…'), not as its last result. A cell merged over rows counts in each of them. Raises SheetError.
    """
    lines = list(_xlsx(data, formulas) if data[:2] == b"PK" else _csv(data))
    if not lines:
        raise SheetError("the file is empty")
    first = [cell.strip().lower() for cell in lines[0]]
    places = {key: next((first.index(name) for name in names if name in first), -1) for key, names in headings.items()}
    lacking = [headings[key][0] for key in required if places[key] < 0]
    if lacking:
        raise SheetError(f"the first row must name the columns; missing: {', '.join(lacking)}")
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if any(cell.strip() for cell in line):
            values = {key: line[at].strip() if 0 <= at < len(line) else "" for key, at in places.items()}
            rows.append((number, values))
    if len(rows) > MOST_ROWS:
        raise SheetError(f"more than {MOST_ROWS} rows")
    return rows


def _csv(data: bytes) -> Iterable[list[str]]:
    text = decoded(data)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise SheetError(f"is not a CSV table: {error}") from None


def decoded(data: bytes) -> str:
    """Text in one of the encodings office programs write. Raises SheetError."""
    marked = data[:2] in {b"\xff\xfe", b"\xfe\xff"}
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "gb18030"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise SheetError("is neither CSV text (UTF-8 or GB18030) nor XLSX")


def _xlsx(data: bytes, formulas: bool) -> list[list[str]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > LARGEST_UNPACKED:
                raise SheetError(f"unpacks to more than {LARGEST_UNPACKED // 1_000_000} MB")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=not formulas)
            sheet: Any = book.worksheets[0]
            # What a file says of its own size may be anything.
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True)
            lines = [[_text(cell) for cell in row] for row in rows]
            _fill_merged(lines, archive.read(sheet._worksheet_path))
            return lines
    except SheetError:
        raise
    except Exception as error:
        # A damaged or hostile file makes the reader fail in any way there is.
        raise SheetError(f"is not an XLSX table: {type(error).__name__}") from None


def _fill_merged(lines: list[list[str]], sheet: bytes) -> None:
    """Put the value of a cell that is merged over several rows into each of them."""
    merged = _MERGED.findall(sheet)
    if len(merged) > MOST_MERGED:
        raise SheetError(f"more than {MOST_MERGED} merged cells")
    for letters, first, _, last in merged:
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        for row in range(int(first), min(int(last), len(lines))):
            top, line = lines[int(first) - 1], lines[row]
            if column <= min(len(top), len(line)) and not line[column - 1]:
                line[column - 1] = top[column - 1]


def _text(cell: Any) -> str:
    """A cell as typed: office programs turn ids into numbers, and 1001 must not become 1001.0."""
    if cell is None:
        return ""
    if (formula := getattr(cell, "text", None)) is not None:
        return f"={str(formula).removeprefix('=')}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
