"""Tables people send from their office program: CSV in the encodings they use, or XLSX."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MOST_ROWS = 20_000


class SheetError(Exception):
    """The file is not a table we can read; the text says what to do."""


def read_rows(
    data: bytes, headings: Mapping[str, Sequence[str]], required: Sequence[str]
) -> list[tuple[int, dict[str, str]]]:
    """Rows as (row number in the file, values by key); empty rows are passed over, missing columns are ''.

    `headings` lists for each key the column names it may have, in any case. Raises SheetError.
    """
    lines = list(_xlsx(data) if data[:2] == b"PK" else _csv(data))
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
    text = _decoded(data)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise SheetError(f"is not a CSV table: {error}") from None


def _decoded(data: bytes) -> str:
    marked = data[:2] in {b"\xff\xfe", b"\xfe\xff"}
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "gb18030"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise SheetError("is neither CSV text (UTF-8 or GB18030) nor XLSX")


def _xlsx(data: bytes) -> Iterable[list[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        return [[_text(cell) for cell in row] for row in sheet.iter_rows(max_row=MOST_ROWS + 2, values_only=True)]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, IndexError) as error:
        raise SheetError(f"is not an XLSX table: {type(error).__name__}") from None


def _text(cell: Any) -> str:
    """A cell as typed: office programs turn ids into numbers, and 1001 must not become 1001.0."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
