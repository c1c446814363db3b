"""An entry as the villager reads it: one place, for the answer, for a recall and for the desk's own look."""

from __future__ import annotations

from faq.laws import revised
from faq.model import Entry, Risk
from handlers.turn import House


def answer_text(entry: Entry, language: str, house: House) -> str:
    """The whole text of an entry in the reader's language; it says by itself when a law it cites was revised."""
    return house.wording.say(
        "answer.entry",
        language,
        entry=entry,
        translated=entry.language == language,
        offer_person=entry.risk is Risk.ANSWER_AND_OFFER_PERSON,
        careful=entry.risk is Risk.NEVER_AUTOMATIC,
        revised=revised(entry),
    )
