"""What must not happen, looked for while a simulation runs and in its tables at the end.

The checks read tables and messages, never a handler's mind: a house that forgets is found by what it did not do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.config import Config
from bot.simulation.plan import Outage, Plan
from bot.simulation.promises import Reminders
from handlers.limits import REMIND_AT
from handlers.messages import Event, Text
from handlers.rules.clocks import is_quiet
from storage.tables import (
    Call,
    Case,
    CaseEvent,
    CaseStatus,
    Clock,
    FollowUp,
    Inbox,
    InboxState,
    Message,
    Outbox,
    Person,
    Question,
    RunningDeadline,
    Task,
    TaskState,
    Transfer,
)
from storage.unit_of_work import UnitOfWork

LATE = timedelta(minutes=5)
"""By how much a due thing may come late; outages come on top."""

SAME_THING = timedelta(hours=20)
"""The same words to the same villager within this time were said twice."""

UNDECIDED = timedelta(days=4)
"""By how much a request between colleagues may stay open: a working day, over a weekend, and a night."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not happen: its kind, when, and which row it is about."""

    kind: str
    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message to a villager. `unasked`: by the clock, not because of a deed; `urgent`: about an urgent case."""

    message: Message
    dedup: str
    unasked: bool
    urgent: bool


@dataclass(frozen=True, slots=True)
class Unasked:
    """A message that a villager got by the clock."""

    at: datetime
    conversation: int
    text: str
    case: int | None
    question: int | None
    asks: bool
    """Whether it asks how it went."""


class Ledger:
    """Notes what is sent and said; `close` compares it with the tables."""

    def __init__(self, plan: Plan, config: Config) -> None:
        self._plan, self._config = plan, config
        self.violations: list[Violation] = []
        self.heard = 0
        self.spoken = 0
        self.failures = 0
        self.unowned_minutes = 0.0
        self.unasked: list[Unasked] = []
        self.reminders = Reminders()
        self.met: Counter[str] = Counter()
        """How many rows or messages each check has looked at: a check that met none has shown nothing."""
        self._texts: set[str] = set()
        self._answered: set[int] = set()
        self._asked_on: set[tuple[int, date]] = set()
        self._last: dict[tuple[int, str], datetime] = {}
        self._unowned: dict[int, datetime] = {}

    def sent(self, update_id: str, event: Event) -> None:
        """Somebody sent something; words must not go unheard."""
        self.heard += 1
        if isinstance(event, Text):
            self._texts.add(update_id)

    def said_to_staff(self, dedup: str) -> None:
        self._answers(dedup)

    def said(self, said: Said, now: datetime, down: Sequence[Outage]) -> None:
        """A villager was told something."""
        message = said.message
        self._answers(said.dedup)
        if not said.unasked:
            return
        asks = any(choice[0].startswith(("solved:", "fu:")) for choice in message.choices)
        row = Unasked(now, message.conversation_id, message.text, message.case_id, message.question_id, asks)
        self.met["unasked"] += 1
        self._reminder(said.dedup, now, down)
        hours = self._config.quiet_hours
        if hours.enabled and not said.urgent and is_quiet(now, self._plan.zone, hours.start, hours.end):
            self._found("quiet_hours", now, f"message {message.id}")
        before = self._last.get((row.conversation, row.text))
        if before is not None and now - before < SAME_THING:
            self._found("doubled", now, f"message {message.id}")
        if asks:
            self.met["follow-ups asked"] += 1
            day = (row.conversation, self._day(now))
            if day in self._asked_on:
                self._found("more_than_one_a_day", now, f"message {message.id}")
            self._asked_on.add(day)
        self._last[row.conversation, row.text] = now
        self.unasked.append(row)

    def _answers(self, dedup: str) -> None:
        self.spoken += 1
        if dedup.startswith("inbox:"):
            self._answered.add(int(dedup.split(":")[1]))

    def looked(self, unowned: Sequence[int], now: datetime) -> None:
        """Which open cases nobody owns, after each thing that happened: between two such looks nothing changes."""
        for case in [case for case in self._unowned if case not in unowned]:
            self._owned(case, now)
        for case in unowned:
            self._unowned.setdefault(case, now)

    def _owned(self, case: int, now: datetime) -> None:
        since = self._unowned.pop(case)
        if now - since >= timedelta(minutes=1):
            self.unowned_minutes += (now - since).total_seconds() / 60
            self._found("unowned", since, f"case {case}")

    def _found(self, kind: str, at: datetime, what: str) -> None:
        self.violations.append(Violation(kind, at, what))

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._plan.zone).date()

    def counts(self) -> dict[str, int]:
        """How many violations there were of each kind."""
        return dict(sorted(Counter(row.kind for row in self.violations).items()))

    async def close(self, uow: UnitOfWork, down: Sequence[Outage]) -> None:
        """The end: what is missing in the tables."""
        end = self._plan.end
        for case in list(self._unowned):
            self._owned(case, end)
        if self.failures:
            self._found("failed", end, f"{self.failures} ticks")
        self._messages(await uow.figures.every(Inbox))
        self._doubled(await uow.figures.every(Outbox))
        tasks, follow_ups = await uow.figures.every(Task), await uow.figures.every(FollowUp)
        self._tasks(tasks, down)
        self._clocks(await uow.figures.every(Clock), down)
        self._planned(tasks, follow_ups, await uow.figures.every(Case), await uow.figures.every(Question))
        self._asked(tasks, follow_ups)
        self._silent(follow_ups, await uow.figures.every(Call))
        self._breaches(await uow.figures.every(CaseEvent))
        self._undecided(await uow.figures.every(Transfer))
        await self.day_begins(uow, end, down)
        self.violations.sort(key=lambda row: (row.at, row.kind, row.what))

    def _messages(self, inbox: Sequence[Inbox]) -> None:
        """Every update is there, once, and done; words led to something said to somebody."""
        if len(inbox) != self.heard:
            self._found("lost", self._plan.end, f"{self.heard} sent, {len(inbox)} kept")
        self.met["updates"] += len(inbox)
        for row in inbox:
            if row.state != InboxState.DONE:
                self._found("lost", row.received_at, f"update {row.id} is {row.state}")
            elif row.update_id in self._texts and row.id not in self._answered:
                self._found("unanswered", row.received_at, f"update {row.id}")

    def _doubled(self, outbox: Sequence[Outbox]) -> None:
        for dedup, count in Counter(row.dedup for row in outbox).items():
            if count > 1:
                self._found("doubled", self._plan.end, f"{dedup} was said {count} times")

    def _tasks(self, tasks: Sequence[Task], down: Sequence[Outage]) -> None:
        """What fell due was done, and not late. A task put off has its new moment in `run_at`."""
        self.met["tasks"] += len(tasks)
        for task in tasks:
            if task.state == TaskState.FAILED:
                self._found("failed", task.run_at, f"task {task.id} ({task.kind})")
            elif _late(task.run_at, task.done_at or self._plan.end, down):
                self._found("late", task.run_at, f"task {task.id} ({task.kind})")

    def _clocks(self, clocks: Sequence[Clock], down: Sequence[Outage]) -> None:
        """A running clock that wants to be looked at was looked at."""
        self.met["clocks"] += len(clocks)
        for clock in clocks:
            if clock.met_at is None and clock.next_look and _late(clock.next_look, self._plan.end, down):
                self._found("late", clock.next_look, f"clock {clock.id} ({clock.kind})")

    def _planned(
        self,
        tasks: Sequence[Task],
        follow_ups: Sequence[FollowUp],
        cases: Sequence[Case],
        questions: Sequence[Question],
    ) -> None:
        """Each answer and each closed case has a question how it went planned, asked or dropped with a reason."""
        planned: set[tuple[str, object]] = set()
        for task in tasks:
            planned |= {(key, value) for key, value in task.payload.items() if key in {"case_id", "question_id"}}
        for row in follow_ups:
            planned |= {("case_id", row.case_id), ("question_id", row.question_id)}
        for case in cases:
            if case.status == CaseStatus.CLOSED and ("case_id", case.id) not in planned:
                self._found("missing", case.closed_at or case.opened_at, f"follow-up of case {case.id}")
        for question in questions:
            # `outcome` says what came of it; with a case or a word from the villager nothing is left to ask.
            open_question = question.entry_id and question.case_id is None and question.solved is None
            if open_question and ("question_id", question.id) not in planned:
                self._found("missing", question.asked_at, f"follow-up of question {question.id}")

    def _asked(self, tasks: Sequence[Task], follow_ups: Sequence[FollowUp]) -> None:
        """What is said to be asked was heard, and as often as is said."""
        heard = {("case", row.case) for row in self.unasked} | {("question", row.question) for row in self.unasked}
        heard -= {("case", None), ("question", None)}
        for task in tasks:
            about = {("case", task.payload.get("case_id")), ("question", task.payload.get("question_id"))}
            names_one = any(number for _, number in about)
            if task.kind == "follow_up" and task.state == TaskState.DONE and names_one and not heard & about:
                self._found("missing", task.done_at or task.run_at, f"task {task.id} is done, nobody was asked")
        self.met["follow-ups"] += len(follow_ups)
        for follow_up in follow_ups:
            if follow_up.asked_times > 2:
                self._found("doubled", follow_up.due, f"follow-up {follow_up.id} asked {follow_up.asked_times} times")
            about = {("case", follow_up.case_id), ("question", follow_up.question_id)}
            if follow_up.asked_times and not heard & about:
                self._found("missing", follow_up.due, f"follow-up {follow_up.id} is asked, nobody heard it")

    def _reminder(self, dedup: str, now: datetime, down: Sequence[Outage]) -> None:
        """A reminder comes on its day; after an outage later, never sooner."""
        found = self.reminders.heard(dedup, self._day(now))
        if found is not None:
            self.met["reminders"] += 1
            last_day, before = found
            morning = datetime.combine(last_day - timedelta(days=before), REMIND_AT, tzinfo=self._plan.zone)
            if now < morning or _late(morning, now, down):
                self._found("late", now, f"reminder {dedup}")

    async def day_begins(self, uow: UnitOfWork, now: datetime, down: Sequence[Outage]) -> None:
        """At local midnight: were yesterday's reminders heard, and which are due today?"""
        limits = {limit.id: limit for limit in await uow.figures.every(RunningDeadline)}
        if not limits:
            return
        people = {person.id: person for person in await uow.figures.every(Person)}
        out = {self._day(moment) for outage in down for moment in (outage.starts, outage.ends)}
        for owed, times in self.reminders.settle(limits, people):
            self.met["reminders owed"] += 1
            if times != 1 and owed.day not in out:
                kind = "doubled" if times else "missing"
                self._found(kind, now, f"reminder of limit {owed.limit} on {owed.day}, heard {times} times")
        self.reminders.begin(self._day(now), list(limits.values()), people)

    def _silent(self, follow_ups: Sequence[FollowUp], calls: Sequence[Call]) -> None:
        """No reply twice is a call, or it is noted why none is needed."""
        called = {("case", call.case_id) for call in calls} | {("question", call.question_id) for call in calls}
        for row in follow_ups:
            if row.state == "silent":
                self.met["silent"] += 1
                about = {("case", row.case_id), ("question", row.question_id)} - {("case", None), ("question", None)}
                if not row.note and not called & about:
                    self._found("missing", row.due, f"call about follow-up {row.id}")

    def _breaches(self, events: Sequence[CaseEvent]) -> None:
        """A broken promise is put on record once."""
        broken = Counter((row.case_id, str(row.detail)) for row in events if row.kind == "breached")
        self.met["breaches"] += len(broken)
        for (case, detail), count in broken.items():
            if count > 1:
                self._found("doubled", self._plan.end, f"breach of case {case}, {detail}, {count} times")

    def _undecided(self, transfers: Sequence[Transfer]) -> None:
        """Who is asked to take a case over says yes or no, or the request lapses; it does not hang."""
        for row in transfers:
            self.met["transfers"] += 1
            if row.state == "asked" and row.asked_at + UNDECIDED < self._plan.end:
                self._found("late", row.asked_at, f"transfer {row.id} of case {row.case_id}")


def _late(due: datetime, done: datetime, down: Sequence[Outage]) -> bool:
    """Whether something came late though the house was up."""
    closed = [outage.ends for outage in down if outage.starts <= due + LATE and outage.ends > due]
    return done > max([due, *closed]) + LATE
