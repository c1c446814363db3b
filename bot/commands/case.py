"""`doorstep case`: the cases and what was said in them."""

from __future__ import annotations

import click

from bot.commands.common import Row, as_json, configured, looking, show
from storage.tables import Case
from storage.unit_of_work import UnitOfWork

COLUMNS = ("id", "status", "village", "adviser", "urgent", "opened_at", "answer_due", "outcome")
MESSAGE_COLUMNS = ("id", "author", "said_at", "delivery", "text")


@click.group()
def case() -> None:
    """Cases."""


async def _described(row: Case, uow: UnitOfWork) -> Row:
    village = await uow.county.village(row.village_id)
    adviser = await uow.county.staff(row.adviser_id)
    kept = (
        "id", "status", "reason", "kind", "urgent", "language", "opened_at", "answer_due", "claimed_at", "answered_at",
        "closed_at", "outcome", "reopened", "solved", "rating", "comment",
    )  # fmt: skip
    return {key: getattr(row, key) for key in kept} | {
        "number": row.id,
        "village": village.code if village else "",
        "adviser": adviser.name if adviser else "",
        "adviser_id": row.adviser_id,
    }


@case.command("list")
@as_json
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Every case, oldest first."""

    async def work(uow: UnitOfWork) -> list[Row]:
        return [await _described(row, uow) for row in await uow.cases.listed()]

    show(looking(configured(ctx), work), as_json=as_json, columns=COLUMNS, empty="No cases yet.")


@case.command("show")
@click.argument("number", type=int)
@as_json
@click.pass_context
def show_(ctx: click.Context, number: int, as_json: bool) -> None:
    """One case, with its messages and how far each was delivered."""

    async def work(uow: UnitOfWork) -> Row:
        found = await uow.cases.get(number)
        if found is None:
            raise click.ClickException(f"there is no case {number}")
        messages = await uow.people.of_case(number)
        deliveries = await uow.outbox.of_messages([message.id for message in messages])
        rows: list[Row] = []
        for message in messages:
            delivery = deliveries.get(message.id)
            rows.append(
                {
                    "id": message.id,
                    "direction": message.direction,
                    "author": message.author,
                    "kind": message.kind,
                    "text": message.text,
                    "file": message.blob_id,
                    "edit_of": message.edit_of,
                    "said_at": message.said_at,
                    "delivery": delivery.outcome if delivery else "received",
                    "attempts": delivery.attempts if delivery else 0,
                    "unknown": delivery.unknown if delivery else False,
                    "sent_at": delivery.sent_at if delivery else None,
                }
            )
        return await _described(found, uow) | {"messages": rows}

    shown = looking(configured(ctx), work)
    show([shown], as_json=as_json, columns=COLUMNS, empty="")
    if not as_json:
        click.echo()
        show(shown["messages"], as_json=False, columns=MESSAGE_COLUMNS, empty="No messages.")
