"""A worker whose clock is wrong: `python -m tests.fakes.skewed_worker SECONDS`. Configured as the product is."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime, timedelta

from bot.app import build, utc_now
from bot.config import load_config
from bot.logs import set_up_logs
from bot.service import RunRole, Service


async def work(skew: timedelta) -> None:
    def clock() -> datetime:
        return utc_now() + skew

    config = load_config()
    set_up_logs(config.log.level)
    await Service(build(config, clock=clock), RunRole.WORKER, None).run()


if __name__ == "__main__":
    asyncio.run(work(timedelta(seconds=float(sys.argv[1]))))
