"""The desk's pages of legal time limits: those of a case, with forms, and those of one's own cases that end soon."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.app import App
from bot.desk.passes import staff_of
from bot.pages import Pages
from faq.deadlines import deadline_table
from handlers import limits, limits_of_cases
from handlers.messages import Outcome
from handlers.turn import House
from storage.tables import Staff
from storage.unit_of_work import UnitOfWork

SOON = timedelta(days=30)
LONGEST = 60
"""Characters of a day as typed."""
Act = Callable[[Staff, UnitOfWork, datetime, str], Awaitable[Outcome]]


def deadline_routes(app: App, pages: Pages) -> APIRouter:
    """The routes below /desk."""
    desk = DeadlineDesk(app, pages)
    router = APIRouter()
    router.add_api_route("/deadlines", desk.soon, methods=["GET"], response_model=None)
    router.add_api_route("/case/{number}/deadline", desk.keep, methods=["POST"], response_model=None)
    router.add_api_route("/case/{number}/deadline/{limit}/done", desk.done, methods=["POST"], response_model=None)
    for told in ("demand", "obstacle", "longest", "right"):
        path = f"/case/{{number}}/deadline/{{limit}}/{told}"
        router.add_api_route(path, getattr(desk, told), methods=["POST"], response_model=None)
    return router


async def of_case(number: int, language: str, house: House, uow: UnitOfWork, now: datetime) -> dict[str, object]:
    """What the case page shows: the limits that run, and the matters to choose from."""
    today = limits.today(house, now)
    rows = [limits_of_cases.described(row, language, today) for row in await uow.deadlines.of_case(number)]
    matters = [(row.id, limits.in_words(row.matter, language)) for row in deadline_table().values()]
    return {"limits": rows, "matters": matters}


class DeadlineDesk:
    """The pages and forms of one desk."""

    def __init__(self, app: App, pages: Pages) -> None:
        self._app = app
        self._pages = pages

    async def soon(self, request: Request) -> Response:
        """The limits of the signed-in member's open cases that end within 30 days, the nearest first."""
        app = self._app
        now = app.clock()
        today = limits.today(app.house, now)
        async with app.db.read() as uow:
            staff = await staff_of(request, uow, now)
            if staff is None:
                return self._pages.error(request, 401, "desk.sign_in")
            found = await uow.deadlines.of_adviser(staff.id, today + SOON)
            rows = [limits_of_cases.described(row, staff.language, today) for row in found]
            demo = await uow.people.marker("demo") is not None
        return self._pages.render("deadlines.html", staff.language, staff=staff.name, demo=demo, rows=rows)

    async def keep(self, request: Request, number: int) -> Response:
        """Add a limit to a case, or change its day."""
        matter, day = await _fields(request, "matter", "day")

        async def act(staff: Staff, uow: UnitOfWork, now: datetime, key: str) -> Outcome:
            return await limits_of_cases.set_limit(number, staff, matter, day, self._app.house, uow, now, key=key)

        return await self._act(request, number, act)

    async def done(self, request: Request, number: int, limit: int) -> Response:
        """The step was taken."""

        async def act(staff: Staff, uow: UnitOfWork, now: datetime, key: str) -> Outcome:
            return await limits_of_cases.finish(limit, staff, self._app.house, uow, now)

        return await self._act(request, number, act)

    async def demand(self, request: Request, number: int, limit: int) -> Response:
        """A proven demand starts the time anew."""
        (day,) = await _fields(request, "day")

        async def act(staff: Staff, uow: UnitOfWork, now: datetime, key: str) -> Outcome:
            return await limits_of_cases.add_demand(limit, staff, day, self._app.house, uow, now, key=key)

        return await self._act(request, number, act)

    async def obstacle(self, request: Request, number: int, limit: int) -> Response:
        """What nobody could help kept the villager from acting."""
        day, over = await _fields(request, "day", "over")

        async def act(staff: Staff, uow: UnitOfWork, now: datetime, key: str) -> Outcome:
            return await limits_of_cases.add_obstacle(limit, staff, day, over, self._app.house, uow, now, key=key)

        return await self._act(request, number, act)

    async def longest(self, request: Request, number: int, limit: int) -> Response:
        """The first day of the longest limit."""
        (day,) = await _fields(request, "day")

        async def act(staff: Staff, uow: UnitOfWork, now: datetime, key: str) -> Outcome:
            return await limits_of_cases.set_longest(limit, staff, day, self._app.house, uow, now, key=key)

        return await self._act(request, number, act)

    async def right(self, request: Request, number: int, limit: int) -> Response:
        """The day the right became known, where no office told of it."""
        (day,) = await _fields(request, "day")

        async def act(staff: Staff, uow: UnitOfWork, now: datetime, key: str) -> Outcome:
            return await limits_of_cases.set_right_known(limit, staff, day, self._app.house, uow, now, key=key)

        return await self._act(request, number, act)

    async def _act(self, request: Request, number: int, act: Act) -> Response:
        """Run one use case in one commit; then back to the case, or say why it did not happen."""
        app = self._app
        now = app.clock()
        async with app.db.write() as uow:
            staff = await staff_of(request, uow, now)
            if staff is None:
                return self._pages.error(request, 401, "desk.sign_in")
            outcome = await act(staff, uow, now, f"desk:{secrets.token_urlsafe(12)}")
            if outcome.done:
                await app.writer.write(outcome, uow, now)
                await uow.commit()
        app.bells.outbox.ring()
        app.bells.messages.ring()
        if outcome.done:
            return RedirectResponse(f"/desk/case/{number}#limits", 303)
        said = outcome.answer.text if outcome.answer else ""
        return self._pages.render(
            "deadline_refused.html", staff.language, 409, staff=staff.name, demo=False, number=number, said=said
        )


async def _fields(request: Request, *names: str) -> list[str]:
    """Fields of a form as plain short text."""
    async with request.form(max_files=0, max_fields=10) as form:
        return [str(form.get(name, "")).replace("\x00", "").strip()[:LONGEST] for name in names]
