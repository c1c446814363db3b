"""Follow-ups on the desk: what is planned for a case, its two forms, and the list of those to be called."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.app import App
from bot.desk.passes import staff_of
from bot.pages import Pages
from handlers import calls, reminding
from handlers.messages import Outcome
from handlers.turn import House
from storage.unit_of_work import UnitOfWork

LONGEST_FIELD = 4000
"""Characters of a form's field that are looked at; the rules say what of it is too long."""
PLANS = {"perform": reminding.perform, "remind": reminding.remind}


def follow_up_routes(app: App, pages: Pages) -> APIRouter:
    """The routes under /desk of calls and planned follow-ups."""
    desk = FollowUpDesk(app, pages)
    router = APIRouter()
    router.add_api_route("/calls", desk.calls, methods=["GET"], response_model=None)
    router.add_api_route("/calls/{call_id}/done", desk.done, methods=["POST"], response_model=None)
    router.add_api_route("/case/{number}/perform", desk.perform, methods=["POST"], response_model=None)
    router.add_api_route("/case/{number}/remind", desk.remind, methods=["POST"], response_model=None)
    return router


async def planned_rows(number: int, house: House, uow: UnitOfWork) -> list[dict[str, Any]]:
    """A case's follow-ups, as its page shows them."""
    return [
        {"day": house.local(row.due).date(), "kind": row.kind, "state": row.state, "words": row.words}
        for row in await uow.follow_ups.of_case(number)
    ]


class FollowUpDesk:
    """The pages of follow-ups."""

    def __init__(self, app: App, pages: Pages) -> None:
        self._app = app
        self._pages = pages

    async def calls(self, request: Request) -> Response:
        """Whom this member of staff is to call."""
        return await self._list(request)

    async def _list(self, request: Request, *, notice: str = "", status: int = 200) -> Response:
        async with self._app.db.read() as uow:
            staff = await staff_of(request, uow, self._app.clock())
            if staff is None:
                return self._pages.error(request, 401, "desk.sign_in")
            rows = [await calls.card(call, self._app.house, uow) for call in await calls.of(staff, uow)]
            demo = await uow.people.marker("demo") is not None
        return self._pages.render(
            "call_list.html", staff.language, status, staff=staff.name, demo=demo, rows=rows, notice=notice
        )

    async def done(self, request: Request, call_id: int) -> Response:
        """The call was made. A second press changes nothing."""
        app = self._app
        async with app.db.write() as uow:
            staff = await staff_of(request, uow, app.clock())
            if staff is None:
                return self._pages.error(request, 401, "desk.sign_in")
            outcome = await calls.done(call_id, staff, app.house, uow, app.clock())
            if outcome.done:
                await uow.commit()
        if outcome.done:
            return RedirectResponse("/desk/calls", 303)
        return await self._list(request, notice=_said(outcome), status=409)

    async def perform(self, request: Request, number: int) -> Response:
        """Dates on which it is asked whether an agreement was kept."""
        return await self._plan(request, number, "perform")

    async def remind(self, request: Request, number: int) -> Response:
        """Words to be sent to the villager later."""
        return await self._plan(request, number, "remind")

    async def _plan(self, request: Request, number: int, what: str) -> Response:
        async with request.form(max_files=0, max_fields=10) as form:
            text = str(form.get("text", "")).replace("\x00", "").strip()
        app = self._app
        now = app.clock()
        async with app.db.write() as uow:
            staff = await staff_of(request, uow, now)
            if staff is None:
                return self._pages.error(request, 401, "desk.sign_in", text)
            outcome = await PLANS[what](number, text[:LONGEST_FIELD], staff, app.house, uow, now)
            if outcome.done:
                await app.writer.write(outcome, uow, now)
            case = await uow.cases.get(number)
            own = case is not None and case.adviser_id == staff.id
            planned = await planned_rows(number, app.house, uow) if own else []
            demo = await uow.people.marker("demo") is not None
            if outcome.done:
                await uow.commit()
        return self._pages.render(
            "planned.html", staff.language, 200 if outcome.done else 409, staff=staff.name, demo=demo, planned=planned,
            card={"number": number}, mine=own, notice=_said(outcome), done=outcome.done,
            drafts={} if outcome.done else {what: text},
        )  # fmt: skip


def _said(outcome: Outcome) -> str:
    return outcome.answer.text if outcome.answer else ""
