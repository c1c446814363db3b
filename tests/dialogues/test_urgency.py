"""Whatever makes a case urgent shortens what is owed on it, and calls whoever can come."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.dialogues.stage import Stage
from tests.dialogues.test_clocks import DAY, HOUR, MINUTE, clocks, hear_all, station

ROOT = Path(__file__).parents[2]


async def test_a_villager_s_day_of_few_days_left_makes_a_waiting_case_urgent(stage: Stage) -> None:
    li, wang, chen, zhao, sun = await station(stage)
    await li.says("老板拖欠工资不给怎么办")
    await li.presses("person")
    assert (await clocks(stage))["first_answer"].due == stage.clock.now + 5 * HOUR
    hear_all(li, wang, chen)
    await li.presses("limit:ask:labour-arbitration")
    await li.says("2025年11月28日")
    li.hears_among("法律援助")
    wang.hears_among("紧急", choices=["case:1:claim"])
    assert (await clocks(stage))["first_answer"].due == stage.clock.now + HOUR
    assert (await clocks(stage))["claim"].due == stage.clock.now + 10 * MINUTE
    hear_all(wang, chen)
    await stage.passes(3 * MINUTE)
    wang.hears("紧急", "还没有人接", choices=["case:1:claim"])
    await stage.passes(3 * MINUTE)
    zhao.hears("紧急")
    sun.hears("紧急")


async def test_an_adviser_s_limit_of_few_days_shortens_the_answer_of_their_own_case(stage: Stage) -> None:
    li, wang, *_ = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    await wang.says("/deadline 1 labour-arbitration 2025-11-28")
    wang.hears_among("期限")
    assert (await clocks(stage))["first_answer"].due == stage.clock.now + HOUR


async def test_a_waiting_case_whose_limit_comes_near_is_paged(stage: Stage) -> None:
    """Claimed, given a limit, put back by the absent adviser; nobody takes it until the seventh day before."""
    li, wang, chen, zhao, sun = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    await wang.says("/deadline 1 labour-arbitration 2026-01-15")
    await wang.presses("case:1:release")
    stage.clock.now = datetime(2027, 1, 8, 1, 0, tzinfo=UTC)
    await stage.tick()
    hear_all(wang, chen, zhao, sun)
    stage.clock.now = datetime(2027, 1, 12, 1, 0, tzinfo=UTC)
    await stage.tick()
    assert any("紧急" in row.text for row in chen.hears_all())
    async with stage.app.db.read() as uow:
        case = await uow.cases.get(1)
    assert case is not None
    assert case.urgent
    assert (await clocks(stage))["claim"].due <= stage.clock.now + timedelta(minutes=10)


async def test_an_emergency_after_a_follow_up_opens_the_case_again_with_the_time_of_an_urgent_one(stage: Stage) -> None:
    li, wang, *_ = await station(stage)
    await li.says("/person")
    await wang.presses("case:1:claim")
    await wang.says("/reply 1 去仲裁。")
    await wang.presses("case:1:close:answered")
    await stage.passes(3 * DAY)
    await li.says("他又打我了，救命")
    assert (await clocks(stage))["reopening"].due == stage.clock.now + HOUR
    li.hears_among("110")


def test_one_function_makes_a_case_urgent() -> None:
    """No other assignment to a case's `urgent` stands anywhere in the product."""
    found = []
    for path in [*ROOT.glob("handlers/**/*.py"), *ROOT.glob("bot/**/*.py"), *ROOT.glob("storage/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else []
            if any(isinstance(part, ast.Attribute) and part.attr == "urgent" for t in targets for part in ast.walk(t)):
                found.append(path.relative_to(ROOT).as_posix())
    assert found == ["handlers/casework.py"]
