"""`doorstep run`."""

from __future__ import annotations

import asyncio
import secrets
import socket
import sys
from datetime import datetime
from hashlib import sha256

import click
import structlog

from bot.app import App, build
from bot.config import Config
from bot.demo import load_demo
from bot.logs import set_up_logs
from bot.service import RunRole, Service, listen_socket
from storage import schema
from storage.database import StorageError

log = structlog.get_logger(__name__)


def run(config: Config, role: RunRole) -> None:
    """Start the product in this process and serve until stopped. Raises StorageError, ConfigError, click errors."""
    set_up_logs(config.log.level)
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"data_dir: {config.data_dir} cannot be used: {error.strerror}") from None
    sock = _socket(config, role)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_main(config, role, sock))


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
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
        demo_staff = await _load_demo(app)
        if sock is not None:
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
    port = sock.getsockname()[1]
    base = app.config.web.public_url.rstrip("/") or f"http://127.0.0.1:{port}"
    if role is RunRole.INBOUND:
        return
    click.echo(f"Chat:  {base}/")
    click.echo(f"Desk:  {base}/desk")
    if demo_staff is not None:
        link = await sign_in_link(app, demo_staff, base, app.clock())
        click.echo(f"Sign in to the desk (once): {link}")
        click.echo("This is the demonstration county: invented villages and advisers.")
    else:
        click.echo("Sign in to the desk with: doorstep desk link --staff ID")
    click.echo("Stop with Ctrl-C.")


async def sign_in_link(app: App, staff_id: int, base: str, now: datetime) -> str:
    """A new one-time link that signs a member of staff in to the desk."""
    secret = secrets.token_urlsafe(32)
    async with app.db.write() as uow:
        expires = now + app.config.desk.link_valid
        await uow.people.add_pass(sha256(secret.encode()).hexdigest(), "link", staff_id, expires)
        await uow.commit()
    return f"{base}/desk/enter?pass={secret}"
