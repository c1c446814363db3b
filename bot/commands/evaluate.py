"""`doorstep faq eval`: how good matching is on the project's own questions, and the gate of a release."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.common import as_json, configured, show
from bot.commands.match import matcher_of
from faq.emergency import EmergencyCheck
from faq.evaluate import breakdown, errors_at, judge, plot
from faq.load import KnowledgeBaseError, load_entries, shipped_folder
from faq.questions import emergency_sentences, labelled_questions

COLUMNS = (
    "group", "questions", "top1", "recall3", "coverage", "wrong_answers", "answered_without", "calibration_error",
    "found", "false_alarms",
)  # fmt: skip


@click.command("eval")
@click.option("--questions", type=click.Path(path_type=Path), help="Other labelled questions than the project's.")
@click.option("--split", type=click.Choice(["dev", "test"]), default="test", show_default=True)
@click.option("--plot", "picture", type=click.Path(path_type=Path), help="Draw confidence against truth, as a PNG.")
@click.option("--most-wrong", type=click.FloatRange(0, 1), help="Exit 1 when more of the answers than this are wrong.")
@as_json
@click.pass_context
def evaluate(
    ctx: click.Context,
    questions: Path | None,
    split: str,
    picture: Path | None,
    most_wrong: float | None,
    as_json: bool,
) -> None:
    """Measure matching and the emergency check on labelled questions."""
    config = configured(ctx)
    try:
        entries = load_entries(shipped_folder())
        asked = [row for row in labelled_questions(questions) if row.split == split]
    except (KnowledgeBaseError, OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    judged = judge(asked, matcher_of(config, entries).match)
    groups = breakdown(judged, {entry.id: entry.topic.value for entry in entries})
    rows = [{"group": name, **found} for name, found in groups.items()]
    rows += [
        {"group": f"errors at {share:.0%} coverage", "wrong_answers": errors_at(judged, share)} for share in (0.8, 0.5)
    ]
    rows.append(_emergencies(split))
    show(rows, as_json=as_json, columns=COLUMNS, empty="No questions.")
    if picture is not None:
        try:
            plot(judged, picture)
        except ImportError:
            raise click.ClickException("drawing needs matplotlib: pip install 'doorstep[plots]'") from None
    wrong = groups["all"]["wrong_answers"] if "all" in groups and judged else None
    if most_wrong is not None and wrong is not None and wrong > most_wrong:
        raise click.ClickException(f"{wrong:.1%} of the answers are wrong, more than {most_wrong:.1%}")


def _emergencies(split: str) -> dict[str, object]:
    """What the emergency check finds, and what it takes for one that is none."""
    check = EmergencyCheck.load()
    rows = [(row, check.check(row.text) is not None) for row in emergency_sentences() if row.split == split]
    having = [found for row, found in rows if row.kind]
    lacking = [found for row, found in rows if not row.kind]
    return {
        "group": "emergencies",
        "questions": len(rows),
        "found": round(sum(having) / max(1, len(having)), 4),
        "false_alarms": round(sum(lacking) / max(1, len(lacking)), 4),
    }
