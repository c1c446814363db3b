"""Whether an entry reads at a glance for a person with primary schooling, and says all it should.

Not an error at load: a lawyer's import with a long sentence still works. `doorstep faq check` lists the offenders, and
the entries that come with the product have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from faq.model import Entry

LONGEST_SENTENCE = {"zh": 40, "en": 30}
"""In Chinese characters, and in English words."""
ANSWER_SENTENCES = 2
PHRASINGS = 5
_ENDS = {"zh": re.compile(r"[。！？；!?;\n]+"), "en": re.compile(r"(?<=[.!?;])\s+|\n+")}
_HAN = re.compile(r"[\u3400-\u9fff]")
_EXPLAINS = re.compile(r"^[」”》]?(（|\(|，?就是|，?也就是|，?是指|：)")


class _Terms(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: tuple[str, ...]
    en: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QualityProblem:
    """`kind`: 'long_sentence', 'long_answer', 'few_phrasings', 'unexplained_term', 'no_steps', 'no_where'."""

    entry_id: str
    language: str
    field: str
    kind: str
    found: str


@cache
def _terms() -> _Terms:
    path = Path(__file__).parent / "terms.yaml"
    return _Terms.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def sentences(text: str, language: str) -> list[str]:
    """The sentences of a text, without their end marks."""
    return [part.strip() for part in _ENDS[language].split(text) if part.strip()]


def length(sentence: str, language: str) -> int:
    """Chinese characters, or English words."""
    return len(_HAN.findall(sentence)) if language == "zh" else len(sentence.split())


def check_quality(entries: Iterable[Entry]) -> tuple[QualityProblem, ...]:
    """Every place where an entry is hard to read or incomplete."""
    return tuple(problem for entry in entries for problem in _problems(entry))


def _problems(entry: Entry) -> list[QualityProblem]:
    def problem(field: str, kind: str, found: str) -> QualityProblem:
        return QualityProblem(entry.id, entry.language, field, kind, found)

    fields = [("answer", entry.answer), ("explanation", entry.explanation)]
    fields += [("steps", step) for step in entry.steps] + [("where", entry.where)]
    problems = [
        problem(field, "long_sentence", sentence)
        for field, text in fields
        for sentence in sentences(text, entry.language)
        if length(sentence, entry.language) > LONGEST_SENTENCE[entry.language]
    ]
    if len(re.findall(r"[。！？]|[.!?](?=\s|$)", entry.answer)) > ANSWER_SENTENCES:
        problems.append(problem("answer", "long_answer", entry.answer))
    if len(entry.phrasings) < PHRASINGS:
        problems.append(problem("phrasings", "few_phrasings", str(len(entry.phrasings))))
    if not entry.steps:
        problems.append(problem("steps", "no_steps", ""))
    if not entry.where:
        problems.append(problem("where", "no_where", ""))
    whole = "\n".join(text for _, text in fields)
    for term in getattr(_terms(), entry.language):
        at = whole.find(term)
        if at >= 0 and not _EXPLAINS.match(whole[at + len(term) : at + len(term) + 4].lstrip()):
            problems.append(problem("text", "unexplained_term", term))
    return problems
