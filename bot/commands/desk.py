"""`doorstep desk`: letting staff in to the web desk."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from bot.commands.common import Row, as_json, base_url, changing, configured, show
from bot.desk.passes import sign_in_link
from storage.unit_of_work import UnitOfWork


@click.group()
def desk() -> None:
    """The web desk."""


@desk.command("link")
@click.option("--staff", "staff_id", type=int, required=True)
@as_json
@click.pass_context
def link(ctx: click.Context, staff_id: int, as_json: bool) -> None:
    """Print a link that signs a member of staff in, once."""
    config = configured(ctx)
    base = base_url(config)
    expires = datetime.now(UTC) + config.desk.link_valid

    async def work(uow: UnitOfWork) -> Row:
        member = await uow.county.staff(staff_id)
        if member is None or not member.active:
            raise click.ClickException(f"there is no active staff {staff_id}: doorstep staff list")
        made = await sign_in_link(uow, staff_id, base, expires)
        return {"staff": staff_id, "name": member.name, "link": made, "expires": expires}

    made = changing(config, work)
    if as_json:
        show([made], as_json=True, columns=(), empty="")
    else:
        click.echo(made["link"])
