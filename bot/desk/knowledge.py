"""The knowledge base on the desk: the list, an entry, its form, the review queue, what was not answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.app import App
from bot.desk.passes import staff_of
from bot.pages import Pages
from faq.load import LANGUAGES
from faq.model import Entry, Risk, Topic
from handlers import catalogue, knowledge, recalling
from handlers.answers import answer_text
from handlers.knowledge import Step, entry_of
from handlers.rules import entry_form
from handlers.rules.review import Fault, may_decide, review_mark, year_on
from storage.tables import EntryStatus, EntryVersion, Staff
from storage.unit_of_work import UnitOfWork

PAGE = 60
"""Entries on one page of the list."""
DONE = frozenset({"kept", "sent", "published", "sent_back", "discarded", "withdrawn"})
CHOICES = {"language": LANGUAGES, "topic": tuple(Topic), "risk": tuple(Risk)}
ROWS = {
    "phrasings": 8,
    "answer": 3,
    "explanation": 6,
    "steps": 5,
    "documents": 4,
    "sources": 5,
    "deadlines": 2,
    "related": 3,
}
"""How many lines a field shows; the others are one line."""

Act = Callable[[Staff, UnitOfWork], Awaitable[Step]]


def knowledge_routes(app: App, pages: Pages) -> APIRouter:
    """The routes under /desk/knowledge."""
    desk = KnowledgeDesk(app, pages)
    router = APIRouter(prefix="/knowledge")
    looks: dict[str, Callable[..., Awaitable[Response]]] = {
        "": desk.list_, "/new": desk.new, "/queue": desk.queue, "/gaps": desk.gaps,
        "/version/{number}": desk.version, "/entry/{language}/{entry_id}": desk.entry,
    }  # fmt: skip
    steps: dict[str, Callable[..., Awaitable[Response]]] = {
        "/new": desk.create, "/version/{number}": desk.save, "/version/{number}/{what}": desk.step,
        "/entry/{language}/{entry_id}/withdraw": desk.withdraw, "/entry/{language}/{entry_id}/recall": desk.recall,
    }  # fmt: skip
    for method, routes in (("GET", looks), ("POST", steps)):
        for path, page in routes.items():
            router.add_api_route(path, page, methods=[method], response_model=None)
    return router


class KnowledgeDesk:
    """The pages of the knowledge base."""

    def __init__(self, app: App, pages: Pages) -> None:
        self._app = app
        self._pages = pages
        self._demo = False

    async def _signed_in(self, request: Request, uow: UnitOfWork) -> Staff | None:
        self._demo = await uow.people.marker("demo") is not None
        return await staff_of(request, uow, self._app.clock())

    def _outside(self, request: Request, key: str = "desk.sign_in", status: int = 401) -> Response:
        return self._pages.error(request, status, key)

    def _render(self, name: str, staff: Staff, status: int = 200, /, **values: Any) -> Response:
        given = {
            "staff": staff.name,
            "decides": may_decide(staff.role),
            "demo": self._demo,
            "notice": "",
            "done": False,
        }
        return self._pages.render(f"knowledge_{name}.html", staff.language, status, **{**given, **values})

    def _notice(self, request: Request, staff: Staff) -> dict[str, Any]:
        """What was just done, for a page that was come back to."""
        done, count = request.query_params.get("done", ""), request.query_params.get("count", "")
        say = self._app.house.wording.say
        if done in DONE:
            return {"notice": say(f"knowledge.{done}", staff.language), "done": True}
        if done == "recalled" and count.isdigit() and len(count) < 8:
            return {"notice": say("knowledge.recalled", staff.language, count=int(count)), "done": True}
        return {}

    async def list_(self, request: Request) -> Response:
        """Every entry, by topic, status and words."""
        app, asked = self._app, request.query_params
        filters = {name: asked.get(name, "")[:100] for name in ("topic", "status", "words")}
        due = asked.get("due") == "1"
        at = int(page) if (page := asked.get("page", "1")).isdigit() and len(page) < 6 else 1
        async with app.db.read() as uow:
            staff = await self._signed_in(request, uow)
            if staff is None:
                return self._outside(request)
            now = app.clock()
            lines = await catalogue.catalogue(app.house.matcher.entries, uow, now, knowledge.today(app.house, now))
        lines = [line for line in lines if line.fits(due=due, **filters)]
        lines.sort(key=lambda line: ({"past": 0, "soon": 1}.get(line.mark, 2), list(Topic).index(line.entry.topic)))
        last = max(1, -(-len(lines) // PAGE))
        at = min(max(at, 1), last)
        links = {n: "?" + urlencode({**filters, "due": "1" if due else "", "page": n}) for n in (at - 1, at + 1)}
        return self._render(
            "list", staff, lines=lines[(at - 1) * PAGE : at * PAGE], total=len(lines), topics=list(Topic),
            statuses=("shipped", "published", "withdrawn", "draft", "review"), due=due, at=at, last=last, links=links,
            problems=app.shelf.problems, **filters, **self._notice(request, staff),
        )  # fmt: skip

    async def queue(self, request: Request) -> Response:
        """What waits for a second lawyer, and drafts."""
        app = self._app
        async with app.db.read() as uow:
            staff = await self._signed_in(request, uow)
            if staff is None:
                return self._outside(request)
            rows = [await self._row(row, uow) for row in await uow.knowledge.open_versions()]
        return self._render("queue", staff, rows=rows, **self._notice(request, staff))

    async def gaps(self, request: Request) -> Response:
        """Questions nobody has answered yet, like ones together."""
        app = self._app
        async with app.db.read() as uow:
            staff = await self._signed_in(request, uow)
            if staff is None:
                return self._outside(request)
            found = await catalogue.gaps(staff, app.house, uow, app.clock())
        return self._render("gaps", staff, gaps=found)

    async def entry(self, request: Request, language: str, entry_id: str) -> Response:
        """One entry as it stands."""
        return await self._entry_page(request, language, entry_id)

    async def _entry_page(
        self, request: Request, language: str, entry_id: str, *, notice: str = "", note: str = "", status: int = 200
    ) -> Response:
        app = self._app
        now = app.clock()
        async with app.db.read() as uow:
            staff = await self._signed_in(request, uow)
            if staff is None:
                return self._outside(request)
            state = await recalling.present(entry_id, language, app.house, uow)
            rows = await uow.knowledge.versions(entry_id, language)
            entry = state.entry or next((found for row in rows if (found := entry_of(row))), None)
            if entry is None:
                return self._outside(request, "desk.gone", 404)
            affected = len(await recalling.affected(entry_id, app.house, uow, now))
            months = await catalogue.record(entry_id, app.house, uow, now)
            versions = [await self._row(row, uow) for row in rows]
        shown = self._notice(request, staff) | ({"notice": notice, "done": False} if notice else {})
        decided = any(row.revision is not None for row in rows)
        standing = "withdrawn" if state.entry is None else "published" if decided else "shipped"
        return self._render(
            "entry", staff, status, entry=entry, standing=standing, text=answer_text(entry, entry.language, app.house),
            mark=review_mark(entry.review_by, knowledge.today(app.house, now)) if state.entry else "", note=note,
            versions=versions, months=months, affected=affected, days=app.house.settings.recall_within.days, **shown,
        )  # fmt: skip

    async def _row(self, row: EntryVersion, uow: UnitOfWork) -> dict[str, Any]:
        author = await uow.county.staff(row.author_id)
        reviewer = await uow.county.staff(row.reviewer_id)
        entry = entry_of(row)
        return {
            "id": row.id, "entry_id": row.entry_id, "language": row.language, "status": row.status, "note": row.note,
            "author": author.name if author else "", "reviewer": reviewer.name if reviewer else "",
            "question": entry.question if entry else row.entry_id,
            "when": self._app.house.local(row.decided_at or row.created_at),
        }  # fmt: skip

    async def new(self, request: Request) -> Response:
        """An empty form; or one begun from an entry's present text (`of`), or from a villager's question."""
        app, asked = self._app, request.query_params
        now = app.clock()
        day = knowledge.today(app.house, now)
        fields: dict[str, str] | None = {
            "language": app.house.settings.default_language, "risk": Risk.ANSWER_AND_OFFER_PERSON.value,
            "jurisdiction": "national", "checked_on": day.isoformat(), "review_by": year_on(day).isoformat(),
        }  # fmt: skip
        async with app.db.read() as uow:
            staff = await self._signed_in(request, uow)
            if staff is None:
                return self._outside(request)
            if of := asked.get("of", ""):
                entry = await self._present(of, asked.get("language", ""), uow)
                fields = entry_form.typed(entry) if entry else None
            elif (question := asked.get("question", "")).isdigit():
                case = asked.get("case", "")
                number = int(case[:10]) if case.isdigit() else 0
                fields = await catalogue.draft_fields(int(question[:10]), number, staff, app.house, uow, now)
        if fields is None:
            return self._outside(request, "desk.gone", 404)
        from_people = "question" in asked and not of
        return self._form(staff, fields, fresh=not of, warn=from_people)

    async def _present(self, entry_id: str, language: str, uow: UnitOfWork) -> Entry | None:
        """The text to start a change from: what counts, or what was withdrawn."""
        state = await recalling.present(entry_id, language, self._app.house, uow)
        row = await uow.knowledge.last_decided(entry_id, language)
        return state.entry or (entry_of(row) if row else None)

    def _form(
        self, staff: Staff, fields: dict[str, str], *, fresh: bool, row: dict[str, Any] | None = None, edits: int = 0,
        faults: tuple[Fault, ...] = (), notice: str = "", warn: bool = False,
    ) -> Response:  # fmt: skip
        by_field: dict[str, list[Fault]] = {}
        for fault in faults:
            by_field.setdefault(fault.field, []).append(fault)
        return self._render(
            "form", staff, 422 if faults else 409 if notice else 200, names=entry_form.FIELDS, fields=fields,
            fresh=fresh, row=row, edits=edits, faults=by_field, notice=notice, choices=CHOICES, rows=ROWS, warn=warn,
        )  # fmt: skip

    async def _typed(self, request: Request) -> dict[str, str]:
        async with request.form(max_files=0, max_fields=40) as form:
            return {str(name): str(value).replace("\x00", "")[: entry_form.LONGEST] for name, value in form.items()}

    async def create(self, request: Request) -> Response:
        """Keep a new draft, or show the form again with what is wrong."""
        app, fields = self._app, await self._typed(request)
        fresh = fields.get("fresh") == "1"

        async def act(staff: Staff, uow: UnitOfWork) -> Step:
            return await knowledge.new_draft(fields, staff, app.house, uow, app.clock(), fresh=fresh)

        staff, step = await self._act(request, act)
        if staff is None:
            return self._outside(request)
        if step.done and step.row is not None:
            return RedirectResponse(f"/desk/knowledge/version/{step.row.id}?done={step.key}", 303)
        return self._form(staff, fields, fresh=fresh, faults=step.faults, notice=step.said)

    async def version(self, request: Request, number: int) -> Response:
        """One version: as a villager would see it, and what can be done with it."""
        return await self._version_page(request, number)

    async def _version_page(
        self, request: Request, number: int, *, step: Step | None = None, fields: dict[str, str] | None = None
    ) -> Response:
        app = self._app
        async with app.db.read() as uow:
            staff = await self._signed_in(request, uow)
            if staff is None:
                return self._outside(request)
            row = await uow.knowledge.get(number)
            if row is None:
                return self._outside(request, "desk.gone", 404)
            shown = await self._row(row, uow)
        entry = entry_of(row)
        mine = row.author_id in {None, staff.id}
        if (row.status == EntryStatus.DRAFT and mine and request.query_params.get("edit") == "1") or fields is not None:
            edits = int(fields["edits"]) if fields and fields.get("edits", "").isdigit() else row.edits
            fields = fields or (entry_form.typed(entry) if entry else {})
            return self._form(
                staff, {**fields, "id": row.entry_id, "language": row.language}, fresh=False, row=shown, edits=edits,
                faults=step.faults if step else (), notice=step.said if step else "",
            )  # fmt: skip
        said = {"notice": step.said, "done": False} if step else self._notice(request, staff)
        return self._render(
            "version", staff, 409 if step else 200, row=shown, mine=mine, own=row.author_id == staff.id,
            text=answer_text(entry, entry.language, app.house) if entry else "", faults=step.faults if step else (),
            **said,
        )  # fmt: skip

    async def save(self, request: Request, number: int) -> Response:
        """Save a draft again."""
        app, fields = self._app, await self._typed(request)
        edits = int(fields["edits"]) if fields.get("edits", "").isdigit() and len(fields["edits"]) < 9 else -1

        async def act(staff: Staff, uow: UnitOfWork) -> Step:
            return await knowledge.change_draft(number, edits, fields, staff, app.house, uow, app.clock())

        staff, step = await self._act(request, act)
        if staff is None:
            return self._outside(request)
        if step.done:
            return RedirectResponse(f"/desk/knowledge/version/{number}?done={step.key}", 303)
        return await self._version_page(request, number, step=step, fields=fields)

    async def step(self, request: Request, number: int, what: str) -> Response:
        """Send, approve, send back, throw away or restore a version."""
        app = self._app
        note = (await self._typed(request)).get("note", "")

        async def act(staff: Staff, uow: UnitOfWork) -> Step:
            house, now = app.house, app.clock()
            match what:
                case "send":
                    return await knowledge.send_to_review(number, staff, house, uow, now)
                case "approve":
                    return await knowledge.approve(number, staff, house, uow, now)
                case "back":
                    return await knowledge.send_back(number, note, staff, house, uow, now)
                case "discard":
                    return await knowledge.discard(number, staff, house, uow, now)
                case "restore":
                    return await knowledge.restore(number, staff, house, uow, now)
                case _:
                    return Step(False, house.wording.say("desk.gone", staff.language))

        staff, step = await self._act(request, act)
        if staff is None:
            return self._outside(request)
        if not step.done:
            return await self._version_page(request, number, step=step)
        if step.row is None:
            return RedirectResponse(f"/desk/knowledge/queue?done={step.key}", 303)
        if step.row.status == EntryStatus.PUBLISHED:
            place = f"entry/{step.row.language}/{step.row.entry_id}"
            return RedirectResponse(f"/desk/knowledge/{place}?done={step.key}", 303)
        return RedirectResponse(f"/desk/knowledge/version/{step.row.id}?done={step.key}", 303)

    async def withdraw(self, request: Request, language: str, entry_id: str) -> Response:
        """Take an entry out of use."""
        app = self._app
        note = (await self._typed(request)).get("note", "")

        async def act(staff: Staff, uow: UnitOfWork) -> Step:
            return await knowledge.withdraw(entry_id, note, staff, app.house, uow, app.clock())

        staff, step = await self._act(request, act)
        if staff is None:
            return self._outside(request)
        if not step.done:
            return await self._entry_page(request, language, entry_id, notice=step.said, note=note, status=409)
        return RedirectResponse(f"/desk/knowledge/entry/{language}/{entry_id}?done={step.key}", 303)

    async def recall(self, request: Request, language: str, entry_id: str) -> Response:
        """Tell everybody who got an older answer."""
        app = self._app
        now = app.clock()
        async with app.db.write() as uow:
            staff = await self._signed_in(request, uow)
            if staff is None:
                return self._outside(request)
            outcome = await recalling.recall(entry_id, staff, app.house, uow, now)
            if outcome.done:
                await app.writer.write(outcome, uow, now)
                await uow.commit()
        if not outcome.done:
            said = outcome.answer.text if outcome.answer else ""
            return await self._entry_page(request, language, entry_id, notice=said, status=409)
        place = f"/desk/knowledge/entry/{language}/{entry_id}"
        return RedirectResponse(f"{place}?done=recalled&count={len(outcome.tasks)}", 303)

    async def _act(self, request: Request, act: Act) -> tuple[Staff | None, Step]:
        """Run one step in one commit; nothing is kept of a step that was not done."""
        app = self._app
        async with app.db.write() as uow:
            staff = await self._signed_in(request, uow)
            if staff is None:
                return None, Step(False, "")
            step = await act(staff, uow)
            if step.done:
                await uow.commit()
        app.bells.knowledge.ring()
        return staff, step
