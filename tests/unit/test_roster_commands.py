"""`doorstep duty`, `staff` and `wall`: a roster planned from the command line, and what cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import doorstep

Run = Callable[..., Result]
WEEKLY = ("duty", "pattern", "add", "--staff", "1", "--weekdays", "mon-fri", "--from", "08:30", "--to", "17:30")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the command on a county of two towns with three staff, none of them on any roster."""
    env = {
        "DOORSTEP_DATA_DIR": str(tmp_path / "data"), "DOORSTEP_DEMO": "false", "DOORSTEP_ANSWERS__VECTORS": "false",
        "DOORSTEP_WEB__PUBLIC_URL": "https://help.example.org/",
    }  # fmt: skip

    def call(*words: str) -> Result:
        return CliRunner().invoke(doorstep, list(words), env=env)

    (tmp_path / "villages.csv").write_text("code,name,town\nv1,东坡村,青石镇\nv2,河口村,河口镇\n", encoding="utf-8")
    people = (
        "name,role,village,town,topics,speaks\n"
        "王海,adviser,v1,青石镇,labour、land,en\n陈静,mediator,v2,,,\n马强,director,,,,\n"
    )
    (tmp_path / "staff.csv").write_text(people, encoding="utf-8")
    done(call("village", "import", str(tmp_path / "villages.csv")))
    done(call("staff", "import", str(tmp_path / "staff.csv")))
    return call


def done(result: Result) -> Result:
    assert result.exit_code == 0, result.output
    return result


def rows(result: Result) -> list[dict[str, Any]]:
    found = json.loads(done(result).stdout)
    assert isinstance(found, list)
    return found


def test_staff_have_a_town_topics_and_languages(run: Run) -> None:
    wang, chen, _ = rows(run("staff", "list", "--json"))
    assert (wang["town"], wang["topics"], wang["speaks"], wang["villages"]) == (
        "青石镇", ["labour", "land"], ["en"], ["v1"],
    )  # fmt: skip
    assert (chen["town"], chen["topics"], chen["speaks"]) == ("", [], [])
    [chen] = rows(
        run("staff", "set", "--staff", "2", "--town", "河口镇", "--topic", "family", "--village", "ALL", "--json")
    )
    assert (chen["town"], chen["topics"], chen["villages"], chen["role"]) == ("河口镇", ["family"], ["ALL"], "mediator")
    [chen] = rows(run("staff", "set", "--staff", "2", "--topic", "", "--town", "", "--village", "v1", "--json"))
    assert (chen["town"], chen["topics"], chen["villages"]) == ("", [], ["v1"])


def test_weekly_duties_close_the_gaps_and_leave_opens_them(run: Run) -> None:
    before = rows(run("duty", "gaps", "--json"))
    assert before
    assert before[-1]["villages"] == ["v1", "v2"]
    [kept] = rows(run(*WEEKLY, "--json"))
    assert (kept["weekdays"], kept["begins"], kept["ends"], kept["overnight"], kept["holidays"]) == (
        ["mon", "tue", "wed", "thu", "fri"], "08:30", "17:30", False, "off",
    )  # fmt: skip
    assert {village for row in rows(run("duty", "gaps", "--json")) for village in row["villages"]} == {"v2"}
    done(run("duty", "pattern", "add", "--staff", "3", "--weekdays", "daily", "--from", "00:00", "--to", "00:00",
             "--town", "河口镇", "--on-holidays"))  # fmt: skip
    assert rows(run("duty", "gaps", "--json")) == []
    assert [row["town"] for row in rows(run("duty", "pattern", "list", "--role", "director", "--json"))] == ["河口镇"]
    today = datetime.now(UTC).date()
    far = str(today + timedelta(days=30))
    done(run("duty", "leave", "add", "--staff", "1", "--from", str(today), "--to", far))
    assert {village for row in rows(run("duty", "gaps", "--json")) for village in row["villages"]} == {"v1"}
    [away] = rows(run("duty", "leave", "list", "--json"))
    done(run("duty", "leave", "remove", "--leave", str(away["id"])))
    assert rows(run("duty", "gaps", "--json")) == []
    done(run("duty", "pattern", "remove", "--pattern", str(kept["id"])))
    assert {village for row in rows(run("duty", "gaps", "--json")) for village in row["villages"]} == {"v1"}


def test_leave_is_kept_listed_and_taken_back(run: Run) -> None:
    [kept] = rows(run("duty", "leave", "add", "--staff", "1", "--from", "2099-12-01", "--to", "2099-12-03", "--json"))
    assert (kept["from"], kept["to"]) == ("2099-11-30T16:00:00+00:00", "2099-12-03T16:00:00+00:00")
    twice = run("duty", "leave", "add", "--staff", "1", "--from", "2099-12-03T12:00", "--to", "2099-12-04")
    assert "leave already" in twice.stderr
    assert [row["reason"] for row in rows(run("duty", "leave", "list", "--json"))] == ["leave"]
    done(run("duty", "leave", "remove", "--leave", str(kept["id"])))
    assert rows(run("duty", "leave", "list", "--json")) == []
    assert rows(run("duty", "swap", "list", "--json")) == []


def test_a_shift_for_a_place_and_topic(run: Run) -> None:
    [kept] = rows(run("duty", "add", "--staff", "1", "--always", "--village", "v2", "--topic", "land", "--on-call",
                      "--json"))  # fmt: skip
    assert (kept["village"], kept["topic"], kept["on_call"], kept["to"]) == ("v2", "land", True, None)


def test_a_calendar_feed_is_made_replaced_and_closed(run: Run) -> None:
    [first] = rows(run("staff", "feed", "1", "--json"))
    assert first["feed"].startswith("https://help.example.org/duty/")
    assert rows(run("staff", "feed", "1", "--json")) == [first]
    assert done(run("staff", "feed", "1", "--new")).stdout.strip() not in {first["feed"], ""}
    assert "No address" in done(run("staff", "feed", "1", "--off")).stdout
    done(run("staff", "deactivate", "--staff", "1"))
    assert "no active staff 1" in run("staff", "feed", "1").stderr


def test_ties_are_declared_listed_and_taken_back(run: Run) -> None:
    [relative] = rows(run("wall", "add", "--staff", "1", "--tie", "relative", "--name", " 张 三 ", "--json"))
    assert (relative["staff_name"], relative["name"]) == ("王海", "张 三")
    [committee] = rows(run("wall", "add", "--staff", "3", "--tie", "committee", "--village", "东坡村", "--json"))
    assert committee["village"] == "v1"
    assert "declared already" in run("wall", "add", "--staff", "1", "--tie", "relative", "--name", "张三").stderr
    assert len(rows(run("wall", "list", "--json"))) == 2
    done(run("wall", "remove", "--wall", str(relative["id"])))
    assert rows(run("wall", "list", "--json")) == [committee]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*WEEKLY[:4], "99", *WEEKLY[5:]), "no active staff 99"),
        ((*WEEKLY[:4], "99999999999999999999", *WEEKLY[5:]), "no active staff"),
        ((*WEEKLY[:6], "mon,funday", *WEEKLY[7:]), "days of the week"),
        ((*WEEKLY[:6], "", *WEEKLY[7:]), "days of the week"),
        ((*WEEKLY[:8], "25:00", *WEEKLY[9:]), "not a time of day"),
        ((*WEEKLY, "--first-day", "2099-02-30"), "not a day"),
        ((*WEEKLY, "--first-day", "2099-03-02", "--last-day", "2099-03-01"), "after the begin"),
        ((*WEEKLY, "--first-day", "2020-03-01", "--last-day", "2020-03-02"), "over already"),
        ((*WEEKLY, "--village", "v1", "--town", "青石镇"), "either --village or --town"),
        ((*WEEKLY, "--village", "nowhere"), "no such village"),
        ((*WEEKLY, "--town", "nowhere"), "no such town"),
        ((*WEEKLY, "--topic", "cats"), 'no topic "cats"'),
        (("duty", "pattern", "remove", "--pattern", "7"), "no weekly duty 7"),
        (("duty", "add", "--staff", "1", "--from", "2099-01-02", "--to", "2099-01-01"), "after the begin"),
        (("duty", "add", "--staff", "1", "--from", "2020-01-01", "--to", "2020-01-02"), "over already"),
        (("duty", "leave", "add", "--staff", "1", "--from", "2099-01-02", "--to", "2099-01-01"), "after the begin"),
        (("duty", "leave", "add", "--staff", "1", "--from", "2020-01-01", "--to", "2020-01-01"), "over already"),
        (("duty", "leave", "add", "--staff", "1", "--from", "2099-01-01", "--to", "2105-01-01"), "at most 366 days"),
        (("duty", "leave", "add", "--staff", "1", "--from", "soon", "--to", "2099-01-01"), "is not a moment"),
        (("duty", "leave", "add", "--staff", "1", "--from", "9999-12-31", "--to", "9999-12-31"), "is not a moment"),
        (("duty", "leave", "add", "--staff", "0", "--from", "2099-01-01", "--to", "2099-01-01"), "no active staff 0"),
        (("duty", "leave", "remove", "--leave", "-1"), "no leave -1"),
        (("staff", "feed", "9"), "no staff 9"),
        (("staff", "feed", "1", "--new", "--off"), "either --new or --off"),
        (("staff", "set", "--staff", "1"), "what to change"),
        (("staff", "set", "--staff", "9", "--phone", "1"), "no staff 9"),
        (("staff", "set", "--staff", "1", "--name", " "), "1 to 80"),
        (("staff", "set", "--staff", "1", "--speaks", "xx"), "language 'xx'"),
        (("staff", "set", "--staff", "1", "--topic", "cats"), "topic 'cats'"),
        (("staff", "set", "--staff", "1", "--village", ""), "--village"),
        (("staff", "set", "--staff", "1", "--town", "nowhere"), "no such town"),
        (("wall", "add", "--staff", "1", "--tie", "friend", "--name", "张三"), "no such tie"),
        (("wall", "add", "--staff", "1", "--tie", "relative", "--name", " \x07 "), "Give the name"),
        (("wall", "add", "--staff", "1", "--tie", "client", "--name", "x" * 61), "at most 60"),
        (("wall", "add", "--staff", "1", "--tie", "committee"), "which village"),
        (("wall", "add", "--staff", "1", "--tie", "client", "--name", "x", "--village", "v1"), "--tie committee"),
        (("wall", "remove", "--wall", "5"), "no declared tie 5"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_changes_nothing(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert (result.exit_code in {1, 2}, result.stdout) == (True, "")
    assert said in result.stderr
    for listing in (("duty", "list"), ("duty", "pattern", "list"), ("duty", "leave", "list"), ("wall", "list")):
        assert rows(run(*listing, "--json")) == []


def test_the_same_duty_twice_is_refused(run: Run) -> None:
    done(run(*WEEKLY))
    again = run(*WEEKLY[:6], "fri,sat", *WEEKLY[7:])
    assert (again.exit_code, "duty for this place at this time already" in again.stderr) == (1, True)
    done(run("duty", "add", "--staff", "1", "--always"))
    again = run("duty", "add", "--staff", "1", "--from", "2099-01-01", "--to", "2099-01-02")
    assert "already" in again.stderr
