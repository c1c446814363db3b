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
from handlers.messages import Event, Text
from handlers.rules.clocks import is_quiet
from storage.tables import (
    Case,
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
)
from storage.unit_of_work import UnitOfWork

NOT_PROMISED_YET: frozenset[str] = frozenset()
"""Kinds of violation that are counted and shown, but are no failure: what the house does not promise yet."""

LATE = timedelta(minutes=5)
"""By how much a due thing may come late; outages come on top."""

SAME_THING = timedelta(hours=20)
"""The same words to the same villager within this time were said twice."""

REMINDER_DAYS = (30, 14, 7, 3, 1)
"""How many days before the last day of a legal time limit it is reminded of."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not happen: its kind, when, and which row it is about."""

    kind: str
    at: datetime
    what: str


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
        self.reminded: list[tuple[RunningDeadline, date, bool]] = []
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

    def said(self, message: Message, dedup: str, now: datetime, *, unasked: bool) -> None:
        """A villager was told something; `unasked` by the clock, not because of what somebody did."""
        self._answers(dedup)
        if not unasked:
            return
        asks = any(choice[0].startswith("solved:") for choice in message.choices)
        row = Unasked(now, message.conversation_id, message.text, message.case_id, message.question_id, asks)
        hours = self._config.quiet_hours
        if hours.enabled and is_quiet(now, self._plan.zone, hours.start, hours.end):
            self._found("quiet_hours", now, f"message {message.id}")
        before = self._last.get((row.conversation, row.text))
        if before is not None and now - before < SAME_THING:
            self._found("doubled", now, f"message {message.id}")
        if asks:
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

    @property
    def failing(self) -> list[Violation]:
        """The violations that make the simulation fail."""
        return [row for row in self.violations if row.kind not in NOT_PROMISED_YET]

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
        people = {person.id: person for person in await uow.figures.every(Person)}
        self._deadlines(await uow.figures.every(RunningDeadline), people, down)
        self.violations.sort(key=lambda row: (row.kind in NOT_PROMISED_YET, row.at, row.kind, row.what))

    def _messages(self, inbox: Sequence[Inbox]) -> None:
        """Every update is there, once, and done; words led to something said to somebody."""
        if len(inbox) != self.heard:
            self._found("lost", self._plan.end, f"{self.heard} sent, {len(inbox)} kept")
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
        for task in tasks:
            if task.state == TaskState.FAILED:
                self._found("failed", task.run_at, f"task {task.id} ({task.kind})")
            elif _late(task.run_at, task.done_at or self._plan.end, down):
                self._found("late", task.run_at, f"task {task.id} ({task.kind})")

    def _clocks(self, clocks: Sequence[Clock], down: Sequence[Outage]) -> None:
        """A running clock that wants to be looked at was looked at."""
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
        for follow_up in follow_ups:
            if follow_up.asked_times > 2:
                self._found("doubled", follow_up.due, f"follow-up {follow_up.id} asked {follow_up.asked_times} times")
            about = {("case", follow_up.case_id), ("question", follow_up.question_id)}
            if follow_up.asked_times and not heard & about:
                self._found("missing", follow_up.due, f"follow-up {follow_up.id} is asked, nobody heard it")

    def _deadlines(
        self, deadlines: Sequence[RunningDeadline], people: dict[int, Person], down: Sequence[Outage]
    ) -> None:
        """Each running time limit is reminded of on its days: the villager heard something else than a follow-up."""
        days = {(row.conversation, self._day(row.at)) for row in self.unasked if not row.asks}
        out = {self._day(outage.starts) for outage in down}
        for row in deadlines:
            person = people.get(row.person_id)
            if row.last_day is None or person is None or person.reminders_stopped or person.contact == "none":
                continue
            until = self._day(row.ended_at) if row.ended_at else self._day(self._plan.end)
            for before in REMINDER_DAYS:
                day = row.last_day - timedelta(days=before)
                if self._day(row.created_at) < day < until and day not in out:
                    on_day = (row.conversation_id, day) in days
                    self.reminded.append((row, day, on_day))
                    if not on_day:
                        self._found("missing", row.created_at, f"deadline {row.id}: {before} days before")


def _late(due: datetime, done: datetime, down: Sequence[Outage]) -> bool:
    """Whether something came late though the house was up."""
    closed = [outage.ends for outage in down if outage.starts <= due + LATE and outage.ends > due]
    return done > max([due, *closed]) + LATE
