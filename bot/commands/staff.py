"""`doorstep staff`: who answers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from bot.commands.common import (
    Row,
    as_json,
    base_url,
    changing,
    configured,
    looking,
    read_file,
    show,
    town_named,
    villages_named,
)
from bot.desk.passes import feed_url, new_feed
from bot.sheets import SheetError, read_rows
from faq.model import Topic
from storage.tables import Role, Staff
from storage.unit_of_work import UnitOfWork

COLUMNS = ("id", "name", "role", "villages", "active")
ROLES = [role.value for role in Role]
TOPICS = [topic.value for topic in Topic]
HEADINGS = {
    "name": ("name", "姓名"),
    "role": ("role", "身份", "职务"),
    "telegram": ("telegram", "telegram_id"),
    "village": ("village", "villages", "村", "村庄"),
    "phone": ("phone", "电话", "手机"),
    "language": ("language", "语言"),
    "town": ("town", "镇", "乡镇"),
    "topics": ("topics", "topic", "专长"),
    "speaks": ("speaks", "languages", "会说"),
}


@click.group()
def staff() -> None:
    """Advisers and station staff."""


async def add_member(row: Row, uow: UnitOfWork) -> Staff:
    """Add a member of staff. Raises click.ClickException for what cannot be."""
    member = await uow.county.add_staff(Staff(name="", role=""))
    await change(member, row, uow)
    return member


async def change(member: Staff, row: Row, uow: UnitOfWork) -> None:
    """Put what a row says into a member of staff; None leaves a value as it is. Raises click.ClickException."""
    given = {key: value for key, value in row.items() if value is not None}
    if problem := _problem(given):
        raise click.ClickException(problem)
    for key in ("role", "language", "phone"):
        if key in given:
            setattr(member, key, given[key])
    if "name" in given:
        member.name = str(given["name"]).strip()
    for key in ("topics", "speaks"):
        if key in given:
            setattr(member, key, list(dict.fromkeys(given[key])))
    if "town" in given:
        member.town_id = await town_named(given["town"], uow)
    if "villages" in given:
        member.serves_all, villages = await villages_named(given["villages"], uow)
        await uow.county.set_served(member.id, [village.id for village in villages])
    if telegram := str(given.get("telegram", "")).strip():
        try:
            await uow.county.set_address(member.id, "telegram", telegram)
        except ValueError as error:
            raise click.ClickException(str(error)) from None


def _problem(row: Row) -> str:
    """What of a row cannot be; '' when all can."""
    if "name" in row and not 1 <= len(str(row["name"]).strip()) <= 80:
        return "name: 1 to 80 characters"
    if row.get("role", ROLES[0]) not in ROLES:
        return f"role {row['role']!r}: one of {', '.join(ROLES)}"
    for language in [row.get("language", "zh"), *row.get("speaks", ())]:
        if language not in {"zh", "en"}:
            return f"language {language!r}: zh or en"
    for topic in row.get("topics", ()):
        if topic not in TOPICS:
            return f"topic {topic!r}: one of {', '.join(TOPICS)}"
    telegram = str(row.get("telegram", "")).strip()
    if telegram and not (telegram.isascii() and telegram.isdigit() and len(telegram) < 20):
        return f"telegram {telegram!r}: a number; /whoami in the chat with the bot tells it"
    return ""


async def described(member: Staff, uow: UnitOfWork) -> Row:
    """A member of staff as printed."""
    addresses = {address.channel: address.chat for address in await uow.county.addresses(member.id)}
    served = [village.code for village in await uow.county.served(member.id)]
    towns = {village.town_id: town for village, town in await uow.county.villages()}
    return {
        "id": member.id,
        "name": member.name,
        "role": member.role,
        "language": member.language,
        "speaks": member.speaks,
        "phone": member.phone,
        "villages": ["ALL"] if member.serves_all else served,
        "town": towns.get(member.town_id or 0, ""),
        "topics": member.topics,
        "telegram": addresses.get("telegram", ""),
        "active": member.active,
    }


async def _existing(staff_id: int, uow: UnitOfWork) -> Staff:
    member = await uow.county.staff(staff_id)
    if member is None:
        raise click.ClickException(f"there is no staff {staff_id}: doorstep staff list")
    return member


@staff.command("add")
@click.option("--name", required=True)
@click.option("--role", default="adviser", show_default=True, help=", ".join(ROLES))
@click.option("--telegram", default="", help="The id that /whoami tells.")
@click.option("--village", "villages", multiple=True, default=["ALL"], help="A code or name; repeat it; or ALL.")
@click.option("--town", default="", help="Whose villages they take over when nobody of the village can.")
@click.option("--topic", "topics", multiple=True, help="A specialty; repeat it: labour, land …")
@click.option("--phone", default="")
@click.option("--language", default="zh", show_default=True, help="What we write to them in: zh or en.")
@click.option("--speaks", multiple=True, help="A further language they answer in; repeat it.")
@as_json
@click.pass_context
def add(ctx: click.Context, /, as_json: bool, **row: object) -> None:
    """Add a member of staff."""

    async def work(uow: UnitOfWork) -> Row:
        return await described(await add_member(dict(row), uow), uow)

    show([changing(configured(ctx), work)], as_json=as_json, columns=COLUMNS, empty="")


@staff.command("set")
@click.option("--staff", "staff_id", type=int, required=True)
@click.option("--name")
@click.option("--role", help=", ".join(ROLES))
@click.option("--telegram", help="The id that /whoami tells.")
@click.option("--village", "villages", multiple=True, help="These instead of those before; or ALL.")
@click.option("--town", help="'' for none.")
@click.option("--topic", "topics", multiple=True, help="These instead of those before; '' for none.")
@click.option("--phone")
@click.option("--language", help="zh or en")
@click.option("--speaks", multiple=True, help="These instead of those before; '' for none.")
@as_json
@click.pass_context
def set_(ctx: click.Context, /, staff_id: int, as_json: bool, **row: Any) -> None:
    """Change what is given of a member of staff; the rest stays."""
    for key in ("villages", "topics", "speaks"):
        named = [name for name in row[key] if name]
        row[key] = named if row[key] else None
    if row["villages"] == []:
        raise click.UsageError("--village: a code or name, or ALL.")
    if all(value is None for value in row.values()):
        raise click.UsageError("Say what to change.")

    async def work(uow: UnitOfWork) -> Row:
        member = await _existing(staff_id, uow)
        await change(member, row, uow)
        return await described(member, uow)

    show([changing(configured(ctx), work)], as_json=as_json, columns=COLUMNS, empty="")


@staff.command("feed")
@click.argument("staff_id", type=int)
@click.option("--new", is_flag=True, help="Another address; the one before opens nothing any more.")
@click.option("--off", is_flag=True, help="No address at all.")
@as_json
@click.pass_context
def feed(ctx: click.Context, staff_id: int, new: bool, off: bool, as_json: bool) -> None:
    """The address of somebody's duties for the calendar of their phone. Whoever has the address sees the duties."""
    config = configured(ctx)
    if new and off:
        raise click.UsageError("Say either --new or --off.")

    async def work(uow: UnitOfWork) -> Row:
        member = await _existing(staff_id, uow)
        if not off and not member.active:
            raise click.ClickException(f"there is no active staff {staff_id}: doorstep staff list")
        member.feed = "" if off else new_feed() if new or not member.feed else member.feed
        return {"staff": member.id, "name": member.name, "feed": feed_url(base_url(config), member.feed)}

    made = changing(config, work)
    if as_json:
        show([made], as_json=True, columns=(), empty="")
    else:
        click.echo(made["feed"] or "No address opens these duties any more.")


@staff.command("list")
@as_json
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Everybody, with the villages they serve."""

    async def work(uow: UnitOfWork) -> list[Row]:
        return [await described(member, uow) for member in await uow.county.all_staff()]

    show(looking(configured(ctx), work), as_json=as_json, columns=COLUMNS, empty="No staff yet: doorstep staff add")


@staff.command("deactivate")
@click.option("--staff", "staff_id", type=int, required=True)
@as_json
@click.pass_context
def deactivate(ctx: click.Context, staff_id: int, as_json: bool) -> None:
    """Somebody left: no more cases, no more sign-in. What they did stays."""

    async def work(uow: UnitOfWork) -> Row:
        member = await _existing(staff_id, uow)
        member.active = False
        return await described(member, uow)

    show([changing(configured(ctx), work)], as_json=as_json, columns=COLUMNS, empty="")


@staff.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@click.pass_context
def import_(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Add everybody in a table (CSV, XLSX): name, role, telegram, village, phone, language, town, topics, speaks.

    All rows or none.
    """
    rows = _rows(file)

    async def work(uow: UnitOfWork) -> list[Row]:
        added, problems = [], []
        for number, row in rows:
            values = {
                **row,
                "role": row["role"] or "adviser",
                "language": row["language"] or "zh",
                "villages": _several(row["village"]) or ["ALL"],
                "topics": _several(row["topics"]),
                "speaks": _several(row["speaks"]),
            }
            try:
                added.append(await described(await add_member(values, uow), uow))
            except click.ClickException as error:
                problems.append(f"row {number}: {error.message}")
        if problems:
            raise click.ClickException("\n".join([f"{file}: nothing was imported", *problems]))
        return added

    show(changing(configured(ctx), work), as_json=as_json, columns=COLUMNS, empty="The file has no rows.")


def _several(cell: str) -> list[str]:
    return [part.strip() for part in re.split("[、,，;；]", cell) if part.strip()]


def _rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        return read_rows(read_file(file), HEADINGS, required=("name",))
    except SheetError as error:
        raise click.ClickException(f"{file}: {error}") from None
