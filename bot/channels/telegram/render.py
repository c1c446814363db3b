"""Our buttons as rows of an inline keyboard. Pure."""

from __future__ import annotations

from handlers.messages import Option

WIDEST_ROW = 24
"""How many half-width characters fit beside each other on a narrow phone."""


def rows(choices: tuple[Option, ...]) -> list[list[Option]]:
    """Buttons in rows: short ones beside each other, long ones alone, in their order."""
    lines: list[list[Option]] = []
    for option in choices:
        if lines and sum(map(_width, lines[-1])) + _width(option) <= WIDEST_ROW:
            lines[-1].append(option)
        else:
            lines.append([option])
    return lines


def _width(option: Option) -> int:
    """Half-width characters of a label, with the button's own margin."""
    return 2 + sum(2 if character > "\u2e7f" else 1 for character in option.label)
