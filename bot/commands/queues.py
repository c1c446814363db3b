"""`doorstep inbox`, `doorstep outbox`, `doorstep task`: what came, what went, what falls due."""

from __future__ import annotations

import click

from bot.commands.common import Row, as_json, changing, configured, looking, show
from storage.tables import Inbox
from storage.unit_of_work import UnitOfWork


@click.group()
def inbox() -> None:
    """Updates as they came."""


def _described(row: Inbox) -> Row:
    kept = ("id", "channel", "account", "update_id", "chat", "state", "attempts", "received_at", "done_at", "error")
    return {key: getattr(row, key) for key in kept}


@inbox.command("list")
@as_json
@click.pass_context
def inbox_list(ctx: click.Context, as_json: bool) -> None:
    """Every update with its state: waiting, done or set_aside."""

    async def work(uow: UnitOfWork) -> list[Row]:
        return [_described(row) for row in await uow.inbox.listed()]

    columns = ("id", "channel", "chat", "update_id", "state", "attempts", "received_at")
    show(looking(configured(ctx), work), as_json=as_json, columns=columns, empty="Nothing has come yet.")


@inbox.command("retry")
@click.argument("inbox_id", type=int)
@as_json
@click.pass_context
def inbox_retry(ctx: click.Context, inbox_id: int, as_json: bool) -> None:
    """Put an update that was set aside back in the queue."""

    async def work(uow: UnitOfWork) -> Row:
        if not await uow.inbox.retry(inbox_id):
            raise click.ClickException(f"no update {inbox_id} is set aside: doorstep inbox list")
        return {"id": inbox_id, "state": "waiting"}

    show([changing(configured(ctx), work)], as_json=as_json, columns=("id", "state"), empty="")


@click.group()
def outbox() -> None:
    """Messages and their delivery."""


@outbox.command("list")
@as_json
@click.pass_context
def outbox_list(ctx: click.Context, as_json: bool) -> None:
    """Every row. `unknown` stays true once a send ended without an answer."""

    async def work(uow: UnitOfWork) -> list[Row]:
        kept = (
            "id", "message_id", "channel", "account", "outcome", "attempts", "unknown", "dedup", "priority",
            "not_before", "why", "created_at", "sent_at",
        )  # fmt: skip
        return [
            {key: getattr(row, key) for key in kept}
            | {"chat": conversation.chat, "case": message.case_id, "text": message.text}
            for row, message, conversation in await uow.outbox.listed()
        ]

    columns = ("id", "channel", "chat", "outcome", "attempts", "unknown", "why")
    show(looking(configured(ctx), work), as_json=as_json, columns=columns, empty="Nothing has been said yet.")


@click.group()
def task() -> None:
    """Work that falls due."""


@task.command("list")
@as_json
@click.pass_context
def task_list(ctx: click.Context, as_json: bool) -> None:
    """Every task with its state: waiting, done, dropped (the note says why) or failed."""

    async def work(uow: UnitOfWork) -> list[Row]:
        kept = ("id", "kind", "run_at", "state", "attempts", "note", "payload", "done_at")
        return [{key: getattr(row, key) for key in kept} for row in await uow.tasks.listed()]

    columns = ("id", "kind", "run_at", "state", "attempts", "note")
    show(looking(configured(ctx), work), as_json=as_json, columns=columns, empty="Nothing is planned.")
