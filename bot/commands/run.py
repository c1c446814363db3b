"""`doorstep run`."""

from __future__ import annotations

import asyncio
import socket
import sys

import click
import structlog

from bot.app import App, build
from bot.commands.common import configured, make_data_dir
from bot.config import Config
from bot.demo import load_demo
from bot.desk.passes import sign_in_link
from bot.librarian import Librarian
from bot.logs import set_up_logs
from bot.service import RunRole, Service, listen_socket
from storage import schema

log = structlog.get_logger(__name__)

BACKLOG = 2048
"""Connections that may wait until the server takes them, as uvicorn has it."""


@click.command()
@click.option("--role", type=click.Choice([role.value for role in RunRole]), default="all", show_default=True)
@click.pass_context
def run(ctx: click.Context, role: str) -> None:
    """Start the product in this process and serve until stopped."""
    config = configured(ctx)
    set_up_logs(config.log.level)
    make_data_dir(config)
    sock = _socket(config, RunRole(role))
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_main(config, RunRole(role), sock))


def loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    """The event loop that the product runs on; None for Python's own."""
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.Loop


def _socket(config: Config, role: RunRole) -> socket.socket | None:
    """Where this role's web server listens; None for roles without one."""
    webhook = role is RunRole.INBOUND and bool(config.telegram.account and config.telegram.webhook_url)
    if role not in {RunRole.ALL, RunRole.WEB} and not webhook:
        return None
    try:
        return listen_socket(config.web.host, config.web.port)
    except OSError as error:
        raise click.ClickException(
            f"web.port: cannot listen on {config.web.host}:{config.web.port}: {error.strerror}. "
            "Is Doorstep running already? Set another port with DOORSTEP_WEB__PORT."
        ) from None


async def _main(config: Config, role: RunRole, sock: socket.socket | None) -> None:
    app = build(config)
    try:
        await schema.prepare(app.db, may_upgrade=role is RunRole.ALL, now=app.clock())
        if role is not RunRole.INBOUND:
            # Before anything answers: what the desk withdrew must not answer for a moment.
            await Librarian(app).look()
        demo_staff = await _load_demo(app)
        if sock is not None:
            sock.listen(BACKLOG)  # from here on whoever comes waits a moment, where they would have been refused
            await _announce(app, sock, role, demo_staff)
    except BaseException:
        await app.close()
        raise
    await Service(app, role, sock).run()


async def _load_demo(app: App) -> int | None:
    """Load the demonstration county where it is wanted and nothing is there yet. Whom to sign in to the desk as."""
    async with app.db.write() as uow:
        if app.config.wants_demo and await uow.county.is_empty():
            await load_demo(uow, app.clock())
            await uow.commit()
        staff_id = await uow.people.marker("demo")
    return int(staff_id) if staff_id and staff_id.isdigit() else None


async def _announce(app: App, sock: socket.socket, role: RunRole, demo_staff: int | None) -> None:
    """Say on standard output where chat and desk are, with a one-time link for the desk."""
    # Whoever follows what is printed here waits for the server, which begins a moment later, and is not refused.
    sock.listen()
    port = sock.getsockname()[1]
    base = app.config.web.public_url.rstrip("/") or f"http://127.0.0.1:{port}"
    if role is RunRole.INBOUND:
        return
    click.echo(f"Chat:  {base}/")
    click.echo(f"Desk:  {base}/desk")
    if demo_staff is not None:
        async with app.db.write() as uow:
            link = await sign_in_link(uow, demo_staff, base, app.clock() + app.config.desk.link_valid)
            await uow.commit()
        click.echo(f"Sign in to the desk (once): {link}")
        click.echo("This is the demonstration county: invented villages and advisers.")
    else:
        click.echo("Sign in to the desk with: doorstep desk link --staff ID")
    click.echo("Stop with Ctrl-C.")
