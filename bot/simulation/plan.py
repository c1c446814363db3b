"""What a simulation is told, and what follows from its seed alone: who asks what when, and when the house is down."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from faq.questions import emergency_sentences, labelled_questions

FIRST_DAY = date(2026, 11, 2)
"""A Monday; always the same, so that a seed gives the same county on any day."""

PER_MONTH = 5.0
"""Questions a village asks in 30 days (Haimen: 293 chat groups, 20,000 questions in 13 months)."""

TOWN_VILLAGES = 15
MARKET_EVERY = 5
"""Days from one market day of a town to the next."""

EMERGENCIES = 0.02
"""The share of messages that speak of an emergency."""

# How many of a hundred messages come in each hour of the day: few work hours, many evenings, some nights.
HOURS = (1, 1, 0, 0, 0, 1, 2, 4, 5, 6, 5, 5, 6, 4, 4, 4, 4, 5, 8, 11, 11, 8, 4, 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """One simulation: `villages` and `days` to live through; everything else follows from `seed`."""

    villages: int
    days: int
    seed: int
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    def stream(self, name: str) -> Random:
        """Chance for one purpose, so that what one part draws does not move what another does."""
        return Random(f"{self.seed}:{name}")

    def moment(self, day: int, at: time) -> datetime:
        """A local time on a day of the simulation (0 is the first), in UTC."""
        return datetime.combine(FIRST_DAY + timedelta(days=day), at, tzinfo=self.zone).astimezone(UTC)

    @property
    def begin(self) -> datetime:
        return self.moment(0, time(0))

    @property
    def end(self) -> datetime:
        return self.moment(self.days, time(0))


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody has a question. `villager` numbers the people of the village."""

    at: datetime
    village: int
    villager: int
    text: str


@dataclass(frozen=True, slots=True)
class Outage:
    """The process is down from `starts` until `ends` (exclusive); what people send is kept meanwhile."""

    starts: datetime
    ends: datetime


def arrivals(plan: Plan) -> list[Arrival]:
    """Every question of the simulation, in order of time; twice as many on a town's market day."""
    chance = plan.stream("arrivals")
    questions = [row.text for row in labelled_questions() if row.language == "zh"]
    alarms = [row.text for row in emergency_sentences() if row.language == "zh" and row.kind]
    usual = PER_MONTH / 30 * MARKET_EVERY / (MARKET_EVERY + 1)
    found = []
    for village in range(plan.villages):
        town = village // TOWN_VILLAGES
        for day in range(plan.days):
            market = (day + town) % MARKET_EVERY == 0
            for _ in range(_poisson(usual * (2 if market else 1), chance)):
                hour = chance.choices(range(24), HOURS)[0]
                at = plan.moment(day, time(hour, chance.randrange(60), chance.randrange(60)))
                words = alarms if chance.random() < EMERGENCIES else questions
                found.append(Arrival(at, village, chance.randrange(12), chance.choice(words)))
    return sorted(found, key=lambda arrival: (arrival.at, arrival.village, arrival.villager, arrival.text))


def outages(plan: Plan) -> list[Outage]:
    """About one a fortnight, of one to eight hours, at any time of day."""
    chance = plan.stream("outages")
    found = []
    for day in range(3, plan.days - 1, 14):
        starts = plan.moment(day + chance.randrange(3), time(chance.randrange(24), chance.randrange(60)))
        found.append(Outage(starts, starts + timedelta(minutes=chance.randint(60, 480))))
    return found


def _poisson(mean: float, chance: Random) -> int:
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count
