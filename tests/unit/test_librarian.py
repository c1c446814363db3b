"""The knowledge base follows files and desk; what is invalid is said and changes nothing else."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import App, build
from bot.config import Config
from bot.librarian import Librarian
from faq.files import KnowledgeBaseError
from faq.load import shipped_folder
from storage.database import Database
from storage.tables import EntryStatus, EntryVersion
from tests.conftest import Clock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small knowledge base of files: three topics in Chinese."""
    (tmp_path / "entries" / "zh").mkdir(parents=True)
    for name in ("labour", "family", "procedure"):
        shutil.copy(shipped_folder() / "zh" / f"{name}.yaml", tmp_path / "entries" / "zh")
    for path in (tmp_path / "entries" / "zh").iterdir():
        text = path.read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("  related:")]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path / "entries"


@pytest.fixture
def app(database: Database, clock: Clock, tmp_path: Path, folder: Path) -> App:
    return build(Config(data_dir=tmp_path), clock=clock, channels=[], db=database, entries=folder)


def answer(app: App, entry_id: str = "unpaid-wages") -> str:
    entry = app.house.matcher.entry(entry_id, "zh")
    return entry.answer if entry else ""


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "zh" / "labour.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    # A file system that counts whole seconds must not hide the change.
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


async def publish(app: App, entry_id: str = "unpaid-wages", **changed: object) -> None:
    entry = app.house.matcher.entry("unpaid-wages", "zh")
    assert entry is not None
    async with app.db.write() as uow:
        row = EntryVersion(entry_id=entry_id, language="zh", version="x", status=EntryStatus.PUBLISHED,
                           created_at=app.clock())  # fmt: skip
        row.body = {**entry.model_dump(mode="json"), **changed}
        row.revision = await uow.knowledge.next_revision()
        await uow.knowledge.add(row)
        await uow.commit()


async def test_an_edited_file_takes_effect_and_a_broken_one_does_not(app: App, folder: Path) -> None:
    librarian = Librarian(app)
    assert await librarian.look()
    assert not await librarian.look()
    edit(folder, "answer: 拖欠工资可以投诉", "answer: 新答案，拖欠工资可以投诉")
    assert await librarian.look()
    assert answer(app).startswith("新答案")
    edit(folder, "answer: 新答案", "anser: 更新的答案")
    assert await librarian.look()
    assert answer(app).startswith("新答案")
    [*_, problem] = app.shelf.problems
    assert "labour.yaml" in problem
    assert any("anser" in line and "did you mean 'answer'" in line for line in app.shelf.problems)
    edit(folder, "anser: 更新的答案", "answer: 更新的答案")
    assert await librarian.look()
    assert answer(app).startswith("更新的答案")
    assert app.shelf.problems == ()


async def test_a_published_row_lies_over_the_file_while_files_are_broken(app: App, folder: Path) -> None:
    librarian = Librarian(app)
    edit(folder, "- id: unpaid-wages", "- idd: unpaid-wages")
    await librarian.look()
    await publish(app, answer="县里的答案。")
    await librarian.look()
    assert answer(app) == "县里的答案。"
    assert app.shelf.problems


async def test_a_damaged_row_leaves_what_was_there(app: App) -> None:
    librarian = Librarian(app)
    await publish(app, answer="县里的答案。")
    await publish(app, answer="")
    await publish(app, entry_id="dismissed")
    await librarian.look()
    assert answer(app) == "县里的答案。"
    assert answer(app, "dismissed")
    assert ["entry_version 2: unpaid-wages: answer" in line for line in app.shelf.problems] == [True, False]


async def test_a_start_with_a_broken_file_answers_from_the_rest(
    database: Database, clock: Clock, tmp_path: Path, folder: Path
) -> None:
    (folder / "zh" / "family.yaml").write_text("- [", encoding="utf-8")
    app = build(Config(data_dir=tmp_path), clock=clock, channels=[], db=database, entries=folder)
    assert answer(app)
    assert "family.yaml" in app.shelf.problems[0]
    for path in (folder / "zh").iterdir():
        path.write_text("- [", encoding="utf-8")
    with pytest.raises(KnowledgeBaseError, match=r"labour\.yaml"):
        build(Config(data_dir=tmp_path), clock=clock, channels=[], db=database, entries=folder)


async def test_a_folder_that_vanishes_changes_nothing(app: App, folder: Path) -> None:
    librarian = Librarian(app)
    await librarian.look()
    shutil.rmtree(folder)
    await librarian.look()
    assert answer(app)
    assert app.shelf.problems


async def test_past_its_review_date_an_entry_is_silent(app: App, clock: Clock) -> None:
    await Librarian(app).look()
    clock.advance(timedelta(days=800))
    assert answer(app) == ""
