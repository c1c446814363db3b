"""When a follow-up may go out, and in what words: the one answer to 'may we write to this person now?'

Deadline reminders are no follow-ups: they stand outside the daily limit and are stopped separately.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from handlers.rules.clocks import is_quiet, outside_quiet
from handlers.rules.holidays import is_public_holiday

Kind = Literal["answer", "closed", "later", "performance", "remind"]

PROMISED: frozenset[str] = frozenset({"performance", "remind"})
"""Kinds that an adviser asked for: where one cannot be sent, the adviser is told to call instead."""
_STEPS = 400
"""Far more than the longest chain of holidays, quiet hours and a preferred hour needs."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When the house writes. `limited` false lifts quiet hours, holidays, preferred hours and the daily limit."""

    zone: ZoneInfo
    limited: bool
    quiet_start: time
    quiet_end: time
    holiday: Callable[[date], bool] = is_public_holiday


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person asked for; see `storage.tables.Person`. `last`: when they last got a follow-up."""

    stopped: bool = False
    contact: str = ""
    preferred_hour: int | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A follow-up as far as the rule looks at it. `since`: the moment it was meant for."""

    kind: str
    since: datetime
    own_words_due: bool = False
    """Whether an adviser's own words to the same person are due today, too: they go first."""
    call: bool = True
    """Whether somebody should call where it cannot be written: for an answer that opened no case only with a reason."""


@dataclass(frozen=True, slots=True)
class Send:
    """It goes out now; `neutral`: in words that say nothing of the matter."""

    neutral: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """It goes out at this moment, or later."""

    until: datetime


@dataclass(frozen=True, slots=True)
class CallInstead:
    """It is not written; somebody calls. `why`: 'unsafe', 'stopped', 'blocked' or 'late'."""

    why: str


@dataclass(frozen=True, slots=True)
class Drop:
    """It is not sent, and nobody need call. `why`: 'stopped', 'late', 'blocked' or 'unsafe'."""

    why: str


Verdict = Send | Wait | CallInstead | Drop


def verdict(
    planned: Planned, wishes: Wishes, hours: Hours, now: datetime, *, blocked: bool, late_after: timedelta
) -> Verdict:
    """What becomes of a follow-up that is due. `late_after`: how long after its moment it still makes sense."""
    if wishes.stopped:
        return CallInstead("stopped") if planned.kind in PROMISED else Drop("stopped")
    if blocked or wishes.contact == "none":
        why = "blocked" if blocked else "unsafe"
        return CallInstead(why) if planned.call else Drop(why)
    until = earliest(now, wishes, hours)
    if hours.limited and planned.own_words_due and planned.kind != "remind":
        until = max(until, earliest(_midnight(now, hours.zone), wishes, hours))
    if until - planned.since > late_after:
        return CallInstead("late") if planned.kind in PROMISED else Drop("late")
    if until > now:
        return Wait(until)
    return Send(neutral=wishes.contact == "neutral")


def allowed(moment: datetime, wishes: Wishes, hours: Hours) -> bool:
    """Whether a follow-up may reach this person at a moment: hours, holidays, their own hour, one a day."""
    return earliest(moment, wishes, hours) == moment


def earliest(moment: datetime, wishes: Wishes, hours: Hours) -> datetime:
    """The first moment from this one at which a follow-up may go out."""
    if not hours.limited:
        return moment
    for _ in range(_STEPS):
        later = _push(moment, wishes, hours)
        if later == moment:
            return moment
        moment = later
    return moment


def hour_is_quiet(hour: int, hours: Hours) -> bool:
    """Whether an hour of the day lies in the quiet hours, so that nobody can ask to be written to from it on."""
    start, end, asked = hours.quiet_start, hours.quiet_end, time(hour)
    return start <= asked < end if start <= end else asked >= start or asked < end


def _push(moment: datetime, wishes: Wishes, hours: Hours) -> datetime:
    """The moment itself when nothing stands against it, else one not yet past the next thing that does."""
    local = moment.astimezone(hours.zone)
    last = wishes.last.astimezone(hours.zone).date() if wishes.last is not None else None
    if hours.holiday(local.date()) or local.date() == last:
        return _midnight(moment, hours.zone)
    if is_quiet(moment, hours.zone, hours.quiet_start, hours.quiet_end):
        return outside_quiet(moment, hours.zone, hours.quiet_start, hours.quiet_end)
    hour = wishes.preferred_hour
    if hour is not None and 0 <= hour <= 23 and not hour_is_quiet(hour, hours) and local.hour < hour:
        start = datetime.combine(local.date(), time(hour), tzinfo=hours.zone).astimezone(moment.tzinfo)
        return max(moment, start)
    return moment


def _midnight(moment: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of the next local day."""
    day = moment.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(moment.tzinfo)
