"""The matcher on its own: channels, ranking, thresholds, vectors that come later, entries that are replaced."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.documents import LinesError, PlainDocument, read_documents, read_queries
from faq.grams import Channel, Floats, characters, syllables
from faq.load import load_entries, shipped_folder
from faq.match import Matcher, MatchOutcome, Thresholds
from faq.model import Entry, Risk
from faq.normalise import is_chinese, normalise, plain
from faq.rank import Ranker
from faq.vectors import VectorStore

THRESHOLDS = Thresholds(answer=0.8, careful=0.7, suggest=0.4)
TODAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def entries() -> tuple[Entry, ...]:
    return load_entries(shipped_folder())


@pytest.fixture(scope="module")
def matcher(entries: tuple[Entry, ...]) -> Matcher:
    return Matcher(entries, today=lambda: TODAY, thresholds=THRESHOLDS)


def test_an_entrys_own_words_find_it(matcher: Matcher, entries: tuple[Entry, ...]) -> None:
    chosen = entries[:: len(entries) // 60]
    found = [matcher.match(entry.question, entry.language).candidates[0].entry.id for entry in chosen]
    assert found == [entry.id for entry in chosen]


@pytest.mark.parametrize(
    "text",
    [
        "老板拖欠工资不给怎么办",
        "老闆拖欠工資不給怎麼辦",
        "请问一下，老板拖欠工资不给怎么办啊？谢谢",
        "ＬＡＯ老板拖欠工资不给怎么办",
    ],
)
def test_script_width_and_politeness_make_no_difference(matcher: Matcher, text: str) -> None:
    assert matcher.match(text, "zh").candidates[0].entry.id == "unpaid-wages"


def test_a_word_or_two_never_answers(matcher: Matcher) -> None:
    assert matcher.match("彩礼", "zh").outcome is not MatchOutcome.ANSWER


def test_entries_past_their_review_date_do_not_answer(entries: tuple[Entry, ...]) -> None:
    later = Matcher(entries, today=lambda: date(2099, 1, 1), thresholds=THRESHOLDS)
    assert later.match("老板拖欠工资不给怎么办", "zh").candidates == ()


def test_a_reader_gets_their_language_where_there_is_one(matcher: Matcher) -> None:
    assert matcher.match("老板拖欠工资不给怎么办", "en").candidates[0].entry.language == "en"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_fine(matcher: Matcher, text: str) -> None:
    found = matcher.match(text, "zh")
    assert 0 <= found.confidence <= 1
    assert len(found.candidates) <= 10
    scores = [row.score for row in found.candidates]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("risk", list(Risk))
def test_each_risk_has_its_threshold(risk: Risk) -> None:
    enough = 0.8 if risk is Risk.ANSWER else 0.7
    assert THRESHOLDS.outcome(enough, risk, short=False) is MatchOutcome.ANSWER
    assert THRESHOLDS.outcome(enough - 0.01, risk, short=False) is MatchOutcome.SUGGEST
    assert THRESHOLDS.outcome(0.39, risk, short=False) is MatchOutcome.ESCALATE
    assert THRESHOLDS.outcome(0.99, risk, short=True) is MatchOutcome.SUGGEST


def test_homophones_sound_alike() -> None:
    sounds = Channel([normalise("包办婚姻"), normalise("邻居盖房挡光")], syllables, bm25=False)
    likeness, known = sounds.scores(normalise("包半昏因"))
    assert likeness[0] == pytest.approx(1.0, abs=1e-3)
    assert likeness[1] < 0.3
    assert known == pytest.approx(1.0)


def test_words_nobody_used_are_unknown() -> None:
    words = Channel([normalise("老板欠账不还")], characters(1, 2, 3), bm25=False)
    assert words.scores("卫星频率")[1] == 0
    assert Channel([], characters(1, 2), bm25=True).scores("老板")[0].shape == (0,)


class LetterEncoder:
    """Vectors by which letters a text has: enough to be told apart, and quick."""

    name, edition, width = "use", "test", 512

    def __init__(self) -> None:
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> Floats:
        self.encoded += len(texts)
        found = np.zeros((len(texts), self.width), np.float32)
        for row, text in enumerate(texts):
            for character in text:
                found[row, ord(character) % self.width] += 1
        return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9), np.float32)


def _documents(count: int) -> list[PlainDocument]:
    return [PlainDocument(id=str(number), question=f"第{number}件事怎么办", answer="去问") for number in range(count)]


def test_a_kept_index_ranks_as_a_new_one(tmp_path: Path) -> None:
    made = Ranker(_documents(20), tmp_path).rank("第7件事怎么办")
    kept = Ranker(_documents(20), tmp_path)
    assert kept.rank("第7件事怎么办") == made == Ranker(_documents(20)).rank("第7件事怎么办")
    assert Ranker(_documents(30), tmp_path).rank("第25件事怎么办").candidates[0].id == "25"


@pytest.mark.parametrize("damage", [b"", b"PK rubbish", None])
def test_a_damaged_index_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    Ranker(_documents(20), tmp_path)
    [file] = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert Ranker(_documents(20), tmp_path).rank("第7件事怎么办").candidates[0].id == "7"
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_keeps_no_index(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert Ranker(_documents(20), tmp_path / "file").rank("第7件事怎么办").candidates[0].id == "7"


def test_vectors_come_when_they_are_ready_and_are_kept(tmp_path: Path) -> None:
    encoder = LetterEncoder()
    ranker = Ranker(_documents(20))
    assert not ranker.index.encoders
    ranker.add([VectorStore(encoder, tmp_path)])
    assert ranker.index.encoders == ("use",)
    assert ranker.rank("第7件事怎么办").candidates[0].id == "7"
    first = encoder.encoded
    again = LetterEncoder()
    Ranker(_documents(20)).add([VectorStore(again, tmp_path)])
    assert first >= 40
    assert again.encoded == 0


@pytest.mark.parametrize("junk", [b"", b"no archive", b"PK\x03\x04half"])
def test_a_damaged_cache_is_only_lost_time(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / "vectors-use-test.npz").write_bytes(junk)
    store = VectorStore(LetterEncoder(), tmp_path)
    assert store.of_texts(["老板", "邻居"]).shape == (2, 512)
    assert VectorStore(LetterEncoder(), tmp_path).of_texts(["老板"]).shape == (1, 512)


def test_entries_are_replaced_while_others_ask(entries: tuple[Entry, ...]) -> None:
    matcher = Matcher(entries[:40], today=lambda: TODAY, thresholds=THRESHOLDS)
    answers: list[int] = []
    stop = threading.Event()

    def asks() -> None:
        while not stop.is_set():
            answers.append(len(matcher.match(entries[0].question, "zh").candidates))

    asking = threading.Thread(target=asks)
    asking.start()
    for size in (10, 30, 20):
        matcher.replace(entries[:size])
    stop.set()
    asking.join()
    assert len(matcher.entries) == 20
    assert all(answers)


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("我家的地", True),
        ("my boss in 石庄村 does not pay me at all", False),
        ("打 12348", True),
        ("", False),
        ("WTO规则", True),
    ],
)
def test_the_language_of_a_text(text: str, chinese: bool) -> None:
    assert is_chinese(text) is chinese


def test_lexicon_words_are_replaced_once() -> None:
    assert normalise("屋基地") == "宅基地"
    assert plain("Ａ\u200bＢ 測試") == "ab 测试"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not JSON"),
        ("[]", "valid"),
        ('{"id": "a"}', "question"),
        ('{"id": "", "question": "x"}', "id"),
        ("[" * 9999, "not JSON"),
    ],
)
def test_a_bad_line_of_a_knowledge_base_is_named(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "kb.jsonl"
    path.write_text('{"id": "1", "question": "好"}\n' + line + "\n")
    with pytest.raises(LinesError, match=r"kb\.jsonl:2") as raised:
        read_documents(path)
    assert says in str(raised.value)


def test_files_that_are_no_lines_of_json(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    with pytest.raises(LinesError, match="cannot be read"):
        read_queries(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LinesError, match="cannot be read"):
        read_queries(path)
    path.write_text('{"id": 1, "text": "好"}\n\n')
    assert [query.id for query in read_queries(path)] == ["1"]
    path.write_text('{"id": "1", "question": "a"}\n{"id": "1", "question": "b"}\n')
    with pytest.raises(LinesError, match="twice"):
        read_documents(path)
