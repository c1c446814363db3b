"""`doorstep staff`: who answers."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.common import Row, as_json, changing, configured, looking, read_file, show, villages_named
from bot.sheets import SheetError, read_rows
from storage.tables import Role, Staff
from storage.unit_of_work import UnitOfWork

COLUMNS = ("id", "name", "role", "villages", "active")
ROLES = [role.value for role in Role]
HEADINGS = {
    "name": ("name", "姓名"),
    "role": ("role", "身份", "职务"),
    "telegram": ("telegram", "telegram_id"),
    "village": ("village", "villages", "村", "村庄"),
    "phone": ("phone", "电话", "手机"),
    "language": ("language", "语言"),
}


@click.group()
def staff() -> None:
    """Advisers and station staff."""


async def add_member(row: Row, uow: UnitOfWork) -> Staff:
    """Add a member of staff. Raises click.ClickException for what cannot be."""
    name = str(row["name"]).strip()
    if not 1 <= len(name) <= 80:
        raise click.ClickException("name: 1 to 80 characters")
    if row["role"] not in ROLES:
        raise click.ClickException(f"role {row['role']!r}: one of {', '.join(ROLES)}")
    if row["language"] not in {"zh", "en"}:
        raise click.ClickException(f"language {row['language']!r}: zh or en")
    telegram = str(row["telegram"]).strip()
    if telegram and not (telegram.isascii() and telegram.isdigit() and len(telegram) < 20):
        raise click.ClickException(f"telegram {telegram!r}: a number; /whoami in the chat with the bot tells it")
    serves_all, villages = await villages_named(row["villages"], uow)
    member = await uow.county.add_staff(
        Staff(name=name, role=row["role"], language=row["language"], phone=row["phone"], serves_all=serves_all),
        [village.id for village in villages],
    )
    if telegram:
        try:
            await uow.county.set_address(member.id, "telegram", telegram)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
    return member


async def described(member: Staff, uow: UnitOfWork) -> Row:
    """A member of staff as printed."""
    addresses = {address.channel: address.chat for address in await uow.county.addresses(member.id)}
    served = [village.code for village in await uow.county.served(member.id)]
    return {
        "id": member.id,
        "name": member.name,
        "role": member.role,
        "language": member.language,
        "phone": member.phone,
        "villages": ["ALL"] if member.serves_all else served,
        "telegram": addresses.get("telegram", ""),
        "active": member.active,
    }


@staff.command("add")
@click.option("--name", required=True)
@click.option("--role", default="adviser", show_default=True, help=", ".join(ROLES))
@click.option("--telegram", default="", help="The id that /whoami tells.")
@click.option("--village", "villages", multiple=True, default=["ALL"], help="A code or name; repeat it; or ALL.")
@click.option("--phone", default="")
@click.option("--language", default="zh", show_default=True, help="zh or en")
@as_json
@click.pass_context
def add(ctx: click.Context, /, as_json: bool, **row: object) -> None:
    """Add a member of staff."""

    async def work(uow: UnitOfWork) -> Row:
        return await described(await add_member(dict(row), uow), uow)

    show([changing(configured(ctx), work)], as_json=as_json, columns=COLUMNS, empty="")


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
        member = await uow.county.staff(staff_id)
        if member is None:
            raise click.ClickException(f"there is no staff {staff_id}: doorstep staff list")
        member.active = False
        return await described(member, uow)

    show([changing(configured(ctx), work)], as_json=as_json, columns=COLUMNS, empty="")


@staff.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@click.pass_context
def import_(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Add everybody in a table (CSV, XLSX): name, role, telegram, village, phone, language. All rows or none."""
    rows = _rows(file)

    async def work(uow: UnitOfWork) -> list[Row]:
        added, problems = [], []
        for number, row in rows:
            named = [part.strip() for part in row["village"].replace("、", ",").replace(";", ",").split(",")]
            values = {
                **row,
                "role": row["role"] or "adviser",
                "language": row["language"] or "zh",
                "villages": [name for name in named if name] or ["ALL"],
            }
            try:
                added.append(await described(await add_member(values, uow), uow))
            except click.ClickException as error:
                problems.append(f"row {number}: {error.message}")
        if problems:
            raise click.ClickException("\n".join([f"{file}: nothing was imported", *problems]))
        return added

    show(changing(configured(ctx), work), as_json=as_json, columns=COLUMNS, empty="The file has no rows.")


def _rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        return read_rows(read_file(file), HEADINGS, required=("name",))
    except SheetError as error:
        raise click.ClickException(f"{file}: {error}") from None
