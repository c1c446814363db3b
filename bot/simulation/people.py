"""How villagers and staff of a simulation behave: what each does on hearing a message, and how long after.

Nobody here knows more than the message shows: its words, its buttons, and whether a person wrote it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.simulation.county import CHANNEL, OPENS, County, Member
from bot.simulation.plan import Arrival
from handlers.messages import Choice, Command, Event, Text
from storage.tables import Message, Role

__all__ = ["CHANNEL", "Adviser", "Deeds", "Villager"]

MORE = ("我还有一张收据，要不要给你看？", "对方今天又来找我了。", "谢谢，我先去问问。", "这个要交多少钱？")
ANSWERS = ("先把合同和收据收好，明天带到站里来。", "这件事可以先调解。我来约对方。", "可以申请法律援助，我帮你填表。")
ENDINGS = ("answered", "answered", "answered", "legal_aid", "mediation", "referred")

ACCEPTS = ("accept", "accepted", "yes", "take")
"""How the id of a button ends with which one colleague says yes to another."""


class Deeds(Protocol):
    """What people do to the world: at a moment, a chat sends an event."""

    def later(self, at: datetime, chat: str, event: Event) -> None: ...


def after(chance: Random, minutes: float, spread: float = 1.0) -> timedelta:
    """A delay around a median, with the long tail that people's delays have; at least 5 seconds."""
    return timedelta(seconds=max(5.0, 60 * minutes * math.exp(chance.gauss(0, spread))))


@dataclass(slots=True)
class Villager:
    """Somebody of a village, with a chat of their own. Their chance is their own too."""

    chat: str
    chance: Random
    known: bool = False

    def arrives(self, arrival: Arrival, county: County, world: Deeds) -> None:
        """A question comes up: the first time most scan the poster, some just write."""
        at = arrival.at
        if not self.known:
            self.known = True
            if self.chance.random() < 0.8:
                world.later(at, self.chat, Command("start", f"v_{county.codes[arrival.village]}"))
                at += after(self.chance, 1.5, 0.4)
        world.later(at, self.chat, Text(arrival.text))

    def hears(self, message: Message, now: datetime, county: County, world: Deeds, *, unasked: bool) -> None:
        """Press something, write something, or do nothing. `unasked`: the message came by the clock."""
        choice = self._choice([row[0] for row in message.choices], county, unasked=unasked)
        if choice:
            delay = after(self.chance, 90 if unasked else 1.5, 1.2 if unasked else 0.5)
            world.later(now + delay, self.chat, Choice(choice, on=message.remote_id))
        elif message.author == "staff" and self.chance.random() < 0.35:
            world.later(now + after(self.chance, 20), self.chat, Text(self.chance.choice(MORE)))
        elif message.case_id and not message.choices and self.chance.random() < 0.1:
            world.later(now + after(self.chance, 30), self.chat, Text(self.chance.choice(MORE)))

    def _choice(self, choices: list[str], county: County, *, unasked: bool) -> str:
        """What they press; '' for nothing."""
        draw = self.chance.random()
        if "lang:zh" in choices:
            return "lang:zh"
        if "consent:yes" in choices:
            return "consent:yes" if draw < 0.97 else ""
        if "village:skip" in choices:
            return f"village:{county.codes[int(self.chat.split('-')[1])]}" if draw < 0.8 else "village:skip"
        if "solved:yes" in choices:
            return self._solved(draw, unasked=unasked)
        if "none" in choices:
            return choices[0] if draw < 0.6 else "none" if draw < 0.85 else ""
        if "rate:5" in choices:
            return f"rate:{self.chance.choice((3, 4, 4, 5, 5, 5))}" if draw < 0.5 else ""
        others = [
            choice for choice in choices if choice.partition(":")[0] not in {"person", "village", "case", "entry"}
        ]
        return self.chance.choice(others) if others and draw < 0.7 else ""

    @staticmethod
    def _solved(draw: float, *, unasked: bool) -> str:
        if unasked:
            return "solved:yes" if draw < 0.4 else "solved:no" if draw < 0.6 else ""
        return "solved:yes" if draw < 0.35 else "solved:no" if draw < 0.45 else "person" if draw < 0.52 else ""


@dataclass(slots=True)
class Adviser:
    """A member of staff: claims, answers, closes; mostly in working hours, unless called at night."""

    member: Member
    chance: Random
    zone: ZoneInfo

    def begins(self, now: datetime, world: Deeds) -> None:
        """Coming on duty: most look at what waits."""
        if not self.member.silent and self.chance.random() < 0.8:
            self._does(now + after(self.chance, 10, 0.5), Command("cases"), world)

    def hears(self, message: Message, now: datetime, world: Deeds) -> None:
        """Answer a page, work on a case, say yes to a colleague."""
        if self.member.silent:
            return
        choices = [row[0] for row in message.choices]
        claims = [choice for choice in choices if choice.startswith("case:") and choice.endswith(":claim")]
        if claims:
            self._claims(claims, message, now, world)
        elif any(":close:" in choice for choice in choices) and message.case_id:
            self._works(message, choices, now, world)
        elif yes := [choice for choice in choices if choice.rpartition(":")[2] in ACCEPTS]:
            self._does(now + after(self.chance, 30), Choice(yes[0], on=message.remote_id), world)
        elif message.case_id and not choices and self.chance.random() < 0.5:
            self._answers(message.case_id, now + after(self.chance, 40), world)

    def _claims(self, claims: list[str], message: Message, now: datetime, world: Deeds) -> None:
        """One page is one case; the list of what waits is several. Directors leave the advisers time to go first."""
        if len(claims) == 1 and self.chance.random() < 0.15:
            return
        at = now
        for choice in claims[:3]:
            at += after(self.chance, 45 if self.member.role is Role.DIRECTOR else 6)
            self._does(at, Choice(choice, on=message.remote_id), world)

    def _works(self, message: Message, choices: list[str], now: datetime, world: Deeds) -> None:
        """The case is theirs: answer, then close some days later; now and then it was claimed by mistake."""
        number = message.case_id or 0
        if f"case:{number}:release" in choices and self.chance.random() < 0.03:
            release = Choice(f"case:{number}:release", on=message.remote_id)
            self._does(now + after(self.chance, 3), release, world)
            return
        answered = self._answers(number, now + after(self.chance, 45), world)
        if self.chance.random() < 0.9:
            ending = self.chance.choice(ENDINGS)
            closing = answered + after(self.chance, 60 * 30, 0.7)
            self._does(closing, Choice(f"case:{number}:close:{ending}", on=message.remote_id), world)

    def _answers(self, number: int, at: datetime, world: Deeds) -> datetime:
        words = f"#{number} {self.chance.choice(ANSWERS)}"
        return self._does(at, Command("reply", words), world)

    def _does(self, at: datetime, event: Event, world: Deeds) -> datetime:
        at = self.present(at)
        world.later(at, self.member.chat, event)
        return at

    def present(self, at: datetime) -> datetime:
        """The first moment from `at` on at which they do anything: not away, and by day unless from the county desk."""
        for starts, ends in self.member.away:
            if starts <= at < ends:
                at = ends
        local = at.astimezone(self.zone)
        if self.member.role is not Role.COUNTY and not 8 <= local.hour < 21:
            day = local.date() + timedelta(days=1 if local.hour >= 21 else 0)
            at = datetime.combine(day, OPENS, tzinfo=self.zone).astimezone(at.tzinfo)
            at += after(self.chance, 15, 0.5)
        return at
