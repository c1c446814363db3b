"""`doorstep match` and `doorstep emergency`: what the matcher and the emergency check make of messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from bot.app import thresholds_of, vector_stores
from bot.commands.common import configured
from bot.config import Config
from faq.documents import LinesError, PlainDocument, Query, read_documents, read_queries
from faq.emergency import EmergencyCheck
from faq.load import KnowledgeBaseError, load_entries, shipped_folder
from faq.match import Candidate, Match, Matcher, MatchOutcome, is_short
from faq.model import Entry, Risk
from faq.normalise import is_chinese
from faq.rank import Ranker
from handlers.rules.numbers import card

Row = dict[str, Any]
json_lines = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")


@click.command()
@click.argument("text", required=False)
@click.option("--queries", type=click.Path(path_type=Path), help='Messages, one JSON object a line: {"id", "text"}.')
@click.option(
    "--kb", type=click.Path(path_type=Path),
    help='A knowledge base instead of ours: {"id", "question", "phrasings", "answer"} a line.',
)  # fmt: skip
@click.option("--explain", is_flag=True, help="Say which phrasing and which likeness decided, and why not the next.")
@json_lines
@click.pass_context
def match(
    ctx: click.Context, text: str | None, queries: Path | None, kb: Path | None, explain: bool, as_json: bool
) -> None:
    """Match TEXT, or the messages of a file, against the knowledge base."""
    config = configured(ctx)
    wanted = _wanted(text, queries)
    try:
        rows = _in_documents(config, read_documents(kb), wanted) if kb else _in_entries(config, wanted)
        for row in rows:
            parts = row.pop("_parts")
            if as_json:
                click.echo(json.dumps(row | ({"explanation": parts} if explain else {}), ensure_ascii=False))
            else:
                _print(row, parts if explain else [])
    except (LinesError, KnowledgeBaseError) as error:
        raise click.ClickException(str(error)) from None


def _wanted(text: str | None, queries: Path | None) -> tuple[Query, ...]:
    if (text is None) == (queries is None):
        raise click.UsageError("give a TEXT or --queries FILE, one of the two")
    if text is not None:
        return (Query(id="1", text=text),)
    assert queries is not None
    try:
        return read_queries(queries)
    except LinesError as error:
        raise click.ClickException(str(error)) from None


def _in_documents(config: Config, documents: tuple[PlainDocument, ...], wanted: tuple[Query, ...]) -> Iterator[Row]:
    ranker = Ranker(documents)
    ranker.add(vector_stores(config))
    thresholds = thresholds_of(config)
    for query in wanted:
        ranking = ranker.rank(query.text)
        outcome = thresholds.outcome(ranking.confidence, Risk.ANSWER, short=is_short(query.text))
        if not ranking.candidates:
            outcome = MatchOutcome.ESCALATE
        yield _row(query, outcome, ranking.confidence, [
            (row.id, row.score, row.phrasing, row.parts) for row in ranking.candidates
        ])  # fmt: skip


def matcher_of(config: Config, entries: tuple[Entry, ...]) -> Matcher:
    """A matcher over entries, with every installed encoder already in use."""
    matcher = Matcher(
        entries,
        today=lambda: _today(config),
        thresholds=thresholds_of(config),
        stores=vector_stores(config),
    )
    matcher.bring_vectors()
    return matcher


def _today(config: Config) -> date:
    return datetime.now(config.zone).date()


def _in_entries(config: Config, wanted: tuple[Query, ...]) -> Iterator[Row]:
    matcher = matcher_of(config, load_entries(shipped_folder()))
    for query in wanted:
        found: Match = matcher.match(query.text, "zh" if is_chinese(query.text) else "en")
        yield _row(query, found.outcome, found.confidence, [_entry_row(row) for row in found.candidates])


def _entry_row(row: Candidate) -> tuple[str, float, str, dict[str, float]]:
    return row.entry.id, row.score, row.phrasing, row.parts


def _row(
    query: Query, outcome: MatchOutcome, confidence: float, candidates: list[tuple[str, float, str, dict[str, float]]]
) -> Row:
    return {
        "id": query.id,
        "outcome": outcome.value,
        "confidence": round(confidence, 4),
        "candidates": [{"id": name, "score": round(score, 4)} for name, score, _, _ in candidates],
        "_parts": [
            {"id": name, "phrasing": phrasing, "parts": {key: round(value, 3) for key, value in parts.items()}}
            for name, _, phrasing, parts in candidates[:3]
        ],
    }


def _print(row: Row, parts: list[Row]) -> None:
    names = ", ".join(f"{found['id']} {found['score']:.2f}" for found in row["candidates"][:3])
    click.echo(f"{row['id']}: {row['outcome']} {row['confidence']:.2f}  {names or 'no entry'}")
    for place, part in enumerate(parts):
        click.echo(f"  {place + 1}. {part['id']}, by its phrasing: {part['phrasing']}")
        click.echo("     " + ", ".join(f"{name} {value:.2f}" for name, value in part["parts"].items()))
    if len(parts) > 1:
        first, second = parts[0]["parts"], parts[1]["parts"]
        ahead = max(first, key=lambda name: first[name] - second.get(name, 0.0))
        click.echo(f"  {parts[0]['id']} is ahead of {parts[1]['id']} mostly by {ahead}.")


@click.command()
@click.argument("text", required=False)
@click.option("--queries", type=click.Path(path_type=Path), help='Messages, one JSON object a line: {"id", "text"}.')
@json_lines
@click.pass_context
def emergency(ctx: click.Context, text: str | None, queries: Path | None, as_json: bool) -> None:
    """Run the emergency check on TEXT, or on the messages of a file."""
    config = configured(ctx)
    numbers = config.numbers.model_dump()
    try:
        check = EmergencyCheck.load()
    except KnowledgeBaseError as error:
        raise click.ClickException(str(error)) from None
    for query in _wanted(text, queries):
        found = check.check(query.text)
        called = [number for _, number in card(found.numbers, numbers)] if found else []
        row = {
            "id": query.id,
            "emergency": found is not None,
            "kind": found.kind.value if found else "",
            "numbers": called,
        }
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            said = f"{row['kind']}: call {', '.join(called)}" if found else "no emergency"
            click.echo(f"{query.id}: {said}" + (f"  ({found.matched})" if found else ""))
