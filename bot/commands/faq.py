"""`doorstep faq`: the knowledge base."""

from __future__ import annotations

import click

from bot.commands.common import Row, as_json, configured, show
from faq.load import KnowledgeBaseError, load_entries, shipped_folder


@click.group()
def faq() -> None:
    """The knowledge base."""


@faq.command("list")
@as_json
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Every entry, with its law and dates."""
    configured(ctx)
    try:
        entries = load_entries(shipped_folder())
    except KnowledgeBaseError as error:
        raise click.ClickException(str(error)) from None
    rows: list[Row] = [entry.model_dump(mode="json") for entry in entries]
    columns = ("id", "language", "topic", "question", "version", "review_by")
    show(rows, as_json=as_json, columns=columns, empty="The knowledge base is empty.")
