"""What a telephone's calendar takes (RFC 5545): a time limit with its alarms, and somebody's duties as a feed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vText

from handlers.rules.duty import Duty

ENDLESS_DAYS = 14
"""How many days ahead a duty without an end is shown."""
FRESH = timedelta(hours=1)
"""How often a telephone is asked to fetch a feed anew."""


def calendar_file(
    *, uid: str, day: date, title: str, description: str, alarms: tuple[tuple[int, int], ...], made: datetime
) -> bytes:
    """One whole-day event on `day`, as UTF-8. `alarms`: (days before the day, hour of the day, local to the telephone).

    `uid` is the same for each version of a limit, so that a later file replaces the earlier entry.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Doorstep//Legal time limits//EN")
    calendar.add("version", "2.0")
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", made)
    event.add("sequence", int(made.timestamp()) % 2**31)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", title)
    event.add("description", description)
    for before, hour in alarms:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", timedelta(hours=hour) - timedelta(days=before))
        event.add_component(alarm)
    calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data


def duty_feed(
    duties: Iterable[Duty], *, name: str, title: Callable[[Duty], str], zone: ZoneInfo, now: datetime
) -> bytes:
    """Somebody's duties, in UTC, as UTF-8. A duty without an end stands on each of the next days as a whole day.

    The id of an event follows from what the duty is, so that a telephone moves nothing that has not changed.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Doorstep//Duty//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", vText(name))
    calendar.add("refresh-interval", FRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    today = now.astimezone(zone).date()
    for duty in dict.fromkeys(duties):
        if duty.ends is not None:
            calendar.add_component(_duty_event(duty, duty.starts, duty.ends, title(duty), now))
            continue
        first = max(today, duty.starts.astimezone(zone).date())
        for number in range(ENDLESS_DAYS):
            day = first + timedelta(days=number)
            calendar.add_component(_duty_event(duty, day, day + timedelta(days=1), title(duty), now))
    data: bytes = calendar.to_ical()
    return data


def _duty_event(duty: Duty, starts: date, ends: date, title: str, now: datetime) -> Event:
    event = Event()
    begin = int(starts.timestamp()) if isinstance(starts, datetime) else starts.isoformat()
    post = f"{duty.village_id or 0}-{duty.town_id or 0}-{duty.topic}-{int(duty.on_call)}"
    event.add("uid", f"{duty.staff_id}-{begin}-{post}@doorstep")
    event.add("dtstamp", now)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    event.add("summary", title)
    event.add("transp", "TRANSPARENT" if duty.on_call or duty.ends is None else "OPAQUE")
    return event
