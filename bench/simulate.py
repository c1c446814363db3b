"""`python -m bench.simulate`: how the time of a simulation grows with the county, at 1, 10 and 100 times the load.

Days are fewer where villages are more, so that a run ends the same day: what counts is the time a message takes.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from bot.commands.run import loop_factory
from bot.config import load_config
from bot.logs import set_up_logs
from bot.simulation.plan import Plan
from bot.simulation.world import simulate, throw_away

RUNS = ((213, 30), (2_130, 10), (21_300, 1))
"""Villages and days of each run."""


async def run(villages: int, days: int) -> tuple[int, float, int]:
    """Messages heard, processor seconds, violations."""
    config = load_config()
    began = time.process_time()
    with throw_away() as folder:
        world = await simulate(Plan(villages, days, seed=1, zone=config.zone), config, Path(folder))
        await world.app.close()
    return world.ledger.heard, time.process_time() - began, len(world.ledger.violations)


def main() -> None:
    set_up_logs("error")
    print(f"{'villages':>9} {'days':>5} {'messages':>9} {'seconds':>8} {'ms/message':>11} {'violations':>10}")
    for villages, days in RUNS:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            heard, seconds, wrong = runner.run(run(villages, days))
        each = 1000 * seconds / max(1, heard)
        print(f"{villages:>9} {days:>5} {heard:>9} {seconds:>8.1f} {each:>11.2f} {wrong:>10}", flush=True)


if __name__ == "__main__":
    main()
