"""The advisers' desk: an entrypoint beside the chats. Its forms call the same use cases as an adviser's chat does."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.exceptions import HTTPException

from bot.app import App
from bot.channels.web.pages import LOOK_SECONDS, file_response
from bot.desk import deadlines
from bot.desk import duty as duty_pages
from bot.desk.cards import SECTIONS, card, in_order, row
from bot.desk.follow_ups import follow_up_routes, planned_rows
from bot.desk.knowledge import knowledge_routes
from bot.desk.passes import COOKIE, hashed, staff_of
from bot.desk.service import event_lines, late_cases
from bot.pages import Pages
from handlers import advising, casework, clocks, waiting
from handlers.messages import Content, Outcome
from storage.tables import Case, Staff
from storage.unit_of_work import UnitOfWork

LONGEST_REPLY = 10_000
DONE = frozenset({"claim", "release", "reply", "close", "wait", "extend", "decide", *duty_pages.ACTIONS})
"""What a case page says has just been done."""
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_FILE_ID = re.compile(r"[0-9a-f]{64}")


def desk_routes(app: App, pages: Pages, stopping: asyncio.Event) -> APIRouter:
    """The routes of the desk."""
    desk = Desk(app, pages, stopping)
    router = APIRouter(prefix="/desk")
    router.add_api_route("", desk.inbox, methods=["GET"], response_model=None)
    router.add_api_route("/enter", desk.enter, methods=["GET"], response_model=None)
    router.add_api_route("/leave", desk.leave, methods=["POST"], response_model=None)
    router.add_api_route("/events", desk.events, methods=["GET"], response_model=None)
    router.add_api_route("/case/{number}", desk.case, methods=["GET"], response_model=None)
    router.add_api_route("/case/{number}/claim", desk.claim, methods=["POST"], response_model=None)
    router.add_api_route("/case/{number}/release", desk.release, methods=["POST"], response_model=None)
    router.add_api_route("/case/{number}/reply", desk.reply, methods=["POST"], response_model=None)
    router.add_api_route("/case/{number}/close", desk.close, methods=["POST"], response_model=None)
    router.add_api_route("/case/{number}/wait", desk.wait, methods=["POST"], response_model=None)
    router.add_api_route("/case/{number}/extend", desk.extend, methods=["POST"], response_model=None)
    router.add_api_route("/case/{number}/decide", desk.decide, methods=["POST"], response_model=None)
    for what in duty_pages.ACTIONS:
        router.add_api_route(f"/case/{{number}}/{what}", desk.hand, methods=["POST"], response_model=None)
    router.add_api_route("/case/{number}/files/{file_id}", desk.file, methods=["GET"], response_model=None)
    router.add_api_route("/inbox/{inbox_id}/retry", desk.retry, methods=["POST"], response_model=None)
    router.include_router(knowledge_routes(app, pages))
    router.include_router(deadlines.deadline_routes(app, pages))
    router.include_router(follow_up_routes(app, pages))
    return router


class Desk:
    """The pages of one desk."""

    def __init__(self, app: App, pages: Pages, stopping: asyncio.Event) -> None:
        self._app = app
        self._pages = pages
        self._stopping = stopping

    async def _staff(self, request: Request, uow: UnitOfWork) -> Staff | None:
        return await staff_of(request, uow, self._app.clock())

    def _outside(self, request: Request, key: str = "desk.sign_in", status: int = 401, *, draft: str = "") -> Response:
        return self._pages.error(request, status, key, draft)

    async def enter(self, request: Request) -> Response:
        """Spend a one-time link: this browser is signed in, and the secret leaves the address bar."""
        now = self._app.clock()
        secret = request.query_params.get("pass", "")
        async with self._app.db.write() as uow:
            staff_id = await uow.people.use_link(hashed(secret), now)
            staff = await uow.county.staff(staff_id)
            if staff is None or not staff.active:
                if await self._staff(request, uow) is not None:
                    # A second press on the link by the browser that it signed in.
                    return RedirectResponse("/desk", 303)
                return self._outside(request, "desk.link_spent", 403)
            session = secrets.token_urlsafe(32)
            valid = self._app.config.desk.session_valid
            await uow.people.add_pass(hashed(session), "session", staff.id, now + valid)
            await uow.commit()
        response = RedirectResponse("/desk", 303)
        secure = request.url.scheme == "https" or self._app.config.web.public_url.startswith("https:")
        response.set_cookie(
            COOKIE,
            session,
            max_age=int(valid.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=secure,
            path="/desk",
        )
        return response

    async def leave(self, request: Request) -> Response:
        """Sign this browser out."""
        async with self._app.db.write() as uow:
            await uow.people.end_session(hashed(request.cookies.get(COOKIE, "")), self._app.clock())
            await uow.commit()
        response = self._outside(request, "desk.signed_out", 200)
        response.delete_cookie(COOKIE, path="/desk")
        return response

    async def inbox(self, request: Request) -> Response:
        """Those that wait, the adviser's own, those closed lately, or one of the three; and what went wrong."""
        now = self._app.clock()
        async with self._app.db.read() as uow:
            staff = await self._staff(request, uow)
            if staff is None:
                return self._outside(request)
            cases = {
                "waiting": in_order([row for row in await uow.cases.waiting() if await self._open(row, staff, uow)]),
                "mine": in_order(await uow.cases.of_adviser(staff.id)),
                "closed": [row for row in await uow.cases.closed(20) if await self._open(row, staff, uow)],
                "late": await late_cases(staff, uow, now),
            }
            show = request.query_params.get("show", "")
            wanted = [show] if show in cases else SECTIONS
            values = {
                "sections": {
                    name: [await card(row, self._app.house, uow, now) for row in cases[name]] for name in wanted
                },
                "counts": {name: len(rows) for name, rows in cases.items()},
                "show": wanted[0] if len(wanted) == 1 else "",
                "set_aside": [
                    (row.id, row.channel, self._app.house.local(row.received_at)) for row in await uow.inbox.set_aside()
                ],
                "given_up": [(row.id, row.kind) for row in await uow.tasks.given_up()],
                "unreadable": self._app.shelf.problems,
                "demo": await uow.people.marker("demo") is not None,
            }
        return self._pages.render("desk.html", staff.language, staff=staff.name, **values)

    async def _open(self, case: Case, staff: Staff, uow: UnitOfWork) -> bool:
        return await advising.open_to(case.id, staff, uow) is not None

    async def case(self, request: Request, number: int) -> Response:
        """One case, whole."""
        return await self._case_page(request, number, notice=_notice(request))

    async def _case_page(
        self, request: Request, number: int, *, notice: str = "", draft: str = "", status: int = 200
    ) -> Response:
        async with self._app.db.read() as uow:
            staff = await self._staff(request, uow)
            if staff is None:
                return self._outside(request)
            case = await advising.open_to(number, staff, uow)
            if case is None:
                return self._outside(request, "desk.no_case", 404)
            shown = await card(case, self._app.house, uow, self._app.clock())
            adviser = await uow.county.staff(case.adviser_id)
            messages = await uow.people.of_case(number)
            deliveries = await uow.outbox.of_messages([row.id for row in messages])
            service = {
                "events": await event_lines(case, self._app.house, uow),
                "onward": await clocks.offered_onward(case, uow),
                "decides": await waiting.may_decide(case, staff, uow),
                "waits": case.waits_for_villager_since is not None,
                "may_wait": case.answered_at is not None,
                "asked_longer": await waiting.is_asked(case, uow),
            }
            offered = await casework.offered(number, staff.language, self._app.house, uow)
            running = await deadlines.of_case(number, staff.language, self._app.house, uow, self._app.clock())
            demo = await uow.people.marker("demo") is not None
            planned = await planned_rows(number, self._app.house, uow)
            beside = await duty_pages.sides_and_reasons(case, staff, self._app, uow)
        return self._pages.render(
            "case.html", staff.language, status, staff=staff.name, card=shown, notice=notice, draft=draft, demo=demo,
            service=service,
            adviser=adviser.name if adviser else "", mine=adviser is not None and adviser.id == staff.id,
            rows=[row(message, deliveries.get(message.id), self._app.house) for message in messages], offered=offered,
            **running, **beside, planned=planned, done_words=DONE,
            endings=advising.CLOSE_OUTCOMES, releasable=advising.releasable(case, staff),
        )  # fmt: skip

    async def claim(self, request: Request, number: int) -> Response:
        """Take a waiting case."""
        return await self._act(request, number, "claim", "")

    async def release(self, request: Request, number: int) -> Response:
        """Put back a case claimed by mistake."""
        return await self._act(request, number, "release", "")

    async def reply(self, request: Request, number: int) -> Response:
        """Answer the villager; the same form sent twice answers once."""
        async with request.form(max_files=0, max_fields=10) as form:
            text = str(form.get("text", "")).replace("\x00", "").replace("\r\n", "\n").strip()
            nonce = str(form.get("nonce", ""))
        # With the words in the key, a form that a browser restored with an old nonce does not lose what is new in it.
        key = f"{nonce}:{hashed(text)[:12]}" if _KEY.fullmatch(nonce) else ""
        return await self._act(request, number, "reply", text, key=key)

    async def close(self, request: Request, number: int) -> Response:
        """Close the case with an outcome."""
        async with request.form(max_files=0, max_fields=10) as form:
            ending = str(form.get("choice", "")).rpartition(":")[2]
        return await self._act(request, number, "close", ending)

    async def wait(self, request: Request, number: int) -> Response:
        """Wait for the villager: the clocks stand still."""
        return await self._act(request, number, "wait", "")

    async def extend(self, request: Request, number: int) -> Response:
        """Ask for the longest time, with a reason."""
        async with request.form(max_files=0, max_fields=10) as form:
            reason = str(form.get("reason", "")).replace("\x00", "").strip()
        return await self._act(request, number, "extend", reason)

    async def decide(self, request: Request, number: int) -> Response:
        """Grant or refuse more time."""
        async with request.form(max_files=0, max_fields=10) as form:
            answer = str(form.get("choice", "")).rpartition(":")[2]
        return await self._act(request, number, "decide", answer)

    async def hand(self, request: Request, number: int) -> Response:
        """Note the sides, hand the case on, answer a colleague who asks: `duty.ACTIONS`, the path's last part."""
        what = request.url.path.rpartition("/")[2]
        names = {"opponent": ("side", "party", "opponent"), "transfer": ("to", "reason"), "refer": ("where",)}
        async with request.form(max_files=0, max_fields=10) as form:
            fields = [" ".join(str(form.get(name, "")).replace("\x00", "").split()) for name in names.get(what, ())]
        return await self._act(request, number, what, "\n".join(fields))

    async def _act(self, request: Request, number: int, what: str, value: str, *, key: str = "") -> Response:
        """Run one use case in one commit; then back to the case, or the case with the reason it did not happen."""
        app = self._app
        now = app.clock()
        key = f"desk:{key or secrets.token_urlsafe(12)}"
        draft = value if what == "reply" else ""
        async with app.db.write() as uow:
            staff = await self._staff(request, uow)
            if staff is None:
                return self._outside(request, draft=draft)
            outcome = await self._run(what, number, staff, value, uow, now, key)
            if outcome.done:
                await app.writer.write(outcome, uow, now)
                await uow.commit()
        app.bells.outbox.ring()
        app.bells.messages.ring()
        if outcome.done:
            return RedirectResponse(f"/desk/case/{number}?done={what}#act", 303)
        reason = outcome.answer.text if outcome.answer else ""
        return await self._case_page(request, number, notice=reason, draft=draft, status=409)

    async def _run(
        self, what: str, number: int, staff: Staff, value: str, uow: UnitOfWork, now: datetime, key: str
    ) -> Outcome:
        """The use case behind one of the case page's buttons."""
        house = self._app.house
        match what:
            case "claim":
                return await advising.claim(number, staff, house, uow, now, key=key)
            case "release":
                return await advising.release(number, staff, house, uow, now, key=key)
            case "close":
                return await advising.close(number, staff, value, house, uow, now)
            case "wait":
                return await waiting.wait(number, staff, house, uow, now, key=key)
            case "extend":
                return await waiting.ask_extension(number, staff, value, house, uow, now, key=key)
            case "decide":
                return await waiting.decide_extension(number, staff, value, house, uow, now, key=key)
            case _ if what in duty_pages.ACTIONS:
                return await duty_pages.act(what, number, staff, value, self._app, uow, key)
            case _ if len(value) > LONGEST_REPLY:
                said = house.wording.say("web.too_long", staff.language, limit=LONGEST_REPLY)
                return Outcome(answer=Content(said), done=False)
            case _:
                return await advising.reply(number, staff, Content(value), house, uow, now, key=f"{key}:{staff.id}")

    async def retry(self, request: Request, inbox_id: int) -> Response:
        """Put a message that was set aside back in the queue."""
        async with self._app.db.write() as uow:
            if await self._staff(request, uow) is None:
                return self._outside(request)
            if not await uow.inbox.retry(inbox_id):
                return self._outside(request, "desk.gone", 404)
            await uow.commit()
        self._app.bells.inbox.ring()
        return RedirectResponse("/desk", 303)

    async def file(self, request: Request, number: int, file_id: str) -> Response:
        """A file of a case this member of staff may see."""
        if not _FILE_ID.fullmatch(file_id):
            raise HTTPException(404)
        async with self._app.db.read() as uow:
            staff = await self._staff(request, uow)
            case = await advising.open_to(number, staff, uow) if staff else None
            if case is None or all(row.blob_id != file_id for row in await uow.people.of_case(number)):
                raise HTTPException(404)
            blob = await uow.people.blob(file_id)
        return await file_response(self._app, file_id, blob.mime if blob else "")

    async def events(self, request: Request) -> Response:
        """A server-sent event whenever something was said or claimed: the page then fetches itself anew."""
        async with self._app.db.read() as uow:
            if await self._staff(request, uow) is None:
                return Response(status_code=204)
        return StreamingResponse(self._stream(request), media_type="text/event-stream")

    async def _stream(self, request: Request) -> AsyncIterator[str]:
        before = None
        while not self._stopping.is_set() and not await request.is_disconnected():
            async with self._app.db.read() as uow:
                if await self._staff(request, uow) is None:
                    return
                seen = (
                    await uow.people.newest_message_id(), await uow.cases.counts(), await uow.outbox.counts(),
                    (await uow.inbox.counts()).get("set_aside", 0),
                )  # fmt: skip
            if seen != before:
                yield ": hello\n\n" if before is None else "event: changed\ndata: 1\n\n"
                before = seen
            await self._app.bells.messages.wait(LOOK_SECONDS)


def _notice(request: Request) -> str:
    """What was just done, as the key of a wording; '' for nothing we know."""
    done = request.query_params.get("done", "")
    return done if done in DONE else ""
