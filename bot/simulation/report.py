"""The figures of a simulation, for people, for programs and as a picture. Nothing in them depends on the machine."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.simulation.world import World
from storage.tables import (
    Call,
    Case,
    CaseEvent,
    Clock,
    FollowUp,
    Question,
    Role,
    RunningDeadline,
    Swap,
    Task,
    TaskState,
    Transfer,
)
from storage.unit_of_work import UnitOfWork

SHOWN = 20
"""How many violations are named one by one."""


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below or at which `share` of the values lie (nearest rank); None of no values."""
    ordered = sorted(values)
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 1) if ordered else None


def spread(values: Sequence[float]) -> dict[str, float | None]:
    return {f"p{share}": percentile(values, share / 100) for share in (50, 90, 99)}


async def report(world: World, uow: UnitOfWork) -> dict[str, Any]:
    """Every figure of a simulation that has been lived through."""
    cases, clocks = await uow.figures.every(Case), await uow.figures.every(Clock)
    questions = await uow.figures.every(Question)
    tasks, follow_ups = await uow.figures.every(Task), await uow.figures.every(FollowUp)
    waited = await waits(uow)
    plan, ledger = world.plan, world.ledger
    return {
        "villages": plan.villages,
        "days": plan.days,
        "seed": plan.seed,
        "villagers": len(world.villagers),
        "advisers": len(world.county.of(Role.ADVISER)),
        "messages": {"heard": ledger.heard, "said": ledger.spoken},
        "questions": _counts(question.outcome for question in questions),
        "cases": {"opened": len(cases), **_counts(case.status for case in cases)},
        "reasons": _counts(case.reason for case in cases),
        "claim_minutes": spread(waited.to_claim),
        "first_answer_minutes": spread(waited.to_answer),
        "answered_late": sum(case.answered_at is not None and case.answered_at > case.answer_due for case in cases),
        "never_answered": sum(case.answered_at is None and case.answer_due < plan.end for case in cases),
        "breaches": _counts(clock.kind for clock in clocks if clock.breached_at),
        "load": _load(world, cases),
        "follow_ups": _follow_ups(world, tasks, follow_ups, questions, cases),
        "deadlines": _counts(row.state for row in await uow.figures.every(RunningDeadline)),
        "deadline_reminders": {"due": ledger.met["reminders owed"], "on_the_day": ledger.reminders.kept},
        "calls": _counts(row.reason for row in await uow.figures.every(Call)),
        "transfers": _counts(row.state for row in await uow.figures.every(Transfer)),
        "swaps": _counts(row.state for row in await uow.figures.every(Swap)),
        "outage_hours": round(sum((row.ends - row.starts).total_seconds() for row in world.down) / 3600, 1),
        "away": sum(bool(member.away) for member in world.county.members),
        "silent": sum(member.silent for member in world.county.members),
        "unowned_minutes": round(ledger.unowned_minutes),
        "violations": ledger.counts(),
        "met": dict(sorted(ledger.met.items())),
        "found": [f"{row.at.isoformat()} {row.kind}: {row.what}" for row in ledger.violations[:SHOWN]],
    }


@dataclass(frozen=True, slots=True)
class Waits:
    """Minutes from the opening of a case to its first claim and to its first human answer, of those that had one."""

    to_claim: list[float]
    to_answer: list[float]


async def waits(uow: UnitOfWork) -> Waits:
    """How long villagers waited; a case that opened again counts as it went the first time."""
    opened = {case.id: case.opened_at for case in await uow.figures.every(Case)}
    claimed: dict[int, datetime] = {}
    for event in await uow.figures.every(CaseEvent):
        if event.kind == "claimed":
            claimed[event.case_id] = min(event.at, claimed.get(event.case_id, event.at))
    answered = await uow.figures.first_answers()

    def minutes(ends: Mapping[int, datetime]) -> list[float]:
        return [(end - opened[case]).total_seconds() / 60 for case, end in ends.items()]

    return Waits(minutes(claimed), minutes(answered))


def loads(world: World, cases: Iterable[Case]) -> list[int]:
    """How many cases each adviser got."""
    counts = Counter(case.adviser_id for case in cases)
    return sorted(counts[member.staff_id] for member in world.county.of(Role.ADVISER))


def _load(world: World, cases: Iterable[Case]) -> dict[str, float]:
    found = loads(world, cases)
    return {"min": found[0], "median": percentile(found, 0.5) or 0, "max": found[-1]} if found else {}


def _follow_ups(
    world: World,
    tasks: Iterable[Task],
    rows: Sequence[FollowUp],
    questions: Iterable[Question],
    cases: Iterable[Case],
) -> dict[str, int]:
    """`planned` by the end; `asked`; `answered` of those; `kept`: all planned ones but the forgotten."""
    mine = [task for task in tasks if task.kind == "follow_up"]
    asked = [row for row in world.ledger.unasked if row.asks]
    said = {("case", case.id) for case in cases if case.solved is not None}
    said |= {("question", question.id) for question in questions if question.solved is not None}
    subjects = {("case", row.case) if row.case else ("question", row.question) for row in asked}
    forgotten = sum(row.kind in {"missing", "late", "failed"} for row in world.ledger.violations)
    planned = len(rows) or len(mine)
    return {
        "planned": planned,
        "asked": len(asked),
        "dropped": sum(task.state == TaskState.DROPPED for task in mine),
        "answered": len(subjects & said),
        "kept": planned - forgotten,
    }


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def flat(found: dict[str, Any], prefix: str = "") -> list[dict[str, Any]]:
    """The figures as rows of a table, a part of a figure by its path."""
    rows: list[dict[str, Any]] = []
    for name, value in found.items():
        if isinstance(value, dict):
            rows += flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            rows += [{"figure": f"{prefix}{name}", "value": part} for part in value]
        else:
            rows.append({"figure": f"{prefix}{name}", "value": value})
    return rows


def plot(world: World, cases: Sequence[Case], waited: Waits, path: Path) -> None:
    """Draw waiting times and load as a PNG. Raises ImportError without matplotlib, OSError for a bad path."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import MaxNLocator, NullLocator

    figure, (waiting, load) = pyplot.subplots(1, 2, figsize=(11, 4))
    for label, values in (("to the claim", waited.to_claim), ("to the first answer", waited.to_answer)):
        ordered = sorted(max(value, 0.1) for value in values)
        shares = [100 * (rank + 1) / len(ordered) for rank in range(len(ordered))]
        waiting.step(ordered, shares, where="post", label=label)
    waiting.set(xscale="log", xlabel="since the case was opened", ylabel="% of cases", xlim=(0.5, None), ylim=(0, 100))
    waiting.set_xticks([1, 10, 60, 300, 1440, 10_080], ["1 min", "10 min", "1 h", "5 h", "1 day", "1 week"])
    waiting.xaxis.set_minor_locator(NullLocator())
    for share in (50, 90, 99):
        waiting.axhline(share, color="lightgrey", linewidth=0.8)
    waiting.legend(loc="upper left")
    found = loads(world, cases)
    load.bar(range(1, len(found) + 1), found)
    load.set(xlabel=f"{len(found)} advisers, fewest cases first", ylabel=f"cases in {world.plan.days} days", xticks=[])
    load.yaxis.set_major_locator(MaxNLocator(integer=True))
    figure.suptitle(f"{world.plan.villages} villages, {world.plan.days} days, seed {world.plan.seed}")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
