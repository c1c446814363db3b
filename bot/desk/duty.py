"""The roster on the desk, and what the case page shows and does about who has a case."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request, Response

from bot.app import App
from bot.desk.feed import feed_routes
from bot.desk.passes import feed_url, staff_of
from bot.pages import Pages
from handlers import advising, duty, handing, routing, walling
from handlers.messages import Content, Outcome
from handlers.rules.roster import by_day
from storage.tables import Case, Staff
from storage.unit_of_work import UnitOfWork

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
            villages = {village.id: village.name for village, _ in await uow.county.villages()}
            active = {row.id for row in await uow.roster.active()}
            planned = await routing.duties(uow, app.house, now, now + routing.AHEAD, active)
            days = by_day(planned, now, duty.GAP_DAYS, app.config.zone)
            values = {
                "days": [
                    (
                        day,
                        [
                            (names[row.staff_id], local(row.starts), local(row.ends) if row.ends else None, row.on_call)
                            for row in rows
                        ],
                    )
                    for day, rows in days.items()
                ],
                "gaps": [
                    (local(span.starts), local(span.ends), [villages[number] for number in found])
                    for span, found in (await duty.coming_gaps(app.house, uow, now)).items()
                ],
                "patterns": [
                    (names.get(row.staff_id, ""), row.weekdays, row.begins, row.ends, row.on_call, row.working_days)
                    for row in await uow.roster.patterns()
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


async def sides_and_reasons(case: Case, staff: Staff, app: App, uow: UnitOfWork) -> dict[str, object]:
    """What the case page shows beside the case: who and why, its sides, who could take it over."""
    mine = case.adviser_id == staff.id and case.closed_at is None
    asked = await uow.roster.asked_for(case.id)
    found = await handing.colleagues(case, staff, app.house, uow, app.clock()) if mine else []
    return {
        "why": await handing.reasons(case, staff.language, app.house, uow),
        "sides": (case.party, case.opponent, case.opponent_side),
        "colleagues": [(row.id, row.name) for row in found],
        "referred": case.referred_to,
        "asked_me": asked is not None and asked.to_id == staff.id,
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
