"""The roster on the desk and the calendar feed: who sees what, what a telephone gets, which address opens nothing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.app import App
from bot.desk import duty as duty_page
from handlers.rules.calendar_file import ENDLESS_DAYS, duty_feed
from handlers.rules.duty import Duty
from storage.roster import Roster
from storage.tables import Leave, Shift, ShiftPattern, Staff, Swap
from tests.channels.test_web import adviser, app, browser, moves_in, signs_in, villager
from tests.conftest import Clock

__all__ = ["adviser", "app", "villager"]

HOUR = timedelta(hours=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def events(body: bytes) -> list[Any]:
    """The events of a calendar that keeps to RFC 5545: lines of at most 75 bytes that end in CRLF, all in UTF-8."""
    lines = body.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    calendar: Any = Calendar.from_ical(body.decode())
    assert calendar["version"] == "2.0"
    assert calendar["prodid"]
    assert not calendar.errors
    found = calendar.walk("VEVENT")
    for event in found:
        assert not event.errors
        assert event["dtstamp"].dt.tzinfo is not None
    assert len({str(event["uid"]) for event in found}) == len(found)
    return list(found)


async def opens_feed(app: App, staff_id: int, secret: str = "a" * 32) -> str:
    async with app.db.write() as uow:
        staff = await uow.county.staff(staff_id)
        assert staff is not None
        staff.feed = secret
        await uow.commit()
    return f"/duty/{secret}.ics"


async def test_a_feed_holds_shifts_weekly_duties_and_no_leave(app: App, villager: httpx.AsyncClient) -> None:
    now = app.clock().replace(microsecond=0)
    day = (now + timedelta(days=3)).date()
    async with app.db.write() as uow:
        member = await uow.county.add_staff(Staff(name="王，海;\\ 很长的名字" * 6, role="adviser"))
        village = await uow.county.village_by_code("dongpo")
        assert village is not None
        start = datetime.combine(day, time(1, 30), tzinfo=UTC)
        await uow.roster.add(
            Shift(staff_id=member.id, starts=start, ends=start + 8 * HOUR, village_id=village.id, topic="land"),
            Shift(staff_id=member.id, starts=start, ends=start + 8 * HOUR, on_call=True),
            ShiftPattern(
                staff_id=member.id, weekdays=list(range(7)), begins="20:00", ends="08:00", first_day=day,
                last_day=day + timedelta(days=2), working_days=False,
            ),
            Leave(staff_id=member.id, starts=start + 2 * HOUR, ends=start + 4 * HOUR),
        )  # fmt: skip
        number = member.id
        await uow.commit()
    address = await opens_feed(app, number)
    answer = await villager.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert "no-store" in answer.headers["cache-control"]
    found = events(answer.content)
    spans = [(event["dtstart"].dt, event["dtend"].dt, str(event["summary"])) for event in found]
    shift = "值班 · 东坡村 · 承包地"
    assert (start, start + 2 * HOUR, shift) in spans
    assert (start + 4 * HOUR, start + 8 * HOUR, shift) in spans
    assert (start, start + 2 * HOUR, "待命") in spans
    assert [words for begin, end, words in spans if end - begin == 12 * HOUR] == ["值班"] * 3
    assert len(spans) == 7
    assert "很长的名字" in str(Calendar.from_ical(answer.content.decode())["x-wr-calname"])
    again = events((await villager.get(address)).content)
    assert {str(event["uid"]) for event in again} == {str(event["uid"]) for event in found}
    assert (await villager.head(address)).status_code == 200


def test_titles_are_escaped_folded_and_whole(clock: Clock) -> None:
    title = "值班, 东坡村; 一\\二\n三：" + "很长" * 60
    start = datetime(2026, 12, 1, 1, tzinfo=UTC)
    rows = [Duty(1, start, start + HOUR), Duty(1, start, start + HOUR), Duty(1, start, start + HOUR, village_id=2)]
    body = duty_feed(rows, name=title, title=lambda _: title, zone=SHANGHAI, now=clock())
    found = events(body)
    assert [str(event["summary"]) for event in found] == [title, title]
    assert b"DTSTART:20261201T010000Z" in body


def test_a_duty_without_an_end_stands_on_each_day(clock: Clock) -> None:
    rows = [Duty(1, datetime(2026, 1, 1, tzinfo=UTC), None)]
    found = events(duty_feed(rows, name="x", title=lambda _: "x", zone=SHANGHAI, now=clock()))
    days = [event["dtstart"].dt for event in found]
    assert days == [date(2026, 11, 24) + timedelta(days=number) for number in range(ENDLESS_DAYS)]
    clock.advance(timedelta(days=1))
    later = events(duty_feed(rows, name="x", title=lambda _: "x", zone=SHANGHAI, now=clock()))
    assert [event["uid"] for event in later][:-1] == [event["uid"] for event in found][1:]


async def test_an_address_that_was_replaced_or_closed_opens_nothing(app: App, adviser: httpx.AsyncClient) -> None:
    page = (await adviser.get("/desk/roster")).text
    assert "生成地址" in page
    assert "webcal:" not in page
    first = address_in((await adviser.post("/desk/feed", data={"choice": "feed:new"})).text)
    assert (await adviser.get(first)).status_code == 200
    second = address_in((await adviser.post("/desk/feed", data={"choice": "feed:new"})).text)
    assert [(await adviser.get(path)).status_code for path in (first, second)] == [404, 200]
    assert "生成地址" in (await adviser.post("/desk/feed", data={"choice": "feed:off"})).text
    assert (await adviser.get(second)).status_code == 404
    third = address_in((await adviser.post("/desk/feed")).text)
    async with app.db.write() as uow:
        staff = await uow.county.staff(1)
        assert staff is not None
        staff.active = False
        await uow.commit()
    assert (await adviser.get(third)).status_code == 404


def address_in(page: str) -> str:
    found = re.search(r'value="http://help\.example\.org(/duty/[A-Za-z0-9_-]{32}\.ics)"', page)
    assert found is not None, page
    return found[1]


async def test_an_address_is_its_owner_s_alone_and_other_sites_cannot_press(
    app: App, adviser: httpx.AsyncClient
) -> None:
    await opens_feed(app, 1, "b" * 32)
    async with browser(app) as colleague, browser(app) as outsider:
        await signs_in(colleague, app, 2)
        assert "b" * 32 not in (await colleague.get("/desk/roster")).text
        assert "b" * 32 in (await adviser.get("/desk/roster")).text
        assert (await outsider.get("/desk/roster")).status_code == 401
        assert (await outsider.post("/desk/feed")).status_code == 401
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert (await adviser.post("/desk/feed", headers=headers)).status_code == 403
    assert "b" * 32 in (await adviser.get("/desk/roster")).text


@pytest.mark.parametrize(
    "path", ["/duty/.ics", "/duty/x.ics", "/duty/" + "a" * 32, "/duty/" + "a" * 99 + ".ics", "/duty/%00.ics",
             "/duty/" + "z" * 32 + ".ics", "/duty/..%2f..%2f.ics"],
)  # fmt: skip
async def test_no_such_address(villager: httpx.AsyncClient, path: str) -> None:
    assert (await villager.get(path)).status_code == 404


async def test_the_secret_is_never_logged(
    app: App, villager: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    address = await opens_feed(app, 1, "c" * 32)

    async def breaks(*_: object) -> None:
        raise OperationalError("select", {}, Exception("broken"))

    with capture_logs() as logs:
        assert (await villager.get(address)).status_code == 200
        monkeypatch.setattr(Roster, "by_feed", breaks)
        assert (await villager.get(address)).status_code in {500, 503}
    assert logs
    assert "c" * 32 not in repr(logs) + caplog.text


async def test_the_roster_shows_gaps_by_day_swaps_and_what_a_weekly_duty_is_for(
    app: App, adviser: httpx.AsyncClient
) -> None:
    assert "没有人要换班" in (await adviser.get("/desk/roster")).text
    now = app.clock()
    async with app.db.write() as uow:
        village = await uow.county.village_by_code("dongpo")
        assert village is not None
        await uow.roster.add(
            ShiftPattern(
                staff_id=2, weekdays=[0, 1], begins="08:30", ends="17:30", first_day=now.date(),
                village_id=village.id, topic="land",
            ),
            Swap(staff_id=2, with_id=3, starts=now, ends=now + 8 * HOUR, state="asked", asked_at=now),
        )  # fmt: skip
        for shift in await uow.county.shifts(now):
            await uow.county.remove_shift(shift.id)
        await uow.commit()
    page = (await adviser.get("/desk/roster")).text
    for words in (
        "08:30–17:30 · 东坡村 · 承包地",
        "王海燕（演示）请李建国（演示）替班，等答复",
        "这些时候没有人值班",
        "08:30–17:30 · 东坡村 · 柳湾村",
    ):
        assert words in page


async def test_a_long_roster_says_what_it_leaves_out(
    app: App, adviser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GAPS", "DAY_ROWS", "PLACES"):
        monkeypatch.setattr(duty_page, name, 1)
    now = app.clock()
    async with app.db.write() as uow:
        for shift in await uow.county.shifts(now):
            await uow.county.remove_shift(shift.id)
        for number in (2, 3):
            start = datetime.combine(now.date() + timedelta(days=2), time(1), tzinfo=UTC)
            await uow.roster.add(Shift(staff_id=number, starts=start, ends=start + HOUR))
        await uow.commit()
    page = (await adviser.get("/desk/roster")).text
    assert page.count("个没列出") >= 3


async def test_a_case_page_says_what_is_being_waited_for(
    app: App, adviser: httpx.AsyncClient, villager: httpx.AsyncClient
) -> None:
    await moves_in(villager)
    await villager.post("/chat", data={"text": "/person"})
    async with browser(app) as holder:
        await signs_in(holder, app, 2)
        await holder.post("/desk/case/1/claim")
        before = (await holder.get("/desk/case/1")).text
        assert "还归您办" not in before
        assert "没批以前时间照算" not in before
        await holder.post("/desk/case/1/transfer", data={"to": "3", "reason": ""})
        await holder.post("/desk/case/1/extend", data={"reason": "等法院"})
        page = (await holder.get("/desk/case/1")).text
        assert "已经问了李建国（演示）" in page
        assert "没批以前时间照算" in page
    assert "extend:1:yes" in (await adviser.get("/desk/case/1")).text
    assert (await adviser.post("/desk/case/1/decide", data={"choice": "extend:1:maybe"})).status_code == 409
    assert (await adviser.post("/desk/case/1/decide", data={"choice": "extend:1:yes"})).status_code == 200
    assert (await adviser.post("/desk/case/1/decide", data={"choice": "extend:1:no"})).status_code == 409
    assert "陈明（演示）同意延长" in (await adviser.get("/desk/case/1")).text
