"""The gate of a release: matching may get better, not worse. Held-out questions, by words alone (the slower half that
uses sentence vectors is `doorstep faq eval --most-wrong`)."""

from __future__ import annotations

from datetime import date

from bot.app import thresholds_of
from bot.config import Config
from faq.evaluate import figures, judge
from faq.load import load_entries, shipped_folder
from faq.match import Matcher
from faq.questions import labelled_questions

MOST_WRONG, MOST_WITHOUT, LEAST_FIRST, LEAST_THIRD = 0.18, 0.04, 0.58, 0.80
"""As measured at the last release, rounded to the side of safety."""


def test_matching_is_no_worse_than_at_the_last_release() -> None:
    matcher = Matcher(
        load_entries(shipped_folder()), today=lambda: date(2026, 11, 25), thresholds=thresholds_of(Config())
    )
    found = figures(judge((row for row in labelled_questions() if row.split == "test"), matcher.match))
    assert found.wrong_answers is not None
    assert found.wrong_answers <= MOST_WRONG, found
    assert found.answered_without is not None
    assert found.answered_without <= MOST_WITHOUT, found
    assert found.top1 is not None
    assert found.top1 >= LEAST_FIRST, found
    assert found.recall3 is not None
    assert found.recall3 >= LEAST_THIRD, found
