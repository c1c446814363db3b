"""A time limit as a calendar file, which a telephone takes up with its alarms (RFC 5545)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event


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
