"""The roster planned ahead: shifts, weekly duties, leave. Chat, desk and command line all come here."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from faq.model import Topic
from handlers import duty, routing
from handlers.messages import Choice, Command, Content, Outcome
from handlers.notices import to_staff
from handlers.rules.duty import Duty
from handlers.rules.roster import Pattern
from handlers.rules.roster_words import day_said, pattern_clash, shift_clash
from handlers.turn import House, Turn
from storage.tables import Leave, Shift, ShiftPattern, Staff
from storage.unit_of_work import UnitOfWork

LONGEST_LEAVE = timedelta(days=366)
OWN_LEAVE_AHEAD = timedelta(days=365)
"""How far ahead a day of leave may lie that is written without a year."""
OWN_LEAVE = timedelta(days=92)
"""How long leave by a message may be: '12-05 12-01' is a slip, not nearly a year."""


class Refused(Exception):
    """What was asked for cannot be. `key` and `values` say why, as a text of the wording."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


async def member(staff_id: int, uow: UnitOfWork) -> Staff:
    """An active member of staff. Raises Refused."""
    staff = await uow.county.staff(staff_id)
    if staff is None or not staff.active:
        raise Refused("plan.nobody", number=staff_id)
    return staff


def topic_named(name: str) -> str:
    """A topic of the knowledge base by its id, '' for every topic. Raises Refused."""
    if name and name not in set(Topic):
        raise Refused("plan.no_topic", name=name[:40], known=list(Topic))
    return name


async def add_shift(wanted: Duty, uow: UnitOfWork, now: datetime) -> Shift:
    """Put somebody on duty once. Raises Refused for nobody, for a time that is over, or one that is theirs already."""
    await member(wanted.staff_id, uow)
    if wanted.ends is not None and wanted.ends <= wanted.starts:
        raise Refused("plan.ends_first")
    if wanted.ends is not None and wanted.ends <= now:
        raise Refused("plan.over")
    until = wanted.ends or datetime.max.replace(tzinfo=now.tzinfo)
    if shift_clash(wanted, [routing.duty_of(row) for row in await uow.roster.shifts(wanted.starts, until)]):
        raise Refused("plan.twice")
    row = Shift(
        staff_id=wanted.staff_id,
        starts=wanted.starts,
        ends=wanted.ends,
        village_id=wanted.village_id,
        town_id=wanted.town_id,
        topic=topic_named(wanted.topic),
        on_call=wanted.on_call,
    )
    await uow.roster.add(row)
    return row


async def add_pattern(wanted: Pattern, uow: UnitOfWork, today: date) -> ShiftPattern:
    """Put somebody on duty every week. Raises Refused as for a shift, and without a day of the week."""
    await member(wanted.staff_id, uow)
    if not wanted.weekdays:
        raise Refused("plan.no_weekdays")
    if wanted.last_day is not None and wanted.last_day < wanted.first_day:
        raise Refused("plan.ends_first")
    if wanted.last_day is not None and wanted.last_day < today:
        raise Refused("plan.over")
    if pattern_clash(wanted, [routing.pattern_of(row) for row in await uow.roster.patterns()]):
        raise Refused("plan.twice")
    row = ShiftPattern(
        staff_id=wanted.staff_id,
        weekdays=sorted(wanted.weekdays),
        begins=wanted.begins.strftime("%H:%M"),
        ends=wanted.ends.strftime("%H:%M"),
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        working_days=wanted.working_days,
        village_id=wanted.village_id,
        town_id=wanted.town_id,
        topic=topic_named(wanted.topic),
        on_call=wanted.on_call,
    )
    await uow.roster.add(row)
    return row


async def take_leave(
    staff: Staff, starts: datetime, ends: datetime, house: House, uow: UnitOfWork, now: datetime, *, key: str
) -> tuple[Leave, Outcome]:
    """Somebody is off duty from one moment to another, and the directors know. Raises Refused.

    From now on counts as falling ill does: what they have not answered is offered to others.
    """
    if ends <= starts:
        raise Refused("plan.ends_first")
    if ends <= now:
        raise Refused("plan.over")
    if ends - starts > LONGEST_LEAVE:
        raise Refused("plan.too_long", days=LONGEST_LEAVE.days)
    for row in await uow.roster.leaves(starts, ends):
        if row.staff_id == staff.id and row.reason != "swap":
            raise Refused("plan.on_leave", starts=house.local(row.starts), ends=house.local(row.ends))
    row = Leave(staff_id=staff.id, starts=starts, ends=ends, reason="leave")
    await uow.roster.add(row)
    handed = await duty.hand_on(staff, house, uow, now, key=key) if starts <= now else duty.Handed()
    outcome = handed.outcome
    for director in await duty.directors([staff], uow, but={staff.id}):
        text = house.wording.say(
            "plan.director_leave", director.language, name=staff.name, starts=house.local(starts),
            ends=house.local(ends), numbers=handed.numbers, kept_numbers=handed.kept,
        )  # fmt: skip
        outcome += await to_staff(director, Content(text), house, uow, now, dedup=f"leave:{row.id}:{director.id}")
    text = house.wording.say(
        "plan.you_are_off", staff.language, starts=house.local(starts), ends=house.local(ends),
        numbers=handed.numbers, kept_numbers=handed.kept,
    )  # fmt: skip
    return row, outcome + Outcome(answer=Content(text))


async def cancel_leave(
    leave_id: int, house: House, uow: UnitOfWork, now: datetime, *, by: Staff | None = None
) -> tuple[Leave, Outcome]:
    """Leave is not taken, or ends early, and the directors know. `by`: only their own. Raises Refused for none, and for
    the time of a swap: a colleague has that duty.
    """
    row = await uow.roster.leave(leave_id)
    if row is None or row.ends <= now or (by is not None and row.staff_id != by.id):
        raise Refused("plan.no_leave", number=leave_id)
    if row.reason == "swap":
        raise Refused("plan.leave_of_swap")
    kept = Leave(id=row.id, staff_id=row.staff_id, starts=row.starts, ends=row.ends, reason=row.reason)
    if row.starts < now:
        row.ends = now
    else:
        await uow.roster.remove_leave(row)
    staff = await uow.county.staff(kept.staff_id)
    outcome = Outcome(answer=Content(house.wording.say("plan.back", by.language if by else "en")))
    for director in await duty.directors([staff], uow, but={staff.id}) if staff else []:
        text = house.wording.say(
            "plan.director_back", director.language, name=staff.name if staff else "",
            starts=house.local(kept.starts), ends=house.local(kept.ends),
        )  # fmt: skip
        outcome += await to_staff(director, Content(text), house, uow, now, dedup=f"leave:{kept.id}:back:{director.id}")
    return kept, outcome


async def duty_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/duty`: one's next duties and leave."""
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    local = turn.house.local
    spans = await duty.next_slots(turn.staff, turn.house, uow, turn.now)
    leaves = [row for row in await uow.roster.leaves(turn.now) if row.staff_id == turn.staff.id]
    text = turn.words(
        "plan.mine",
        duties=[(local(span.starts), local(span.ends)) for span in spans],
        leaves=[(row.reason, local(row.starts), local(row.ends)) for row in leaves],
    )
    return turn.reply(text)


async def leave_command(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`/leave 12-01`, `/leave 12-01 12-05`; alone: one's coming leave, with a button to take each back."""
    event = turn.heard.event
    days = event.args.split() if isinstance(event, Command) else []
    if turn.staff is None:
        return turn.reply(turn.words("common.staff_only"))
    if not days:
        return await _list_leave(turn, turn.staff, uow)
    today = turn.house.local(turn.now).date()
    first = day_said(days[0], today, OWN_LEAVE_AHEAD)
    last = day_said(days[-1], first, OWN_LEAVE) if first else None
    if first is None or last is None or len(days) > 2:
        return turn.reply(turn.words("plan.leave_usage"))
    starts, ends = whole_days(first, last, turn.house)
    try:
        _, outcome = await take_leave(turn.staff, max(starts, turn.now), ends, turn.house, uow, turn.now, key=turn.key)
    except Refused as no:
        return turn.reply(turn.words(no.key, **no.values))
    return turn.answered(outcome)


def whole_days(first: date, last: date, house: House) -> tuple[datetime, datetime]:
    """From the beginning of one local day to the end of another."""
    zone = house.settings.zone
    return (
        datetime.combine(first, time(), tzinfo=zone),
        datetime.combine(last + timedelta(days=1), time(), tzinfo=zone),
    )


async def _list_leave(turn: Turn, staff: Staff, uow: UnitOfWork) -> Outcome:
    local = turn.house.local
    rows = [row for row in await uow.roster.leaves(turn.now) if row.staff_id == staff.id and row.reason == "leave"]
    if not rows:
        return turn.reply(turn.words("plan.leave_usage"))
    choices = [
        turn.option(f"leave:{row.id}:off", "plan.take_back", starts=local(row.starts), ends=local(row.ends))
        for row in rows[: duty.SHOWN]
    ]
    return turn.reply(turn.words("plan.your_leave"), *choices)


async def pressed(turn: Turn, uow: UnitOfWork) -> Outcome:
    """`leave:<id>:off`."""
    event = turn.heard.event
    found = re.fullmatch(r"leave:([0-9]{1,10}):off", event.id) if isinstance(event, Choice) else None
    if turn.staff is None or found is None:
        return turn.reply(turn.words("common.stale"))
    try:
        _, outcome = await cancel_leave(int(found[1]), turn.house, uow, turn.now, by=turn.staff)
    except Refused as no:
        return turn.reply(turn.words(no.key, **no.values))
    return turn.answered(outcome)
