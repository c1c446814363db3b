"""Ages and lateness in the words of people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handlers.rules.clocks import in_words, late_by

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=-5), (0, "minutes")),
        (timedelta(seconds=59), (0, "minutes")),
        (timedelta(minutes=59, seconds=59), (59, "minutes")),
        (timedelta(hours=1), (1, "hours")),
        (timedelta(hours=47, minutes=59), (47, "hours")),
        (timedelta(hours=48), (2, "days")),
        (timedelta(days=400), (400, "days")),
    ],
)
def test_a_span_in_words(span: timedelta, words: tuple[int, str]) -> None:
    assert in_words(span) == words


def test_late_only_while_nobody_has_answered() -> None:
    hour = timedelta(hours=1)
    assert late_by(NOW - hour, None, NOW) == hour
    assert late_by(NOW, None, NOW) is None
    assert late_by(NOW + hour, None, NOW) is None
    assert late_by(NOW - hour, NOW, NOW) is None
