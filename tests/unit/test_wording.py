"""The wording: the same texts in each language, each renders, each is in its own language; choice ids fit."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from jinja2 import Environment, nodes

from bot.config import NumbersConfig
from bot.desk.service import SHOWN
from faq.deadlines import Unit, load_deadlines
from faq.emergency import EmergencyKind
from faq.laws import load_revisions
from faq.load import load_entries, shipped_folder
from faq.model import Risk, Topic
from handlers.advising import CLOSE_OUTCOMES
from handlers.calls import REASONS as CALL_REASONS
from handlers.commands import menu
from handlers.dispatch import CHOICES
from handlers.messages import Option
from handlers.rules.conflict import SIDES
from handlers.rules.deadlines import Doubt, Due, articles, compute
from handlers.rules.entry_form import FIELDS
from handlers.rules.review import DECIDING_ROLES
from handlers.rules.routing import REACHES
from handlers.rules.service import Kind, Step
from handlers.ties import TIES
from handlers.wording import LANGUAGES, Wording
from storage.tables import CaseStatus, Delivery, EntryStatus

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "handlers" / "wording"
SUBJECTS = sorted(path.stem for path in (FOLDER / "zh").glob("*.j2"))
MOMENT = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
HISTORY = [("villager", "text", "村里的事", MOMENT), ("staff", "photo", "", MOMENT), ("villager", "odd", "x", MOMENT)]
NAMES = list(NumbersConfig().model_dump().items())
ENTRIES = {
    language: [row for row in load_entries(shipped_folder()) if row.language == language][:2] for language in LANGUAGES
}
DEADLINES = {row.id: row for row in load_deadlines()}
REVISIONS = load_revisions()


def due(
    matter: str,
    trigger: str,
    today: str = "",
    *,
    longest_from: str = "",
    demand: str = "",
    obstacle: tuple[str, str] | None = None,
    right_known: str = "",
) -> Due:
    """A limit as it is really worked out; seen from its first day unless `today` is given."""
    day = date.fromisoformat
    return compute(
        DEADLINES[matter], day(trigger), today=day(today or trigger),
        longest_from=day(longest_from) if longest_from else None, demands=[day(demand)] if demand else [],
        obstacles=[(day(obstacle[0]), day(obstacle[1]) if obstacle[1] else None)] if obstacle else [],
        right_known=day(right_known) if right_known else None,
    )  # fmt: skip


DUES = [
    *(compute(row, row.example.start, today=row.example.start) for row in DEADLINES.values()),
    due("civil-claim", "2023-05-02", "2026-04-28"),  # four days left
    due("civil-claim", "2023-05-02", "2026-05-01"),  # one
    due("civil-claim", "2023-05-02", "2026-05-02"),  # none, and not past: it moves for a holiday
    due("civil-claim", "2023-05-02", "2026-05-07"),  # past
    due("civil-claim", "2023-06-01", longest_from="2006-06-10"),  # within the longest limit
    due("civil-claim", "2024-06-01", longest_from="2006-06-20"),  # capped by it, on a day off
    due("reconsideration", "2026-01-05", "2026-01-21", longest_from="2021-01-20"),  # capped and past
    due("work-injury-employer", "2026-09-01"),  # a holiday that may not move it
    due("traffic-review", "2026-02-12"),  # over a make-up weekend
    due("appeal-judgment", "2038-04-16"),  # an unpublished year
    due("labour-arbitration", "2025-03-31", "2026-11-25", demand="2026-03-01"),  # started anew
    due("labour-arbitration", "2023-03-31", "2026-11-25", demand="2026-11-02"),  # a demand after the end
    due("possession", "2025-06-20", "2026-11-25", demand="2025-07-01"),  # a demand that does not help
    due("civil-claim", "2023-05-02", "2026-11-25", obstacle=("2026-03-01", "2026-04-10")),  # six months after it
    due("reconsideration", "2026-03-02", "2026-11-25", obstacle=("2026-04-01", "2026-04-11")),  # days given back
    due("civil-claim", "2023-05-02", "2026-11-25", obstacle=("2026-03-01", "")),  # an obstacle that goes on
    due("possession", "2025-06-20", "2026-11-25", obstacle=("2026-01-01", "2026-06-01")),  # one that does not help
    due("reconsideration", "2026-01-05", "2026-11-25", right_known="2026-11-25"),  # nobody told of the right
]
"""Limits of every row, and one for every condition and doubt."""

FOLLOW_UPS = ("answer", "closed", "later", "performance", "remind")
CALL_ROW = {
    "number": 12, "village": "东坡村", "phone": "", "words": "村民的话",
    "reason": "silent", "since": date(2026, 11, 27),
}  # fmt: skip

VALUES: dict[str, list[Any]] = {
    "absent": [False, True],
    "clock_kind": list(Kind),
    "granted": [False, True],
    "late": [False, True],
    "numbers_waiting": [[1], [1, 2]],
    "own": [False, True],
    "since": [MOMENT],
    "state": ["running", "late", "paused"],
    "step": list(Step),
    "told": [["赵主任"], ["赵主任", "孙科长"]],
    "until": [MOMENT],
    "adviser": ["王海", ""],
    "asked": [MOMENT],
    "author": ["", "王海"],
    "before": ["", "原来的话"],
    "by": [MOMENT],
    "careful": [False, True],
    "contact": ["", "neutral", "none", "stopped"],
    "fault": ["no_date", "past", "too_far", "too_many", "no_words", "too_long"],
    "hour": [9, 12, 19],
    "more": [0, 3],
    "phone": ["", "13800000000"],
    "place": [1],
    "topic": ["labour", "injury", "loans", "consumers", ""],
    "words": ["", "村民的话"],
    "yes": [True, False],
    "cases": [
        [],
        [
            (number, status, "王海", MOMENT, by)
            for number, status in enumerate(CaseStatus)
            for by in (None, ("answer", MOMENT), ("result", MOMENT), ("wait", MOMENT))
        ],
    ],
    "channel": ["web"],
    "count": [1, 3],
    "county": ["示范县", ""],
    "day": [date(2026, 11, 27), date(2038, 2, 1)],
    "days": [90],
    "due": [MOMENT],
    "ending": list(CLOSE_OUTCOMES),
    "file_missing": [False, True],
    "first": [date(2026, 1, 18)],
    "found": ["400", "unpaid-wages"],
    "handed_over": [0, 3],
    "history": [[], HISTORY],
    "id": ["7"],
    "kept": [False, True],
    "kind": ["text", "photo", "voice", "document", "location", "contact", *EmergencyKind],
    "known": [False, True],
    "last": [None, date(2026, 2, 16)],
    "laws": [articles(row) for row in DEADLINES.values()] + [(("民法典", ("1", "133-1")), ("刑法", ("20",)))],
    "left": [-1, 0, 1, 6, 30],
    "legal": ["12348"],
    "length": [1, 3],
    "limit": [10_000],
    "megabytes": [10],
    "mine": [[], [(1, MOMENT)]],
    "moment": [MOMENT],
    "month": [1, 12],
    "name": ["王海", "", "waiting", "claimed", "closed"],
    "next_duty": [None, MOMENT],
    "not_solved": [0, 3],
    "number": [None, 12],
    "numbers": [[], NAMES],
    "offer_person": [False, True],
    "offered": [[], ["欠工资怎么办"]],
    "others": [False, True],
    "past": [False, True],
    "on": [date(2026, 11, 27)],
    "outcome": list(Delivery),
    "planned": [False, True],
    "police": ["110"],
    "problem": ["too_large", "unavailable"],
    "question": ["老板不给钱"],
    "reason": ["not_found", "not_solved", "asked", "never_automatic", "emergency", "attachment", "deadline", "no_day"],
    "title": ["", "老板拖欠工资怎么办"],
    "reminds": [False, True],
    "reopened": [0, 2],
    "reviewer": ["", "王海", "李梅"],
    "revised": [(), REVISIONS[:1], REVISIONS],
    "said": ["字"],
    "section": ["waiting", "mine", "closed"],
    "solved": [0, 3],
    "span": [(0, "minutes"), (3, "hours"), (1, "days"), (1, "hours")],
    "stars": [5],
    "status": list(CaseStatus),
    "summary": ["案件"],
    "text": ["", "村民的话"],
    "today": [MOMENT.date(), date(2026, 11, 23)],
    "translated": [True, False],
    "unit": list(get_args(Unit)),
    "unknown": [False, True],
    "urgent": [False, True],
    "village": ["东坡村", ""],
    "waiting": [[], [(1, MOMENT, False), (2, MOMENT, True)]],
    "what": ["claim", "reply", "close"],
    "withdrawn": [False, True],
    "year": [2026],
    "about": ["", "12345"],
    "colleague": ["陈静"],
    "giver": ["王海"],
    "starts": [MOMENT],
    "ends": [MOMENT, datetime(2026, 11, 25, 9, 5, tzinfo=UTC)],
    "kept_numbers": [[], [1, 2]],
    "left_out": [[], [("马强", "committee")]],
    "lines": [[], ["一行"]],
    "on_call": [False, True],
    "opponent": ["", "张三"],
    "party": ["", "李四"],
    "side": ["", *SIDES],
    "week": [[0], [0, 5, 6]],
}
"""Sample values of every parameter, by its name; both sides of each condition."""

FACTS: list[dict[str, Any]] = [
    {},
    {"presence": "now", "reach": "village", "topic": True, "language": True, "load": 2},
    {"presence": "off", "reach": "county", "load": 0, "finds": True},
    {"reason": "relative"},
    {"to": "工会"},
]

NAMES_OF_STATES: dict[tuple[str, str], dict[str, list[Any]]] = {
    ("answer", "role"): {"name": [*sorted(DECIDING_ROLES), "王海"]},
    ("deadline", "doubt"): {"due": DUES},
    **{
        ("limit", name): {
            "ask": ["1?"], "matter": ["12348", ""], "act": ["12348"], "explanation": ["1"],
            "doubt": ["", "1"], "article": ["1"], "near": [[], [("a", "1"), ("b", "2")]],
            "trigger": ["1"],
            "counted": [date(2026, 11, 27), date(2026, 11, 25)],
            "limits": [
                [("1", date(2026, 11, 27), date(2026, 11, 25), left, left < -1) for left in (-2, -1, 0, 9)]
                + [("1", date(2026, 11, 27), date(2026, 11, 27), 1, False), ("2", None, None, 0, False)]
            ],
        }
        for name in (
            "ask", "matter_button", "done_named", "kept_already", "shown", "done", "reminder", "calendar_title", "mine",
            "noted", "no_matter", "ask_longest", "remaining",
        )
    },
    ("limit", "held"): {"kind": ["none", "six_months"]},
    ("limit", "row"): {
        "name": ["1"], "day": [None, date(2026, 11, 27)], "counted": [date(2026, 11, 27), date(2026, 11, 25)],
    },
    ("deadline", "explanation"): {"due": DUES},
    ("calls", "told"): {"reason": list(CALL_REASONS)},
    ("calls", "why"): {"reason": list(CALL_REASONS)},
    ("calls", "row"): {"reason": list(CALL_REASONS)},
    ("calls", "list"): {"rows": [[], [CALL_ROW], [CALL_ROW, CALL_ROW]]},
    ("follow_ups", "kind"): {"kind": list(FOLLOW_UPS)},
    ("follow_ups", "yes"): {"kind": ["later", "performance", "remind"]},
    ("follow_ups", "no"): {"kind": ["later", "performance", "remind"]},
    ("follow_ups", "told"): {"kind": list(FOLLOW_UPS)},
    ("follow_ups", "mine"): {"rows": [[(MOMENT.date(), kind, number)] for kind in FOLLOW_UPS for number in (None, 12)]},
    ("follow_ups", "perform_planned"): {"days": [[date(2026, 12, 20)], [date(2026, 12, 20), date(2027, 1, 20)]]},
    ("follow_ups", "state"): {"state": ["planned", "asked", "answered", "silent", "dropped"]},
    ("wishes", "safe_set"): {"contact": ["", "neutral", "none"]},
    ("desk", "status"): {"name": ["waiting", "claimed", "closed"]},
    ("desk", "ending"): {"name": list(CLOSE_OUTCOMES)},
    ("knowledge", "asked_lately"): {"count": [0, 1, 3]},
    ("knowledge", "count"): {"count": [0, 1, 3]},
    ("knowledge", "counts"): {"asked": [1, 3]},
    ("knowledge", "draft_from_reply"): {"number": [12]},
    ("knowledge", "fault"): {
        "kind": [
            "missing", "too_long", "pattern", "choice", "date", "dates", "source", "formula", "wrong", "taken",
            "no_entry", "no_deadline", "past", "future", "old_law",
        ]
    },
    ("knowledge", "field"): {"name": list(FIELDS)},
    ("knowledge", "hint"): {"name": list(FIELDS)},
    ("knowledge", "language"): {"name": list(LANGUAGES)},
    ("knowledge", "mark"): {"name": ["past", "soon"]},
    ("knowledge", "no_open_already"): {"id": ["unpaid-wages"]},
    ("knowledge", "risk"): {"name": list(Risk)},
    ("knowledge", "status"): {"name": ["shipped", *EntryStatus]},
    ("knowledge", "topic"): {"name": list(Topic)},
    ("hand", "reason"): {
        "kind": ["owned", "walled", "moved_on", "referred", "transfer_lapsed"], "facts": FACTS,
        "left_out": [[], [("马强", "committee")]],
    },
    **{("hand", name): {"to": ["asked", "asking", "other"]} for name in ("unanswered", "lapsed")},
    ("hand", "presence"): {"name": ["now", "on_call", "next", "off"]},
    ("hand", "reach"): {"name": list(REACHES)},
    ("hand", "kept_out"): {"name": ["other_side", "committee", "relative", "client", "refused"]},
    ("roster", "gaps"): {"rows": [[(MOMENT, MOMENT, ["东坡村"] * count)] * count for count in (1, 13)]},
    ("roster", "get_well"): {"numbers": [[], [3, 4]]},
    ("roster", "director_sick"): {"numbers": [[], [3, 4]]},
    ("roster", "listed"): {"numbers": [[3], [3, 4]]},
    ("roster", "leave_reason"): {"name": ["leave", "sick", "swap"]},
    ("roster", "swap_row"): {"state": ["asked", "accepted", "refused"], "name": ["王海"]},
    ("roster", "feed_duty"): {"place": ["", "1"]},
    ("plan", "no_topic"): {"known": [["family", "land"]]},
    ("plan", "tie"): {"name": list(TIES)},
    ("plan", "mine"): {
        "duties": [[], [(MOMENT, MOMENT)]], "leaves": [[], [("sick", MOMENT, MOMENT), ("swap", MOMENT, MOMENT)]],
    },
    **{("plan", name): {"numbers": [[], [3, 4]]} for name in ("you_are_off", "director_leave")},
    ("wall", "nobody_may"): {"keeper": ["孙科长"], "opens": [None, MOMENT]},
    ("wall", "side_name"): {"name": [*SIDES, "unsaid", "", "张三"]},
    ("service", "broken"): {
        "kind": ["first_answer", "reopening", "result"], "told": [[], ["赵主任"], ["赵主任", "孙科长"]],
    },
    ("service", "done"): {"what": ["wait", "extend", "decide"]},
    ("service", "event"): {
        "kind": [*sorted(SHOWN), "odd"], "reason": ["wrote", "limit"], "name": ["王海", ""], "by": ["赵敏"],
    },
    ("service", "warning"): {"kind": list(Kind)},
    ("service", "what"): {"kind": list(Kind)},
    ("service", "running"): {"kind": list(Kind)},
}  # fmt: skip
"""Parameters whose values depend on the text."""

COMMANDS = re.compile(r"/[a-z]+|doorstep desk link --staff|Language|MB|#\d+")
"""What stands in every language as it is: commands, and words that say themselves."""
TITLES = {source.law for row in DEADLINES.values() for source in row.sources} | {row.law for row in REVISIONS}
LAWS = re.compile("|".join(re.escape(title) for title in sorted(TITLES, key=len, reverse=True)))
"""Laws are cited by their own title in every language, brackets and all."""


@cache
def macros(language: str) -> dict[str, list[str]]:
    """Every text of a language with its parameters."""
    found = {}
    for subject in SUBJECTS:
        source = (FOLDER / language / f"{subject}.j2").read_text(encoding="utf-8")
        for macro in Environment().parse(source).find_all(nodes.Macro):
            found[f"{subject}.{macro.name}"] = [argument.name for argument in macro.args]
    return found


WORDING = Wording()


def renderings(key: str, language: str) -> Iterator[str]:
    """A text with sample values: from either end of every list, each parameter through all of its values."""
    subject, _, name = key.partition(".")
    parameters = macros(language)[key]
    entries = ENTRIES[language]
    samples = VALUES | {"entry": entries, "answer": [entry.answer for entry in entries]}
    samples |= NAMES_OF_STATES.get((subject, name), {})
    values = [samples[parameter] for parameter in parameters]
    for end in (0, -1):
        base = {parameter: row[end] for parameter, row in zip(parameters, values, strict=True)}
        yield WORDING.say(key, language, **base)
        for parameter, row in zip(parameters, values, strict=True):
            for value in row:
                yield WORDING.say(key, language, **base | {parameter: value})


def test_both_languages_have_the_same_subjects_and_texts_with_the_same_parameters() -> None:
    assert set(LANGUAGES) == {path.name for path in FOLDER.iterdir() if path.is_dir() and path.name[0] != "_"}
    assert sorted(path.stem for path in (FOLDER / "en").glob("*.j2")) == SUBJECTS
    assert macros("zh") == macros("en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_text_renders_in_its_own_language(subject: str, language: str) -> None:
    for key in macros(language):
        if not key.startswith(f"{subject}."):
            continue
        for text in renderings(key, language):
            own = LAWS.sub("", COMMANDS.sub("", text))
            if language == "zh":
                assert not re.search(r"[A-Za-z]{2,}(?:[ ,']+[A-Za-z]+){2,}", own), f"{key}: {text}"
            elif key != "menu.language":
                assert not re.search(r"[，。！？：；、（）“”【】]", own), f"{key}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_is_always_said_is_empty(language: str) -> None:
    sometimes = {
        "advise.what",
        "follow_ups.how",
        "common.numbers",
        "case.correction",
        "deadline.doubt",
        "knowledge.hint",
    }
    for key in macros(language).keys() - sometimes:
        assert all(text.strip() for text in renderings(key, language)), key


def test_the_sample_limits_show_every_condition() -> None:
    assert {doubt for found in DUES for doubt in found.doubts} == set(get_args(Doubt))
    said = {(found.past, found.urgent, found.days_left > 0) for found in DUES if not found.capped}
    assert said >= {(True, True, False), (False, True, True), (False, True, False), (False, False, True)}
    assert {found.row.unit for found in DUES} == set(get_args(Unit))


def test_an_unknown_text_is_an_error_and_an_unknown_language_is_chinese() -> None:
    with pytest.raises(LookupError, match=r"start\.nonsense"):
        Wording().say("start.nonsense", "zh")
    assert Wording().say("start.greeting", "fr") == Wording().say("start.greeting", "zh")


class WithoutLog(ast.NodeTransformer):
    """Takes what is said to the log out of code: `log.error(...)`, or `level(...)` after `level = log.error`."""

    def __init__(self, tree: ast.Module) -> None:
        self._levels = {
            target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and self._is_level(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def _is_level(self, node: ast.expr) -> bool:
        match node:
            case ast.Attribute(value=ast.Name(id="log")):
                return True
            case ast.IfExp(body=one, orelse=other):
                return self._is_level(one) and self._is_level(other)
        return False

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if self._is_level(node.func) or (isinstance(node.func, ast.Name) and node.func.id in self._levels):
            return ast.Constant(None)
        return self.generic_visit(node)


def without_log(path: Path) -> str:
    """A source file as it is, but a Python file without what it logs: the names of events look like those of texts."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return source
    tree = ast.parse(source)
    return ast.unparse(WithoutLog(tree).visit(tree))


def used_texts() -> dict[str, str]:
    """Every text named in code or templates, with a place that names it."""
    name = re.compile(rf"[\"']((?:{'|'.join(SUBJECTS)})\.[a-z_]+)[\"']")
    files = [*ROOT.glob("handlers/**/*.py"), *ROOT.glob("bot/**/*.py"), *ROOT.glob("bot/**/*.html")]
    return {key: str(path) for path in files for key in name.findall(without_log(path))}


def test_every_text_that_is_asked_for_is_there() -> None:
    not_texts = {"calls.html", "chat.html", "desk.html", "case.html", "roster.html", "desk.js", "advise.close_"}
    missing = {key: place for key, place in used_texts().items() if key not in macros("zh") and key not in not_texts}
    assert not missing


def test_every_menu_entry_is_short_enough_for_a_platform_s_menu() -> None:
    for rows in menu(Wording()).values():
        assert all(1 <= len(description) <= 256 and re.fullmatch(r"[a-z]{1,32}", name) for name, description in rows)


WIDEST = {
    "case.id": str(2**31), "row.id": str(2**31), "member.id": str(2**31),
    "call.id": str(2**31), "row['id']": str(2**31),
    "hour": "19", "number": str(2**31), "mine[-1].id": str(2**31), "stars": "5", "language": "zh",
    "ending": max(CLOSE_OUTCOMES, key=len), "code": "v" * 40, "village.code": "v" * 40, "entry.id": "e" * 48,
    "other.id": "e" * 48, "row.entry.id": "e" * 48, "question.entry_id": "e" * 48, "side": "government",
    "start": "9" * 10, "end": "9" * 10, "limit.id": str(2**31), "day": "2026-03-05",
    "about": "longest",
}  # fmt: skip
"""The longest value of what stands in a choice's id; `faq.model.EntryId` has at most 48 characters."""


def choice_ids() -> Iterator[tuple[str, str]]:
    """Every choice id that handlers make, at its longest, with its place."""
    for path in ROOT.glob("handlers/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"option", "Option"} and (made := _longest(node.args[0])) is not None:
                yield made, f"{path.name}:{node.lineno}"


def _longest(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(str() as value):
            return value
        case ast.JoinedStr(parts):
            return "".join(
                WIDEST[ast.unparse(part.value)] if isinstance(part, ast.FormattedValue) else ast.literal_eval(part)
                for part in parts
            )
    return None


def test_every_choice_id_is_carried_by_every_platform_and_means_something() -> None:
    found = list(choice_ids())
    assert len(found) > 15
    for made, place in found:
        Option(made, "x")
        assert made.partition(":")[0] in CHOICES, place
    assert {made.partition(":")[0] for made, _ in found} == set(CHOICES)


def test_every_entry_of_the_knowledge_base_can_stand_on_a_button() -> None:
    for entry in load_entries(shipped_folder()):
        Option(f"entry:{entry.id}", entry.question)
