"""The roster on the desk, and what the case page shows and does about who has a case."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from fastapi import APIRouter, Request, Response

from bot.app import App
from bot.desk.feed import feed_routes
from bot.desk.passes import feed_url, staff_of
from bot.pages import Pages
from handlers import advising, duty, handing, routing, walling
from handlers.messages import Content, Outcome
from handlers.rules.duty import Duty
from handlers.rules.hours import Span
from handlers.rules.roster import by_day
from storage.tables import Case, Staff
from storage.unit_of_work import UnitOfWork

Local = Callable[[datetime], datetime]
GAPS, DAY_ROWS, SWAPS, PLACES = 40, 60, 60, 12
"""How many gaps, duties of a day, swaps, and villages of one gap the roster shows."""
ACTIONS = ("opponent", "transfer", "refer", "back", "accept", "refuse")
"""What the case page's forms of this subject do."""


def duty_routes(app: App, pages: Pages) -> APIRouter:
    """The roster's page, beside the desk's other pages, and the feeds."""
    router = APIRouter()
    page = DutyPages(app, pages)
    router.add_api_route("/desk/roster", page.roster, methods=["GET"], response_model=None)
    router.include_router(feed_routes(app, pages))
    return router


class DutyPages:
    """The pages of one app."""

    def __init__(self, app: App, pages: Pages) -> None:
        self._app = app
        self._pages = pages

    async def roster(self, request: Request) -> Response:
        """The next 14 days: who is on duty, when nobody is."""
        app, now = self._app, self._app.clock()
        local = app.house.local
        async with app.db.read() as uow:
            staff = await staff_of(request, uow, now)
            if staff is None:
                return self._pages.error(request, 401, "desk.sign_in")
            names = {row.id: row.name for row in await uow.county.all_staff()}
            known = await uow.county.villages()
            villages = {village.id: village.name for village, _ in known}
            towns = {village.town_id: town for village, town in known}
            active = {row.id for row in await uow.roster.active()}
            planned = await routing.duties(uow, app.house, now, now + routing.AHEAD, active)
            gaps = await duty.coming_gaps(app.house, uow, now)
            values = {
                "days": [
                    (day, [_duty_row(row, names, local) for row in rows[:DAY_ROWS]], max(0, len(rows) - DAY_ROWS))
                    for day, rows in by_day(planned, now, duty.GAP_DAYS, app.config.zone).items()
                ],
                "gaps": _gap_days(gaps, villages, local),
                "more_gaps": max(0, len(gaps) - GAPS),
                "patterns": [
                    (
                        names.get(row.staff_id, ""),
                        row,
                        villages.get(row.village_id or 0, "") or towns.get(row.town_id or 0, ""),
                    )
                    for row in await uow.roster.patterns()
                ],
                "swaps": [
                    {
                        "name": names.get(row.staff_id, ""),
                        "colleague": names.get(row.with_id, ""),
                        "starts": local(row.starts),
                        "ends": local(row.ends),
                        "state": row.state,
                    }
                    for row in (await uow.roster.swaps(now))[:SWAPS]
                ],
                "leaves": [
                    (names.get(row.staff_id, ""), local(row.starts), local(row.ends), row.reason)
                    for row in await uow.roster.leaves(now)
                ],
                "feed": feed_url(
                    app.config.web.public_url.rstrip("/") or str(request.base_url).rstrip("/"), staff.feed
                ),
                "demo": await uow.people.marker("demo") is not None,
            }
        return self._pages.render("roster.html", staff.language, staff=staff.name, **values)


def _duty_row(row: Duty, names: Mapping[int, str], local: Local) -> tuple[str, datetime, datetime | None, bool]:
    return names[row.staff_id], local(row.starts), local(row.ends) if row.ends else None, row.on_call


def _gap_days(
    gaps: Mapping[Span, list[int]], villages: Mapping[int, str], local: Local
) -> dict[date, list[tuple[datetime, datetime, list[str], int]]]:
    """The first gaps by local day; of each the first villages, and how many more there are."""
    found: dict[date, list[tuple[datetime, datetime, list[str], int]]] = {}
    for span, numbers in list(gaps.items())[:GAPS]:
        starts = local(span.starts)
        shown = [villages[number] for number in numbers[:PLACES]]
        found.setdefault(starts.date(), []).append((starts, local(span.ends), shown, max(0, len(numbers) - PLACES)))
    return found


async def sides_and_reasons(case: Case, staff: Staff, app: App, uow: UnitOfWork) -> dict[str, object]:
    """What the case page shows beside the case: who and why, its sides, who could take it over."""
    mine = case.adviser_id == staff.id and case.closed_at is None
    asked = await uow.roster.asked_for(case.id)
    other = await uow.county.staff(asked.to_id) if asked is not None else None
    found = await handing.colleagues(case, staff, app.house, uow, app.clock()) if mine else []
    return {
        "why": await handing.reasons(case, staff.language, app.house, uow),
        "sides": (case.party, case.opponent, case.opponent_side),
        "colleagues": [(row.id, row.name) for row in found],
        "referred": case.referred_to,
        "asked_me": asked is not None and asked.to_id == staff.id,
        "asked_name": other.name if mine and other is not None else "",
    }


async def act(what: str, number: int, staff: Staff, value: str, app: App, uow: UnitOfWork, key: str) -> Outcome:
    """The use case behind one of `ACTIONS`. `value`: the form's fields, a line each."""
    house, now = app.house, app.clock()
    first, _, rest = value.partition("\n")
    match what:
        case "opponent":
            return await _note_sides(number, staff, value, app, uow, key)
        case "transfer":
            to_id = int(first) if re.fullmatch(r"[0-9]{1,9}", first) else 0
            return await handing.ask(number, staff, to_id, rest, house, uow, now)
        case "refer":
            return await handing.refer(number, staff, first, house, uow, now)
        case "accept" | "refuse":
            asked = await uow.roster.asked_for(number)
            return await handing.decide(asked.id if asked else 0, staff, what == "accept", house, uow, now)
        case _:
            return await handing.back(number, staff, house, uow, now)


async def _note_sides(number: int, staff: Staff, value: str, app: App, uow: UnitOfWork, key: str) -> Outcome:
    """Only what the form says; an empty field changes nothing."""
    outcome = Outcome()
    fields = dict(zip(("side", "party", "opponent"), value.split("\n"), strict=False))
    for field, typed in fields.items():
        if typed.strip() and outcome.done:
            outcome += await walling.note(
                number, staff, field, typed, app.house, uow, app.clock(), key=f"{key}:{field}"
            )
    if not any(typed.strip() for typed in fields.values()):
        return advising.refusal(app.house, staff, "wall.opponent_usage")
    if await advising.open_to(number, staff, uow) is None and outcome.done:
        return Outcome(outcome.replies, outcome.tasks, Content(outcome.answer.text if outcome.answer else ""))
    return outcome
