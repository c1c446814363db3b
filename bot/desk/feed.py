"""An adviser's duties as a calendar feed: the address, which its owner makes and closes, and what it opens."""

from __future__ import annotations

import re
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from bot.app import App
from bot.desk.passes import new_feed, staff_of
from bot.pages import Pages
from handlers import routing
from handlers.rules.calendar_file import duty_feed
from handlers.rules.duty import Duty
from storage.tables import Staff
from storage.unit_of_work import UnitOfWork

BEHIND, AHEAD = timedelta(days=7), timedelta(days=56)
"""What of the past and of the time to come a feed holds."""
_SECRET = re.compile(r"[A-Za-z0-9_-]{20,64}")


def feed_routes(app: App, pages: Pages) -> APIRouter:
    """`/duty/<secret>.ics` for telephones, `/desk/feed` for the button."""
    desk = FeedDesk(app, pages)
    router = APIRouter()
    router.add_api_route("/duty/{name}", desk.feed, methods=["GET", "HEAD"], response_model=None)
    router.add_api_route("/desk/feed", desk.change, methods=["POST"], response_model=None)
    return router


class FeedDesk:
    """The feeds of one app."""

    def __init__(self, app: App, pages: Pages) -> None:
        self._app = app
        self._pages = pages

    async def feed(self, request: Request, name: str) -> Response:
        """Duties alone: no villager, no case. Whoever has the address sees them; it is never written to a log."""
        secret = name.removesuffix(".ics")
        if secret == name or not _SECRET.fullmatch(secret):
            raise HTTPException(404)
        now = self._app.clock()
        async with self._app.db.read() as uow:
            staff = await uow.roster.by_feed(secret)
            if staff is None:
                raise HTTPException(404)
            body = await _calendar(self._app, staff, uow)
        headers = {"cache-control": "private, no-store", "last-modified": now.strftime("%a, %d %b %Y %H:%M:%S GMT")}
        return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)

    async def change(self, request: Request) -> Response:
        """Make one's own address, replace it, or close it; pressed twice it is replaced twice."""
        async with request.form(max_files=0, max_fields=10) as form:
            off = form.get("choice") == "feed:off"
        async with self._app.db.write() as uow:
            staff = await staff_of(request, uow, self._app.clock())
            if staff is None:
                return self._pages.error(request, 401, "desk.sign_in")
            staff.feed = "" if off else new_feed()
            await uow.commit()
        return RedirectResponse("/desk/roster#feed", 303)


async def _calendar(app: App, staff: Staff, uow: UnitOfWork) -> bytes:
    now, say = app.clock(), app.house.wording.say
    villages = await uow.county.villages()
    places = {village.id: village.name for village, _ in villages}
    towns = {village.town_id: town for village, town in villages}

    def title(duty: Duty) -> str:
        place = places.get(duty.village_id or 0, "") or towns.get(duty.town_id or 0, "")
        topic = say("knowledge.topic", staff.language, name=duty.topic) if duty.topic else ""
        return say("roster.feed_duty", staff.language, on_call=duty.on_call, place=place, about=topic)

    return duty_feed(
        await routing.duties(uow, app.house, now - BEHIND, now + AHEAD, {staff.id}),
        name=say("roster.feed_name", staff.language, name=staff.name),
        title=title,
        zone=app.config.zone,
        now=now,
    )
