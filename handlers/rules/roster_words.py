"""Weekdays, hours and days as people write them for a roster, and which duties say the same time twice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time, timedelta

from handlers.rules.duty import Duty
from handlers.rules.roster import Pattern

_WEEK = (
    ("mon", "monday", "1", "一"),
    ("tue", "tuesday", "2", "二"),
    ("wed", "wednesday", "3", "三"),
    ("thu", "thursday", "4", "四"),
    ("fri", "friday", "5", "五"),
    ("sat", "saturday", "6", "六"),
    ("sun", "sunday", "7", "日", "天"),
)
_DAYS = {name: number for number, names in enumerate(_WEEK) for name in names}
_WHOLE = {"daily": frozenset(range(7)), "每天": frozenset(range(7)), "工作日": frozenset(range(5))}


def weekdays_said(text: str) -> frozenset[int]:
    """Days of the week (0 is Monday) out of 'mon-fri', 'tue,thu', '1-5', '周一至周五' or '一三五'; empty for anything
    else, even where a part is understood.
    """
    plain = re.sub(r"周|星期|礼拜|\s", "", text.strip().lower())
    if plain in _WHOLE:
        return _WHOLE[plain]
    found: set[int] = set()
    for part in re.split(r"[,，、;]", plain):
        ends = [_DAYS.get(name) for name in re.split(r"[-–~至到]", part)]
        if len(ends) == 1 and ends[0] is None and part and all(sign in "一二三四五六日天" for sign in part):
            found |= {_DAYS[sign] for sign in part}
            continue
        if None in ends or len(ends) > 2:
            return frozenset()
        first, last = ends[0] or 0, ends[-1] or 0
        found |= {number % 7 for number in range(first, last + 1 if last >= first else last + 8)}
    return frozenset(found)


def hour_said(text: str) -> time | None:
    """A local time of day out of '9:00' or '09：30'; None for anything else, and for seconds or offsets."""
    found = re.fullmatch(r"([0-9]{1,2})[:：]([0-9]{2})", text.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


def day_said(text: str, today: date, reach: timedelta) -> date | None:
    """A day from today to `reach` ahead, out of 2026-11-30, 11-30 or 11月30日 (the next such day); None for others."""
    found = re.fullmatch(r"(?:([0-9]{4})[-/年])?([0-9]{1,2})[-/月]([0-9]{1,2})日?", text)
    if found is None:
        return None
    year, month, number = (int(part) if part else 0 for part in found.groups())
    try:
        day = date(year or today.year, month, number)
        if not year and day < today:
            day = date(today.year + 1, month, number)
    except ValueError:
        return None
    return day if today <= day <= today + reach else None


def _same_post(one: Duty | Pattern, other: Duty | Pattern) -> bool:
    return (one.staff_id, one.village_id, one.town_id, one.topic, one.on_call) == (
        other.staff_id, other.village_id, other.town_id, other.topic, other.on_call,
    )  # fmt: skip


def shift_clash(new: Duty, kept: Iterable[Duty]) -> bool:
    """Whether somebody has a shift for the same place and topic at the same time already."""
    return any(
        _same_post(new, old)
        and (new.ends is None or old.starts < new.ends)
        and (old.ends is None or new.starts < old.ends)
        for old in kept
    )


def pattern_clash(new: Pattern, kept: Iterable[Pattern]) -> bool:
    """Whether somebody has a weekly duty for the same place and topic at the same hours of a day already."""
    return any(_same_post(new, old) and _share_days(new, old) and _share_hours(new, old) for old in kept)


def _share_days(one: Pattern, other: Pattern) -> bool:
    return (one.last_day is None or other.first_day <= one.last_day) and (
        other.last_day is None or one.first_day <= other.last_day
    )


def _share_hours(one: Pattern, other: Pattern) -> bool:
    """Whether two weeks overlap; a duty over midnight reaches into the next day, Sunday's into Monday."""
    return bool(_minutes(one) & _minutes(other))


def _minutes(pattern: Pattern) -> set[int]:
    begin, end = (moment.hour * 60 + moment.minute for moment in (pattern.begins, pattern.ends))
    length = end - begin if end > begin else end - begin + 24 * 60
    return {(day * 24 * 60 + begin + minute) % (7 * 24 * 60) for day in pattern.weekdays for minute in range(length)}
