"""How villagers of a simulation behave. They know no more than a message shows: its words and its buttons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from bot.simulation.county import County
from bot.simulation.people import Deeds, after, ending, starting
from bot.simulation.plan import Arrival
from handlers.messages import Choice, Command, Event, Text
from storage.tables import Message

MORE = ("我还有一张收据，要不要给你看？", "对方今天又来找我了。", "谢谢，我先去问问。", "这个要交多少钱？")

DAYS = (
    "上个月十五号", "前天", "昨天", "上礼拜三", "上个月底", "10月8号", "十月二十号", "农历九月初五", "八月十五",
    "国庆节前", "2026年9月1日", "去年腊月二十", "三个月前", "不记得了", "下个月五号", "好像是收完稻子那会", "13月40号",
)  # fmt: skip
"""What people write when they are asked for a day: most can be read, some are wide, some are none."""

PLAIN = ("还没有", "拿到了", "没做到", "好了", "他们说再等等", "拿了一半")
"""Answers to a follow-up by those who press no buttons."""

STOPS = ("别再问了", "退订", "停")
REMINDER_STOPS = ("不要提醒", "别提醒了")
SURNAMES, GIVEN = (
    "王李张刘陈杨赵黄周吴",
    ("建国", "秀英", "桂兰", "志强", "玉梅", "海涛", "小红", "德福", "春花", "永强"),
)
SIDES = ("neighbour", "neighbour", "employer", "committee", "government", "unsaid")


def name_of(village: int, villager: int) -> str:
    """The name of somebody of a village, the same for all who speak of them."""
    return SURNAMES[(village + villager) % len(SURNAMES)] + GIVEN[(village * 3 + villager) % len(GIVEN)]


@dataclass(slots=True)
class Villager:
    """Somebody of a village, with a chat of their own. Their chance is their own too.

    `mute`: answers nothing that comes unasked. `writes`: answers in words, not by buttons.
    """

    chat: str
    chance: Random
    known: bool = False
    mute: bool = False
    writes: bool = False

    def __post_init__(self) -> None:
        draw = self.chance.random()
        self.mute, self.writes = draw < 0.12, draw > 0.9

    def arrives(self, arrival: Arrival, county: County, world: Deeds) -> None:
        """A question comes up: the first time most scan the poster, some just write."""
        at = arrival.at
        if not self.known:
            self.known = True
            if self.chance.random() < 0.8:
                world.later(at, self.chat, Command("start", f"v_{county.codes[arrival.village]}"))
                at += after(self.chance, 1.5, 0.4)
            if self.chance.random() < 0.1:
                world.later(at + timedelta(days=1), self.chat, Command("hour", str(self.chance.choice((9, 12, 19)))))
        world.later(at, self.chat, Text(arrival.text))

    def hears(self, message: Message, now: datetime, county: County, world: Deeds, *, unasked: bool) -> None:
        """Press something, write something, or do nothing. `unasked`: the message came by the clock."""
        if unasked and self.mute:
            return
        choices = [row[0] for row in message.choices]
        deed = self._asked_unasked(choices, message) if unasked else self._in_talk(choices, message, county)
        if deed is not None:
            delay = after(self.chance, 90, 1.2) if unasked else after(self.chance, 1.5, 0.5)
            world.later(now + delay, self.chat, deed)
        elif message.author == "staff" and self.chance.random() < 0.35:
            world.later(now + after(self.chance, 20), self.chat, Text(self.chance.choice(MORE)))
        elif message.case_id and not choices and self.chance.random() < 0.1:
            world.later(now + after(self.chance, 30), self.chat, Text(self.chance.choice(MORE)))

    def _asked_unasked(self, choices: list[str], message: Message) -> Event | None:
        """What came by the clock: a follow-up, a reminder, or word that a promise was broken."""
        draw = self.chance.random()
        reminder = ending(starting(choices, "limit:"), ":done")
        if reminder:
            return self._one_of(
                draw, message, ((0.2, reminder[0]), (0.28, f"{reminder[0].removesuffix('done')}stop"), (0.36, "person"))
            ) or (Text(self.chance.choice(REMINDER_STOPS)) if draw > 0.97 else None)
        yes = ending(choices, ":yes")
        if not yes:
            return None
        if draw > 0.96:
            return Text(self.chance.choice(STOPS))
        if draw > 0.95:
            return Text("他又打我了")
        if self.writes:
            return Text(self.chance.choice(PLAIN)) if draw < 0.6 else None
        return self._one_of(draw, message, ((0.4, yes[0]), (0.6, f"{yes[0].removesuffix('yes')}no")))

    def _in_talk(self, choices: list[str], message: Message, county: County) -> Event | None:
        """The answer to what they did themselves."""
        draw, on = self.chance.random(), message.remote_id
        if "lang:zh" in choices:
            return Choice("lang:zh", on=on)
        if "consent:yes" in choices:
            return Choice("consent:yes", on=on) if draw < 0.97 else None
        if "village:skip" in choices:
            return Choice(f"village:{county.codes[self._village]}" if draw < 0.8 else "village:skip", on=on)
        if "对方叫什么" in message.text:
            return Text(self._names(draw))
        if "limit:unknown" in choices:
            return self._told_day(draw, choices, message)
        if calendar := ending(choices, ":calendar"):
            limit = calendar[0].removesuffix("calendar")
            return self._one_of(
                draw,
                message,
                ((0.3, calendar[0]), (0.4, f"{limit}demand"), (0.45, f"{limit}day"), (0.5, f"{limit}done")),
            )
        if "哪天催的" in message.text:
            return Text(self.chance.choice(DAYS))
        if proof := [choice for choice in choices if "proof" in choice]:
            return Choice(self.chance.choice(proof), on=on)
        if sides := starting(choices, "side:"):
            number = sides[0].split(":")[1]
            return Choice(f"side:{number}:{self.chance.choice(SIDES)}", on=on) if draw < 0.6 else None
        return self._usual(draw, choices, message)

    def _usual(self, draw: float, choices: list[str], message: Message) -> Event | None:
        on = message.remote_id
        if "solved:yes" in choices:
            return self._one_of(draw, message, ((0.35, "solved:yes"), (0.45, "solved:no"), (0.52, "person")))
        if "none" in choices:
            return self._one_of(draw, message, ((0.6, choices[0]), (0.85, "none")))
        if "rate:5" in choices:
            return Choice(f"rate:{self.chance.choice((3, 4, 4, 5, 5, 5))}", on=on) if draw < 0.5 else None
        known = {"person", "village", "case", "entry", "limit"}
        others = [choice for choice in choices if choice.partition(":")[0] not in known]
        return Choice(self.chance.choice(others), on=on) if others and draw < 0.7 else None

    def _one_of(self, draw: float, message: Message, marks: tuple[tuple[float, str], ...]) -> Event | None:
        """The first button whose mark lies above the draw; None above the last."""
        for mark, choice in marks:
            if draw < mark:
                return Choice(choice, on=message.remote_id)
        return None

    def _told_day(self, draw: float, choices: list[str], message: Message) -> Event | None:
        if draw < 0.65:
            return Text(self.chance.choice(DAYS))
        other = starting(choices, "limit:ask:")
        return self._one_of(draw, message, ((0.75, "limit:unknown"), (0.8, other[0] if other else "solved:yes")))

    def _names(self, draw: float) -> str:
        if draw > 0.85:
            return "不想说"
        _, village, villager = self.chat.split("-")
        other = self.chance.randrange(12)
        mine = f"我叫{name_of(int(village), int(villager))}，" if draw < 0.6 else ""
        return f"{mine}对方叫{name_of(int(village), other)}"

    @property
    def _village(self) -> int:
        return int(self.chat.split("-")[1])
