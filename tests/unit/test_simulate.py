"""The simulation: a seed is a county, and a house that forgets, doubles or disturbs is found out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import ticker
from bot.app import App
from bot.cli import doorstep
from bot.config import Config
from bot.simulation.plan import Plan, arrivals, outages
from bot.simulation.report import percentile, report
from bot.simulation.world import simulate
from handlers.messages import Outcome
from handlers.turn import House
from storage.tables import Task
from storage.unit_of_work import UnitOfWork

SMALL = Plan(villages=12, days=10, seed=7)


async def figures(plan: Plan, folder: Path, alter: Callable[[App], None] | None = None) -> dict[str, Any]:
    world = await simulate(plan, Config(), folder, alter=alter)
    try:
        async with world.app.db.read() as uow:
            return await report(world, uow)
    finally:
        await world.app.close()


async def test_a_small_county_same_seed_same_report(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "again", "other")]
    for folder in folders:
        folder.mkdir()
    first = await figures(SMALL, folders[0])
    assert not first["violations"], first["found"]
    assert all((first["cases"]["opened"], first["follow_ups"]["asked"], first["outage_hours"]))
    assert first["claim_minutes"]["p50"] <= first["first_answer_minutes"]["p50"]
    assert await figures(SMALL, folders[1]) == first
    other = await figures(replace(SMALL, seed=8), folders[2])
    assert not other["violations"], other["found"]
    assert other["messages"] != first["messages"]


Due = Callable[[Task, House, UnitOfWork, Any], Any]


def doubled(due: Due) -> Due:
    async def twice(task: Task, house: House, uow: UnitOfWork, now: Any) -> Any:
        result = await due(task, house, uow, now)
        if not isinstance(result, Outcome):
            return result
        return result + Outcome(tuple(replace(say, dedup=f"{say.dedup}:again") for say in result.replies))

    return twice


def forgotten(due: Due) -> Due:
    async def nothing(task: Task, house: House, uow: UnitOfWork, now: Any) -> Any:
        result = await due(task, house, uow, now)
        return Outcome() if isinstance(result, Outcome) else result

    return nothing


def broken(due: Due) -> Due:
    async def fails(task: Task, house: House, uow: UnitOfWork, now: Any) -> Any:
        raise ValueError("broken on purpose")

    return fails


@pytest.mark.parametrize(("sabotage", "kind"), [(doubled, "doubled"), (forgotten, "missing"), (broken, "failed")])
async def test_a_sabotaged_follow_up_is_found(
    sabotage: Callable[[Due], Due], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ticker.TASKS, "follow_up", sabotage(ticker.TASKS["follow_up"]))
    found = await figures(replace(SMALL, villages=4, days=6), tmp_path)
    assert found["violations"].get(kind), found


MET = {
    "breaches", "clocks", "follow-ups", "follow-ups asked", "reminders", "reminders owed", "silent", "tasks",
    "transfers", "unasked", "updates",
}  # fmt: skip


async def test_every_check_meets_something_and_nothing_is_wrong(tmp_path: Path) -> None:
    found = await figures(Plan(villages=24, days=22, seed=2), tmp_path)
    assert not found["violations"], found["found"]
    assert {name for name, count in found["met"].items() if count} == MET
    assert found["deadline_reminders"]["due"] == found["deadline_reminders"]["on_the_day"]
    assert found["swaps"].get("accepted")
    assert found["transfers"].get("accepted")


async def test_forgotten_reminders_of_time_limits_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ticker.TASKS, "deadline", forgotten(ticker.TASKS["deadline"]))
    found = await figures(Plan(villages=16, days=12, seed=2), tmp_path)
    assert any("reminder of limit" in line for line in found["found"]), found


async def test_a_house_that_sleeps_in_the_morning_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tick = ticker.Ticker.tick

    async def after_noon(self: ticker.Ticker) -> None:
        if self._app.clock().astimezone(SMALL.zone).hour >= 12:
            await tick(self)

    monkeypatch.setattr(ticker.Ticker, "tick", after_noon)
    found = await figures(replace(SMALL, villages=6, days=8), tmp_path)
    assert found["violations"].get("late"), found


async def test_a_house_without_quiet_hours_is_found(tmp_path: Path) -> None:
    def sleepless(app: App) -> None:
        app.house = replace(app.house, settings=replace(app.house.settings, quiet_hours=False))

    found = await figures(replace(SMALL, days=8), tmp_path, sleepless)
    assert found["violations"].get("quiet_hours"), found


async def test_a_message_nobody_answers_is_found(tmp_path: Path) -> None:
    def mute(app: App) -> None:
        write = app.writer.write

        async def without_replies(outcome: Outcome, uow: UnitOfWork, now: Any) -> None:
            await write(replace(outcome, replies=()), uow, now)

        app.writer.write = without_replies  # type: ignore[method-assign]

    found = await figures(replace(SMALL, villages=3, days=3), tmp_path, mute)
    assert found["violations"].get("unanswered"), found


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOORSTEP_DATA_DIR", str(tmp_path / "data"))
    picture = tmp_path / "county.png"
    words = ["simulate", "--villages", "3", "--days", "3", "--seed", "5", "--plot", str(picture)]
    done = CliRunner().invoke(doorstep, [*words, "--json"])
    assert done.exit_code == 0, done.output
    [found] = json.loads(done.stdout)
    assert (found["villages"], found["days"], found["seed"]) == (3, 3, 5)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert not (tmp_path / "data").exists()
    monkeypatch.setitem(ticker.TASKS, "follow_up", forgotten(ticker.TASKS["follow_up"]))
    wrong = CliRunner().invoke(doorstep, ["simulate", "--villages", "4", "--days", "6", "--seed", "7", "--json"])
    assert wrong.exit_code == 1
    assert json.loads(wrong.stdout)[0]["violations"]["missing"]
    assert "things happened that must not" in wrong.stderr
    nowhere = CliRunner().invoke(doorstep, ["simulate", "--plot", str(tmp_path / "no" / "such.png")])
    assert nowhere.exit_code == 1
    assert "no such folder" in nowhere.stderr


@settings(max_examples=20)
@given(
    villages=st.integers(1, 40), days=st.integers(1, 40), seed=st.integers(), zone=st.sampled_from(["Asia/Shanghai"])
)
def test_a_plan_stays_within_its_days(villages: int, days: int, seed: int, zone: str) -> None:
    plan = Plan(villages, days, seed, ZoneInfo(zone))
    found = arrivals(plan)
    assert all(plan.begin <= one.at < plan.end and 0 <= one.village < villages for one in found)
    assert found == sorted(found, key=lambda one: one.at)
    assert all(plan.begin < one.starts < one.ends for one in outages(plan))


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_percentiles_are_values_that_occurred(values: list[float]) -> None:
    low, high = percentile(values, 0.5), percentile(values, 0.99)
    assert low is not None
    assert high is not None
    assert round(min(values), 1) <= low <= high <= round(max(values), 1)
    assert percentile([], 0.5) is None
