"""How staff of a simulation behave: they claim, answer, hand on, plan, swap duties, fall ill, say yes to others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bot.simulation.county import OPENS, Member
from bot.simulation.people import Deeds, after, starting
from handlers.messages import Choice, Command, Event
from storage.tables import Message, Role

ANSWERS = ("先把合同和收据收好，明天带到站里来。", "这件事可以先调解。我来约对方。", "可以申请法律援助，我帮你填表。")
ENDINGS = ("answered", "answered", "answered", "legal_aid", "mediation", "referred")
MATTERS = (
    ("labour-arbitration", 330, 364), ("reconsideration", 20, 58), ("appeal-judgment", 0, 13),
    ("labour-award-suit", 0, 14),
)  # fmt: skip
"""Time limits that advisers set in a case, and how many days ago the day lies that they run from."""


@dataclass(slots=True)
class Adviser:
    """A member of staff: mostly in working hours, unless called at night."""

    member: Member
    chance: Random
    zone: ZoneInfo
    presses: dict[str, datetime] = field(default_factory=dict)
    """When they will press the button that claims a case."""

    def begins(self, now: datetime, world: Deeds) -> None:
        """Coming on duty: most look at what waits and whom to ring; some ask for a swap, some fall ill by noon."""
        if self.member.silent:
            return
        if self.chance.random() < 0.8:
            self._does(now + after(self.chance, 10, 0.5), Command("cases"), world)
        if self.chance.random() < 0.3:
            self._does(now + after(self.chance, 40, 0.5), Command("calls"), world)
        if self.member.role is Role.ADVISER and self.chance.random() < 0.04:
            self._does(now + after(self.chance, 60, 0.5), Command("swap"), world)
        if self.member.role is Role.ADVISER and self.chance.random() < 0.008:
            self._falls_ill(now + timedelta(hours=2, minutes=self.chance.randrange(60)), world)

    def _falls_ill(self, at: datetime, world: Deeds) -> None:
        """In the middle of a shift, for the rest of it or for days; nothing is done until they are well."""
        at = self._does(at, Command("sick"), world)
        days = self.chance.choice((0, 1, 2))
        self.member.away.append((at + timedelta(minutes=1), at + timedelta(days=days, hours=10)))

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
        elif choices:
            self._presses(choices, message, now, world)
        elif message.case_id and "村民：" in message.text and self.chance.random() < 0.5:
            self._answers(message.case_id, now + after(self.chance, 40), world)

    def _presses(self, choices: list[str], message: Message, now: datetime, world: Deeds) -> None:
        """A colleague's request, a list to choose from, a call to be made, a time to wait for."""
        draw, choice = self.chance.random(), ""
        if picks := starting(choices, "swap:pick:", "swap:ask:", "transfer:ask:"):
            choice = self.chance.choice(picks)
        elif answers := starting(choices, "swap:yes", "swap:no", "transfer:yes", "transfer:no", "extend:"):
            choice = answers[0] if draw < 0.7 else answers[-1] if draw < 0.9 else ""
        elif made := starting(choices, "call:"):
            choice = made[0] if draw < 0.7 else ""
        elif waits := starting(choices, "wait:"):
            choice = waits[0] if draw < 0.2 else ""
        elif done := starting(choices, "limit:"):
            choice = done[0] if draw < 0.1 else ""
        if choice:
            self._does(now + after(self.chance, 15), Choice(choice, on=message.remote_id), world)

    def _claims(self, claims: list[str], message: Message, now: datetime, world: Deeds) -> None:
        """A page, or the list of what waits. Directors leave the advisers time to go first; nobody presses the same
        button again before it has done anything.
        """
        if self.chance.random() < 0.15 or now < self.presses.get(claims[0], now):
            return
        at = now + after(self.chance, 45 if self.member.role is Role.DIRECTOR else 6)
        self.presses[claims[0]] = self._does(at, Choice(claims[0], on=message.remote_id), world)

    def _works(self, message: Message, choices: list[str], now: datetime, world: Deeds) -> None:
        """The case is theirs: answer, then close some days later; now and then it was claimed by mistake."""
        number = message.case_id or 0
        if f"case:{number}:release" in choices and self.chance.random() < 0.03:
            release = Choice(f"case:{number}:release", on=message.remote_id)
            self._does(now + after(self.chance, 3), release, world)
            return
        answered = self._answers(number, now + after(self.chance, 45), world)
        if self.chance.random() < 0.06:
            self._does(answered + after(self.chance, 60), Command("transfer", str(number)), world)
            return
        self._plans(number, answered, world)
        if self.chance.random() < 0.9:
            result = self.chance.choice(ENDINGS)
            closing = answered + after(self.chance, 60 * 30, 0.7)
            self._does(closing, Choice(f"case:{number}:close:{result}", on=message.remote_id), world)

    def _plans(self, number: int, now: datetime, world: Deeds) -> None:
        """What is done in some cases: a time limit, a day agreed on, words for later, another office, more time."""
        today = now.astimezone(self.zone).date()
        matter, least, most = self.chance.choice(MATTERS)
        since, agreed = today - timedelta(days=self.chance.randint(least, most)), today + timedelta(days=2 + number % 9)
        plans = (
            (0.2, "deadline", f"{number} {matter} {since}"),
            (0.12, "perform", f"{number} {agreed} 付第一笔"),
            (0.08, "remind", f"{number} {self.chance.randint(1, 6)}d 记得把合同带来"),
            (0.05, "extend", f"{number} 等鉴定结果"),
            (0.03, "refer", f"{number} 工会"),
        )
        for share, name, words in plans:
            if self.chance.random() >= share:
                continue
            at = self._does(now + after(self.chance, 20), Command(name, words), world)
            if name == "refer":
                self._does(at + timedelta(days=2), Command("back", str(number)), world)
            if name == "deadline" and self.chance.random() < 0.3:
                self._does(at + timedelta(days=self.chance.randint(1, 10)), Command("done", str(number)), world)

    def _answers(self, number: int, at: datetime, world: Deeds) -> datetime:
        words = f"#{number} {self.chance.choice(ANSWERS)}"
        return self._does(at, Command("reply", words), world)

    def _does(self, at: datetime, event: Event, world: Deeds) -> datetime:
        at = self.present(at)
        world.later(at, self.member.chat, event)
        return at

    def is_away(self, now: datetime) -> bool:
        return any(starts <= now < ends for starts, ends in self.member.away)

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
