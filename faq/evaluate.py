"""How good matching is on labelled questions: figures to publish, and the gate a release must pass.

Terms: an answer is *wrong* when none of the question's entries is the one given; *coverage* is the share of questions
with an entry that are answered; *recall@3* counts a right entry among the first three. Calibration compares the
confidence with how often the first entry was right, in ten equal steps (expected calibration error, Guo et al. 2017).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from faq.match import Match, MatchOutcome
from faq.questions import LabelledQuestion

STEPS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, what was made of it, and where its best entry stands: 0 the first, None not among the candidates."""

    question: LabelledQuestion
    outcome: MatchOutcome
    confidence: float
    place: int | None

    @property
    def answered(self) -> bool:
        return self.outcome is MatchOutcome.ANSWER

    @property
    def right(self) -> bool:
        return self.place == 0


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1; None where there is nothing to count.

    `wrong_answers` is the share of the automatic answers that were wrong, `answered_without` that of the questions
    without an entry that got an answer, `calibration_error` the mean gap between confidence and truth.
    """

    questions: int
    with_entry: int
    top1: float | None
    recall3: float | None
    coverage: float | None
    wrong_answers: float | None
    answered_without: float | None
    calibration_error: float | None


def judge(questions: Iterable[LabelledQuestion], match: Callable[[str, str], Match]) -> list[Judged]:
    """Match every question, and see where its entries stand."""
    judged = []
    for question in questions:
        found = match(question.text, question.language)
        places = (place for place, row in enumerate(found.candidates) if row.entry.id in question.right)
        judged.append(Judged(question, found.outcome, found.confidence, next(places, None)))
    return judged


def figures(judged: Sequence[Judged]) -> Figures:
    """The figures of these questions together."""
    having = [row for row in judged if row.question.right]
    lacking = [row for row in judged if not row.question.right]
    answered = [row for row in judged if row.answered]
    return Figures(
        questions=len(judged),
        with_entry=len(having),
        top1=_share(row.right for row in having),
        recall3=_share(row.place is not None and row.place < 3 for row in having),
        coverage=_share(row.answered for row in having),
        wrong_answers=_share(not row.right for row in answered),
        answered_without=_share(row.answered for row in lacking),
        calibration_error=_calibration_error(judged),
    )


def _share(values: Iterable[bool]) -> float | None:
    found = list(values)
    return round(sum(found) / len(found), 4) if found else None


def reliability(judged: Sequence[Judged]) -> list[tuple[float, float, int]]:
    """By step of confidence: its mean, how often the first entry was right, and how many questions."""
    steps: list[list[Judged]] = [[] for _ in range(STEPS)]
    for row in judged:
        steps[min(STEPS - 1, int(row.confidence * STEPS))].append(row)
    return [
        (sum(row.confidence for row in rows) / len(rows), sum(row.right for row in rows) / len(rows), len(rows))
        for rows in steps
        if rows
    ]


def _calibration_error(judged: Sequence[Judged]) -> float | None:
    if not judged:
        return None
    return round(sum(abs(mean - true) * count for mean, true, count in reliability(judged)) / len(judged), 4)


def errors_at(judged: Sequence[Judged], coverage: float) -> float | None:
    """The share of wrong ones among the answers, if the most confident were answered until `coverage` of the questions
    with an entry were: the threshold set apart from the ranking."""
    wanted = coverage * sum(1 for row in judged if row.question.right)
    given = wrong = covered = 0
    for row in sorted(judged, key=lambda row: -row.confidence):
        if covered >= wanted:
            break
        given += 1
        covered += bool(row.question.right)
        wrong += not row.right
    return round(wrong / given, 4) if given else None


def breakdown(judged: Sequence[Judged], topics: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The figures of all questions, and by language, noise, length and topic (`topics`: topic by entry id)."""
    groups: dict[str, list[Judged]] = {"all": list(judged)}
    for row in judged:
        question = row.question
        length = "short" if len(question.text) <= 6 else "long" if len(question.text) > 100 else "middle"
        names = [f"language:{question.language}", f"noise:{question.noise}", f"length:{length}"]
        if question.entry:
            names.append(f"topic:{topics.get(question.entry, '?')}")
        for name in names:
            groups.setdefault(name, []).append(row)
    return {name: asdict(figures(rows)) for name, rows in sorted(groups.items())}


def plot(judged: Sequence[Judged], path: Path) -> None:
    """Draw confidence against truth as a PNG. Raises ImportError without matplotlib, OSError."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    points = reliability(judged)
    drawing, axes = pyplot.subplots(figsize=(5, 5), dpi=120)
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.plot([mean for mean, _, _ in points], [true for _, true, _ in points], marker="o")
    for mean, true, count in points:
        axes.annotate(str(count), (mean, true), textcoords="offset points", xytext=(6, -10), fontsize=8)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share right", title="Reliability of the matcher")
    drawing.tight_layout()
    drawing.savefig(path)
    pyplot.close(drawing)
