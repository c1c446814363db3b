"""`doorstep simulate`: a county in simulated time, to see who waits, what breaks and what is forgotten."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from bot.commands.common import as_json, configured, show
from bot.commands.run import loop_factory
from bot.config import Config
from bot.logs import set_up_logs
from bot.simulation.plan import Plan
from bot.simulation.report import flat, plot, report, waits
from bot.simulation.world import simulate as live
from bot.simulation.world import throw_away
from storage.tables import Case


@click.command("simulate")
@click.option("--villages", type=click.IntRange(1, 30_000), default=213, show_default=True)
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same result.")
@click.option("--plot", "picture", type=click.Path(path_type=Path), help="Draw waiting times and load, as a PNG.")
@as_json
@click.pass_context
def simulate(ctx: click.Context, villages: int, days: int, seed: int, picture: Path | None, as_json: bool) -> None:
    """Live through a county's days in a throw-away database; nothing of the product's own is read or changed.

    Exit status 1 when something happened that must not.
    """
    config = configured(ctx)
    if picture is not None:
        _check_picture(picture)
    set_up_logs("error")
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        found = runner.run(_run(Plan(villages, days, seed, config.zone), config, picture))
    rows = [found] if as_json else flat(found)
    show(rows, as_json=as_json, columns=("figure", "value"), empty="")
    if wrong := sum(found["violations"].values()):
        raise click.ClickException(f"{wrong} things happened that must not: see violations")


async def _run(plan: Plan, config: Config, picture: Path | None) -> dict[str, Any]:
    with throw_away() as folder:
        world = await live(plan, config, Path(folder))
        try:
            async with world.app.db.read() as uow:
                found = await report(world, uow)
                cases, waited = await uow.figures.every(Case), await waits(uow)
        finally:
            await world.app.close()
    if picture is not None:
        plot(world, cases, waited, picture)
    return found


def _check_picture(picture: Path) -> None:
    """Said before the county is lived through, not after."""
    if find_spec("matplotlib") is None:
        raise click.ClickException("drawing needs matplotlib: pip install 'doorstep[plots]'")
    if not picture.resolve().parent.is_dir():
        raise click.ClickException(f"{picture}: there is no such folder")
