"""What every handler is given: the turn at hand, and the house it takes place in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from faq.emergency import EmergencyCheck
from faq.match import Matcher
from handlers.messages import Content, Heard, Option, Outcome, Priority, Say
from handlers.rules.service import Service
from handlers.rules.workdays import CHINA, WorkDays
from handlers.states import State, parse_state, put_state
from handlers.wording import Wording
from storage.tables import Conversation, Message, Person, Staff
from storage.unit_of_work import UnitOfWork

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The values rules work with, as configured. Times of day are local to `zone`."""

    zone: ZoneInfo
    county: str
    default_language: str
    first_answer: timedelta
    urgent_answer: timedelta
    follow_up_after: timedelta
    quiet_hours: bool
    quiet_start: time
    quiet_end: time
    upload_limit: int
    numbers: Mapping[str, str]
    recall_within: timedelta = timedelta(days=90)
    follow_up_again: timedelta = timedelta(days=4)
    follow_up_later: tuple[timedelta, ...] = (timedelta(days=30), timedelta(days=90))
    money_topics: tuple[str, ...] = ("labour", "injury", "loans", "consumers")
    follow_up_late: timedelta = timedelta(days=14)
    service: Service = field(default_factory=Service)
    days: WorkDays = CHINA
    gaps_on_working_days: bool = True


@dataclass(frozen=True, slots=True)
class House:
    """What handlers need beside the database. `accounts`: our account on each channel that can be written to."""

    matcher: Matcher
    emergencies: EmergencyCheck
    wording: Wording
    settings: Settings
    accounts: Mapping[str, str]

    def local(self, moment: datetime) -> datetime:
        """A moment in the county's own time."""
        return moment.astimezone(self.settings.zone)


@dataclass(slots=True)
class Turn:
    """One event in one conversation, on its way through a handler.

    `key` is unique to the event: whatever it leads to is said at most once. `message` is what was said, as kept;
    None for events that are not messages. `staff` is set when a member of staff writes.
    """

    heard: Heard
    conversation: Conversation
    person: Person
    staff: Staff | None
    message: Message | None
    house: House
    now: datetime
    key: str
    said: int = field(default=0)

    @property
    def language(self) -> str:
        """The language to answer in: the person's choice, else what their words or their device suggest."""
        if self.staff is not None:
            return self.staff.language
        if self.person.language:
            return self.person.language
        words = getattr(self.heard.event, "text", "")
        if any("\u3400" <= character <= "\u9fff" for character in words):
            return "zh"
        if self.heard.language_hint[:2].lower() in {"zh", "en"}:
            return self.heard.language_hint[:2].lower()
        return self.house.settings.default_language

    @property
    def state(self) -> State:
        """Where this conversation stands."""
        return parse_state(self.conversation.flow, self.conversation.step, self.conversation.data)

    def go(self, state: State) -> None:
        """Move the conversation to a state."""
        put_state(self.conversation, state)

    def words(self, key: str, **values: object) -> str:
        """A text in the language of this turn."""
        return self.house.wording.say(key, self.language, **values)

    def option(self, choice_id: str, key: str, **values: object) -> Option:
        """A button with its label in the language of this turn."""
        return Option(choice_id, self.words(key, **values))

    def reply(
        self,
        text: str,
        *choices: Option,
        about_case: int | None = None,
        about_question: int | None = None,
        priority: Priority = Priority.NORMAL,
    ) -> Outcome:
        """Say something in this conversation."""
        self.said += 1
        return Outcome(
            (
                Say(
                    self.conversation.id,
                    Content(text, choices),
                    dedup=f"{self.key}:{self.said}",
                    priority=priority,
                    about_case=about_case,
                    about_question=about_question,
                    in_history=self.staff is None,
                ),
            )
        )

    def answered(self, outcome: Outcome) -> Outcome:
        """An outcome with its answer put into this conversation."""
        if outcome.answer is None:
            return outcome
        told = self.reply(outcome.answer.text, *outcome.answer.choices)
        return Outcome(outcome.replies + told.replies, outcome.tasks, None, outcome.done)


Handler = Callable[[Turn, UnitOfWork], Awaitable[Outcome]]
