"""`doorstep faq`: the knowledge base: what is in force, checked, exported, and drafts from a lawyer's file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from bot.commands.common import Row, as_json, changing, configured, looking, read_file, show
from bot.commands.evaluate import evaluate
from bot.config import Config
from bot.entry_sheets import LARGEST, Drafted, read_drafts
from bot.librarian import Shelf, entries_in_force
from bot.sheets import SheetError
from faq.citations import Statutes
from faq.deadlines import deadline_ids
from faq.export import write_entries
from faq.files import KnowledgeBaseError
from faq.laws import answers_on_old_law, revised
from faq.load import shipped_folder
from faq.model import Entry
from faq.quality import check_quality
from handlers.catalogue import catalogue
from handlers.wording import Wording
from storage.tables import EntryStatus, EntryVersion, Staff
from storage.unit_of_work import UnitOfWork


@click.group()
def faq() -> None:
    """The knowledge base."""


def _shelf(config: Config) -> Shelf:
    return Shelf.open(shipped_folder(), config.county.jurisdiction)[0]


@faq.command("list")
@as_json
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Every entry, with its status, law and dates."""
    config = configured(ctx)
    now = datetime.now(UTC)

    async def work(uow: UnitOfWork) -> list[Row]:
        entries, _ = await entries_in_force(_shelf(config), uow)
        lines = await catalogue(entries, uow, now, now.astimezone(config.zone).date())
        return [
            {
                **line.entry.model_dump(mode="json"), "version": line.entry.version, "status": line.status,
                "review": line.mark, "open": line.open, "asked": line.asked,
            }
            for line in lines
        ]  # fmt: skip

    columns = ("id", "language", "topic", "question", "version", "status", "review_by")
    show(looking(config, work), as_json=as_json, columns=columns, empty="The knowledge base is empty.")


def _problem(entry: Entry, field: str, kind: str, found: str, *, error: bool) -> Row:
    return {
        "id": entry.id, "language": entry.language, "field": field, "kind": kind, "found": found, "error": error,
    }  # fmt: skip


def _checked(entries: tuple[Entry, ...], statutes: Statutes | None) -> list[Row]:
    """Every problem of entries, errors first."""
    rows = []
    for entry in entries:
        for source in entry.sources if statutes is not None else ():
            problem = statutes.problem(entry, source) if statutes is not None else None
            if problem is not None:
                cited = f"{source.law} {source.article} ({source.version})"
                rows.append(_problem(entry, "sources", problem.kind, cited, error=problem.is_error))
        rows += [
            _problem(entry, "deadlines", "no_deadline", name, error=True)
            for name in entry.deadlines
            if name not in deadline_ids()
        ]
        if answers_on_old_law(entry):
            rows.append(_problem(entry, "risk", "old_law", ", ".join(law.law for law in revised(entry)), error=True))
        rows += [_problem(entry, row.field, row.kind, row.found, error=False) for row in check_quality([entry])]
    return sorted(rows, key=lambda row: not row["error"])


@faq.command("check")
@click.option("--statutes", type=click.Path(path_type=Path), help="Articles of law, a JSON object a line.")
@as_json
@click.pass_context
def check(ctx: click.Context, statutes: Path | None, as_json: bool) -> None:
    """Check what is in force: citations, deadlines, revised laws, reading ease. Exit status 1 for an error."""
    config = configured(ctx)
    try:
        known = Statutes.read(statutes) if statutes is not None else None
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{statutes}: {error}" if isinstance(error, OSError) else str(error)) from None

    async def work(uow: UnitOfWork) -> list[Row]:
        entries, problems = await entries_in_force(_shelf(config), uow)
        unread: list[Row] = [
            {"id": "", "language": "", "field": "", "kind": "unreadable", "found": problem, "error": True}
            for problem in problems
        ]
        return unread + _checked(entries, known)

    rows = looking(config, work)
    show(
        rows, as_json=as_json, columns=("error", "kind", "id", "language", "field", "found"), empty="Nothing is wrong."
    )
    ctx.exit(1 if any(row["error"] for row in rows) else 0)


@faq.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@as_json
@click.pass_context
def export(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """Write what is in force into FOLDER, laid out as the shipped entries are, for a pull request."""
    config = configured(ctx)

    async def work(uow: UnitOfWork) -> list[Row]:
        shelf = _shelf(config)
        entries, problems = await entries_in_force(shelf, uow)
        if problems:
            raise click.ClickException("\n".join(["nothing was written", *problems]))
        return [
            {"file": str(path), "entries": count}
            for path, count in write_entries(entries, folder, shelf.folder).items()
        ]

    try:
        rows = looking(config, work)
    except KnowledgeBaseError as error:
        raise click.ClickException(str(error)) from None
    show(rows, as_json=as_json, columns=("file", "entries"), empty="The knowledge base is empty.")


@faq.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--staff", "staff_id", type=int, help="Whose drafts these are; then somebody else approves them.")
@as_json
@click.pass_context
def import_(ctx: click.Context, file: Path, staff_id: int | None, as_json: bool) -> None:
    """Take the entries of FILE (YAML, CSV, XLSX) as drafts. All of them, or none and every problem."""
    config = configured(ctx)
    try:
        if file.stat().st_size > LARGEST:
            raise SheetError(f"larger than {LARGEST // 1_000_000} MB; send it in parts")
        drafts = read_drafts(read_file(file), file.suffix.lower())
    except SheetError as error:
        raise click.ClickException(f"{file}: {error}") from None
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from None

    async def work(uow: UnitOfWork) -> list[Row]:
        author = await uow.county.staff(staff_id)
        if staff_id is not None and (author is None or not author.active):
            raise click.ClickException(f"there is no active staff {staff_id}: doorstep staff list")
        return await _kept(drafts, author, file, uow)

    show(
        changing(config, work), as_json=as_json, columns=("version", "id", "language", "question", "status"),
        empty="The file has no entries.",
    )  # fmt: skip


async def _kept(drafts: list[Drafted], author: Staff | None, file: Path, uow: UnitOfWork) -> list[Row]:
    """Keep each draft. Raises click.ClickException naming every row that cannot be."""
    say = Wording().say
    kept: list[Row] = []
    problems = []
    seen: dict[tuple[str, str], int] = {}
    now = datetime.now(UTC)
    for draft in drafts:
        entry = draft.entry
        if entry is not None and (before := seen.setdefault((entry.id, entry.language), draft.row)) != draft.row:
            problems.append(f"row {draft.row}: id: '{entry.id}' stands in row {before} already")
        elif entry is not None:
            row = EntryVersion(
                entry_id=entry.id, language=entry.language, version=entry.version, body=entry.model_dump(mode="json"),
                status=EntryStatus.DRAFT, author_id=author.id if author else None, created_at=now,
            )  # fmt: skip
            if not await uow.knowledge.add(row):
                said = say("knowledge.no_open_already", "en", id=entry.id, author="")
                problems.append(f"row {draft.row}: id: {said}")
            kept.append({"version": row.id, "id": entry.id, "language": entry.language, "question": entry.question,
                         "status": row.status})  # fmt: skip
        problems += [
            f"row {draft.row}: {fault.field}: {say('knowledge.fault', 'en', kind=fault.kind, found=fault.found)}"
            for fault in draft.faults
        ]
    if problems:
        raise click.ClickException("\n".join([f"{file}: nothing was imported", *problems]))
    return kept


faq.add_command(evaluate)
