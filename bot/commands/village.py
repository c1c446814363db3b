"""`doorstep village`: the villages of the county."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bot.commands.common import Row, as_json, changing, configured, looking, read_file, show
from bot.sheets import SheetError, read_rows
from storage.unit_of_work import UnitOfWork

COLUMNS = ("code", "name", "town")
HEADINGS = {
    "code": ("code", "编码", "代码"),
    "name": ("name", "村名", "村", "名称"),
    "town": ("town", "镇", "乡镇"),
}
_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")


@click.group()
def village() -> None:
    """Villages and their towns."""


def _problem(row: dict[str, str]) -> str:
    """Why this row is no village; '' when it is one."""
    if not _CODE.fullmatch(row["code"]) or row["code"].lower() == "skip":
        return f"code {row['code']!r}: 1 to 40 letters, digits, '-' or '_', and not 'skip'"
    if not 1 <= len(row["name"]) <= 40:
        return "name: 1 to 40 characters"
    return "" if 1 <= len(row["town"]) <= 40 else "town: 1 to 40 characters"


@village.command("add")
@click.option("--code", required=True, help="Stands in posters and links: letters, digits, '-', '_'.")
@click.option("--name", required=True)
@click.option("--town", required=True)
@as_json
@click.pass_context
def add(ctx: click.Context, as_json: bool, code: str, name: str, town: str) -> None:
    """Add a village, or rename the one with this code."""
    row = {"code": code.strip(), "name": name.strip(), "town": town.strip()}
    if problem := _problem(row):
        raise click.ClickException(problem)

    async def work(uow: UnitOfWork) -> Row:
        new = await uow.county.add_village(**row)
        return {**row, "new": new}

    show([changing(configured(ctx), work)], as_json=as_json, columns=COLUMNS, empty="")


@village.command("list")
@as_json
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Every village."""

    async def work(uow: UnitOfWork) -> list[Row]:
        return [{"code": row.code, "name": row.name, "town": town} for row, town in await uow.county.villages()]

    show(
        looking(configured(ctx), work), as_json=as_json, columns=COLUMNS, empty="No villages yet: doorstep village add"
    )


@village.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@click.pass_context
def import_(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Add or rename every village in a table (CSV, XLSX): code, name, town. All rows or none."""
    try:
        rows = read_rows(read_file(file), HEADINGS, required=("code", "name", "town"))
    except SheetError as error:
        raise click.ClickException(f"{file}: {error}") from None
    problems = [f"row {number}: {problem}" for number, row in rows if (problem := _problem(row))]
    seen: dict[str, int] = {}
    for number, row in rows:
        if row["code"] in seen:
            problems.append(f"row {number}: code {row['code']!r} stands in row {seen[row['code']]} already")
        seen.setdefault(row["code"], number)
    if problems:
        raise click.ClickException("\n".join([f"{file}: nothing was imported", *problems]))

    async def work(uow: UnitOfWork) -> list[Row]:
        return [{**row, "new": await uow.county.add_village(row["code"], row["name"], row["town"])} for _, row in rows]

    show(changing(configured(ctx), work), as_json=as_json, columns=COLUMNS, empty="The file has no rows.")
