"""`doorstep faq`: list, check, export and import, on a county of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import doorstep
from bot.librarian import overlay
from faq.base import in_force
from faq.export import as_yaml, write_entries
from faq.load import load_entries, shipped_folder
from tests.unit.test_import import COLUMNS, ROW, changed, table


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Runs a verb in an empty data directory."""

    def call(*words: str) -> Result:
        env = {"DOORSTEP_DATA_DIR": str(tmp_path / "data"), "DOORSTEP_DEMO": "false"}
        return CliRunner().invoke(doorstep, ["faq", *words], env=env)

    return call


def rows(result: Result) -> list[dict[str, Any]]:
    found = json.loads(result.stdout)
    assert isinstance(found, list)
    return found


def test_drafts_are_imported_listed_and_never_doubled(run: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(table(COLUMNS, ROW, encoding="gbk"))
    [kept] = rows(run("import", str(tmp_path / "a.csv"), "--json"))
    assert (kept["id"], kept["status"]) == ("wage-slip", "draft")
    listed = rows(run("list", "--json"))
    assert {"id", "language", "topic", "status", "version"} <= set(listed[0])
    assert [row["id"] for row in listed if row["status"] == "draft"] == ["wage-slip"]
    assert sum(row["status"] == "shipped" for row in listed) == len(load_entries(shipped_folder()))
    again = run("import", str(tmp_path / "a.csv"))
    assert again.exit_code == 1
    assert "row 2: id: 'wage-slip' has a version that is still open" in again.stderr


def test_every_bad_row_is_reported_and_nothing_is_kept(run: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(table(COLUMNS, ROW, changed(主题="工资"), changed(编号="b", 依据="x"), ROW))
    result = run("import", str(tmp_path / "a.csv"))
    assert result.exit_code == 1
    for words in (
        "row 3: topic: One of those listed",
        "row 4: sources: Cannot be read",
        "row 5: id:",
        "in row 2 already",
    ):
        assert words in result.stderr
    assert not [row for row in rows(run("list", "--json")) if row["status"] == "draft"]
    (tmp_path / "large.csv").write_bytes(b"x" * 50_000_000)
    assert "10 MB" in run("import", str(tmp_path / "large.csv")).stderr
    assert run("import", str(tmp_path / "none.csv")).exit_code == 1
    assert "no active staff 9" in run("import", str(tmp_path / "a.csv"), "--staff", "9").stderr


def test_the_shipped_entries_check_without_error(run: Any) -> None:
    result = run("check", "--json")
    assert result.exit_code == 0
    assert not [row for row in rows(result) if row["error"]]


def test_a_wrong_citation_is_an_error_and_a_foreign_one_is_not(run: Any, tmp_path: Path) -> None:
    articles = tmp_path / "articles.jsonl"
    lines = [
        {"law": "劳动法", "version": "2018-12-29", "article": 1, "text": "为了保护劳动者的合法权益"},
        {"law": "劳动合同法", "version": "1999-01-01", "article": 10, "text": "建立劳动关系"},
    ]
    articles.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    result = run("check", "--statutes", str(articles), "--json")
    assert result.exit_code == 1
    kinds = {(row["kind"], row["error"]) for row in rows(result)}
    assert {("no_article", True), ("wrong_version", True), ("unknown_law", False)} <= kinds
    (tmp_path / "bad.jsonl").write_text("{}\n")
    for name, said in (("bad.jsonl", "bad.jsonl:1"), ("none.jsonl", "none.jsonl")):
        result = run("check", "--statutes", str(tmp_path / name))
        assert result.exit_code == 1
        assert said in result.stderr


def test_export_gives_back_what_is_in_force(run: Any, tmp_path: Path) -> None:
    result = run("export", str(tmp_path / "out"), "--json")
    assert sum(row["entries"] for row in rows(result)) == len(load_entries(shipped_folder()))
    assert set(load_entries(tmp_path / "out")) == set(load_entries(shipped_folder()))
    for path in shipped_folder().rglob("*.yaml"):
        copy = tmp_path / "out" / path.relative_to(shipped_folder())
        assert copy.read_text(encoding="utf-8") == path.read_text(encoding="utf-8")


def test_a_changed_entry_is_the_only_change_of_an_export(tmp_path: Path) -> None:
    shipped = load_entries(shipped_folder())
    one = next(entry for entry in shipped if (entry.id, entry.language) == ("unpaid-wages", "zh"))
    other = one.model_copy(update={"answer": "新的：“答案”，# 不是注释。"})
    local = one.model_copy(update={"id": "only-here", "jurisdiction": "rudong"})
    entries, _ = in_force([*(entry for entry in shipped if entry != one), local], overlay([]))
    write_entries([*entries, other], tmp_path, shipped_folder())
    again = load_entries(tmp_path, ["rudong"])
    assert set(again) == {*entries, other}
    before = (shipped_folder() / "zh" / "labour.yaml").read_text(encoding="utf-8")
    after = (tmp_path / "zh" / "labour.yaml").read_text(encoding="utf-8")
    own = len(as_yaml(one).splitlines()) + len(one.phrasings)
    assert len(set(before.splitlines()) - set(after.splitlines())) <= own
    assert (tmp_path / "rudong" / "zh" / "labour.yaml").exists()
    assert as_yaml(other).startswith("- id: unpaid-wages\n  topic: labour\n")
