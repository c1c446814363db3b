"""The `doorstep` command. Each verb lives in `bot/commands/` and is imported when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import click

from bot.config import ConfigError
from storage.archive import ArchiveError
from storage.database import StorageError, is_passing

VERBS = {
    "run": "run:run",
    "chat": "chat:chat",
    "staff": "staff:staff",
    "village": "village:village",
    "duty": "duty:duty",
    "wall": "wall:wall",
    "case": "case:case",
    "faq": "faq:faq",
    "match": "match:match",
    "emergency": "match:emergency",
    "deadlines": "deadlines:deadlines",
    "simulate": "simulate:simulate",
    "inbox": "queues:inbox",
    "outbox": "queues:outbox",
    "task": "queues:task",
    "desk": "desk:desk",
    "db": "database:db",
    "backup": "database:backup",
    "restore": "database:restore",
    "config": "settings:config",
}
"""Every verb, with the module and object behind it."""


class Verbs(click.Group):
    """Imports a verb's module only when that verb is used, so that none pays for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module, _, name = VERBS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"bot.commands.{module}"), name)
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", "path", type=click.Path(path_type=Path), help="The config.yaml to use.")
@click.version_option(version("doorstep"), prog_name="doorstep")
@click.pass_context
def doorstep(ctx: click.Context, path: Path | None) -> None:
    """A legal help desk for villages."""
    ctx.obj = path


def main() -> None:
    """Run the command. What a person can put right is said in a line or two on standard error, with exit status 1."""
    try:
        doorstep()
    except (ConfigError, StorageError, ArchiveError) as error:
        click.echo(f"doorstep: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"doorstep: {error.strerror or error}: {error.filename or ''}".rstrip(": "), err=True)
        sys.exit(1)
    except Exception as error:
        if not is_passing(error):
            raise
        # The text of a database error repeats the statement and its values: only its kind is said.
        click.echo(f"doorstep: the database cannot be used now ({type(error).__name__}); is it running?", err=True)
        sys.exit(1)
