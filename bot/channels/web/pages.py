"""The web chat: a channel whose delivery is the commit. Works without JavaScript; with it, it is live."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from bot.app import App
from bot.channels.base import Raw
from bot.channels.own import encode, words
from bot.channels.web.limit import Allowance, address_of
from bot.pages import LONGEST_TEXT, Pages
from bot.writer import CALENDAR
from handlers.messages import Attachment, Choice, Command, Document, Event, Photo, Voice
from storage.tables import Conversation, Message

log = structlog.get_logger(__name__)

COOKIE = "doorstep_chat"
COOKIE_SECONDS = 400 * 24 * 3600
SHOWN = 60
"""How many messages a page shows; older ones on request."""
LONG_WORDS = 150
"""From how many characters on somebody's own words would push the answer out of a phone's view."""
ANSWER_SECONDS = 4.0
"""How long a post waits for its answer before it sends the browser back to the page."""
LOOK_SECONDS = 1.0
STILL_THERE_SECONDS = 15.0
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{20,100}")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")
_FILE_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is asking: the secret in their cookie, and the chat id made from it. `new`: the cookie is to be set."""

    secret: str
    new: bool

    @property
    def chat(self) -> str:
        return sha256(self.secret.encode()).hexdigest()


def visitor_of(request: Request) -> Visitor:
    """The visitor a request's cookie names, or a new one."""
    secret = request.cookies.get(COOKIE, "")
    if _SECRET.fullmatch(secret):
        return Visitor(secret, new=False)
    return Visitor(secrets.token_urlsafe(32), new=True)


def chat_routes(app: App, pages: Pages, stopping: asyncio.Event) -> APIRouter:
    """The routes of the web chat."""
    chat = WebChat(app, pages, stopping)
    router = APIRouter()
    router.add_api_route("/", chat.page, methods=["GET"], response_class=HTMLResponse)
    router.add_api_route("/v/{code}", chat.poster, methods=["GET"], response_model=None)
    router.add_api_route("/chat", chat.post, methods=["POST"], response_model=None)
    router.add_api_route("/events", chat.events, methods=["GET"], response_model=None)
    router.add_api_route("/files/{file_id}", chat.file, methods=["GET"], response_model=None)
    return router


class WebChat:
    """Reads and writes one villager's conversation."""

    def __init__(self, app: App, pages: Pages, stopping: asyncio.Event) -> None:
        self._app = app
        self._pages = pages
        self._stopping = stopping
        self._warned = False
        self._allowance = Allowance(app.config.web.posts_per_minute, app.clock)

    async def page(self, request: Request) -> Response:
        """The conversation, and the form to go on with it."""
        prefix, _, code = request.query_params.get("start", "").partition("_")
        if prefix == "v" and code:
            return await self.poster(request, code)
        return await self._show(request, visitor_of(request))

    async def poster(self, request: Request, code: str) -> Response:
        """A village's own address, as printed on its poster: opens the chat with the village known.

        Each poster counts once for a visitor: whoever keeps its address among their bookmarks and has changed the
        village since is not moved back.
        """
        if not _CODE.fullmatch(code):
            raise HTTPException(404)
        visitor = visitor_of(request)
        if not self._allowed(request, visitor):
            return await self._refused(request, visitor, "web.too_fast", 429, "", live=False)
        await self._keep(Command("start", f"v_{code}"), visitor, f"v-{code}", request)
        return self._back(request, visitor)

    def _allowed(self, request: Request, visitor: Visitor, text: str = "") -> bool:
        """Whether this visitor may post now. Words of an emergency are never held up."""
        trusted = self._app.config.web.trust_proxy
        if not trusted and not self._warned and "x-forwarded-for" in request.headers:
            # Perhaps a proxy whose visitors all count as one address; whoever set it up should hear of it, once.
            self._warned = True
            log.warning("chat.proxy_not_trusted", setting="web.trust_proxy")
        address = address_of(request, trust_proxy=trusted)
        urgent = self._app.house.emergencies.check(text) is not None
        return self._allowance.take(f"visitor {visitor.chat}", f"address {address}", urgent=urgent)

    async def post(self, request: Request) -> Response:
        """A message, a file or a pressed button: stored, then shown on the page."""
        visitor = visitor_of(request)
        async with request.form(max_files=1, max_fields=20) as form:
            key = str(form.get("nonce", ""))
            draft = text if isinstance(text := form.get("text", ""), str) else ""
            allowed = self._allowed(request, visitor, draft)
            problem, event = await self._event(form) if allowed else ("web.too_fast", None)
        status = 429 if not allowed else 503 if problem == "web.not_kept" else 400
        if event is not None:
            try:
                await self._keep(event, visitor, key if _KEY.fullmatch(key) else secrets.token_urlsafe(12), request)
            except Exception as error:
                log.warning("chat.not_kept", error=type(error).__name__)
                problem, status = "web.not_kept", 503
        live = request.headers.get("x-live") == "1"
        if problem:
            return await self._refused(request, visitor, problem, status, draft, live=live)
        if live:
            return self._with_cookie(Response(status_code=204), request, visitor)
        return self._back(request, visitor)

    async def _refused(
        self, request: Request, visitor: Visitor, problem: str, status: int, draft: str, *, live: bool
    ) -> Response:
        """Why a post was not taken; what was typed comes back with it."""
        said = self._pages.problem(problem, self._pages.hinted(request))
        if live:
            return self._with_cookie(self._pages.notice(said, status), request, visitor)
        try:
            return await self._show(request, visitor, status, notice=said, draft=draft)
        except Exception as error:
            log.warning("chat.not_shown", error=type(error).__name__)
            return self._pages.error(request, 503, "web.not_kept")

    async def _event(self, form: FormData) -> tuple[str, Event | None]:
        """What a form says: the event, or the key of the text that says what is wrong with it."""
        if choice := form.get("choice"):
            wrong = not isinstance(choice, str) or len(choice.encode("utf-8", "replace")) > 64
            return ("web.not_allowed", None) if wrong else ("", Choice(str(choice), str(form.get("on", ""))[:40]))
        text = form.get("text", "")
        text = text.replace("\x00", "").replace("\r\n", "\n").strip() if isinstance(text, str) else ""
        if len(text) > LONGEST_TEXT:
            return "web.too_long", None
        upload = form.get("file")
        if isinstance(upload, UploadFile) and (upload.filename or upload.size):
            return await self._uploaded(upload, text)
        return ("", words(text)) if text else ("web.empty_message", None)

    async def _uploaded(self, upload: UploadFile, text: str) -> tuple[str, Event | None]:
        """A file is on disk before anything else is."""
        limit = self._app.config.uploads.max_bytes
        data = await upload.read(limit + 1)
        if len(data) > limit:
            return "web.too_large", None
        if not data:
            return "web.empty_message", None
        now = self._app.clock()
        try:
            blob = await asyncio.to_thread(self._app.blobs.put, data, upload.filename or "", now)
            async with self._app.db.write() as uow:
                await uow.people.add_blob(blob)
                await uow.commit()
        except Exception as error:
            log.warning("chat.file_not_kept", error=type(error).__name__)
            return "web.not_kept", None
        major = blob.mime.partition("/")[0]
        if major == "image":
            return "", Photo(Attachment("photo", blob.name, blob.size, blob=blob.id), text)
        if major == "audio":
            return "", Voice(Attachment("voice", blob.name, blob.size, blob=blob.id), 0, text)
        return "", Document(Attachment("document", blob.name, blob.size, blob=blob.id), text)

    async def _keep(self, event: Event, visitor: Visitor, key: str, request: Request) -> None:
        """Store an event, once for each key, and wait a moment for what it leads to."""
        app = self._app
        # With the words in the key, a form that a browser restored with an old nonce does not lose what is new in it.
        update_id = f"{visitor.chat[:24]}:{key}:{sha256(repr(event).encode('utf-8', 'replace')).hexdigest()[:12]}"
        body = encode(event, visitor.chat, app.clock(), self._pages.hinted(request))
        await app.store("web", "", [Raw(update_id, visitor.chat, body)])
        deadline = asyncio.get_running_loop().time() + ANSWER_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            async with app.db.read() as uow:
                row = await uow.inbox.find("web", "", update_id)
            if row is None or row.state != "waiting":
                return
            await app.bells.messages.wait(0.1)

    def _back(self, request: Request, visitor: Visitor) -> Response:
        return self._with_cookie(RedirectResponse("/#new", 303), request, visitor)

    def _with_cookie(self, response: Response, request: Request, visitor: Visitor) -> Response:
        if visitor.new:
            secure = request.url.scheme == "https" or self._app.config.web.public_url.startswith("https:")
            response.set_cookie(
                COOKIE, visitor.secret, max_age=COOKIE_SECONDS, httponly=True, samesite="lax", secure=secure
            )
        return response

    async def _conversation(self, chat: str) -> tuple[Conversation | None, str, list[Message], bool]:
        """The conversation of a chat, its person's language, all its messages, and whether this is a demonstration."""
        async with self._app.db.read() as uow:
            demo = await uow.people.marker("demo") is not None
            conversation = await uow.people.conversation("web", "", chat, lock=False)
            if conversation is None:
                return None, "", [], demo
            person = await uow.people.person(conversation.person_id)
            return conversation, person.language, await uow.people.messages(conversation.id, limit=1000), demo

    async def _show(
        self, request: Request, visitor: Visitor, status: int = 200, *, notice: str = "", draft: str = ""
    ) -> HTMLResponse:
        _, language, messages, demo = await self._conversation(visitor.chat)
        shown = messages if request.query_params.get("all") else messages[-SHOWN:]
        settings = self._app.house.settings
        response = self._pages.render(
            "chat.html",
            language or self._pages.hinted(request),
            status,
            rows=_mark(_rows(shown, _labels(messages))),
            older=len(messages) - len(shown),
            after=messages[-1].id if messages else 0,
            county=settings.county,
            megabytes=self._pages.megabytes,
            largest=self._app.config.uploads.max_bytes,
            demo=demo,
            notice=notice,
            draft=draft[:LONGEST_TEXT * 2],
        )  # fmt: skip
        self._with_cookie(response, request, visitor)
        return response

    async def events(self, request: Request, after: int = 0) -> StreamingResponse:
        """New messages as server-sent events; each carries its id, from which a lost connection goes on."""
        last = request.headers.get("last-event-id", "")
        start = int(last) if last.isascii() and last.isdigit() and len(last) < 10 else min(max(after, 0), 2**31 - 1)
        stream = self._stream(request, visitor_of(request), start)
        return StreamingResponse(stream, media_type="text/event-stream", headers={"x-accel-buffering": "no"})

    async def _stream(self, request: Request, visitor: Visitor, after: int) -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        spoken = loop.time()
        yield "retry: 2000\n\n"
        while not self._stopping.is_set() and not await request.is_disconnected():
            async with self._app.db.read() as uow:
                conversation = await uow.people.conversation("web", "", visitor.chat, lock=False)
                fresh = await uow.people.messages(conversation.id, after=after) if conversation else []
                person = await uow.people.person(conversation.person_id) if conversation else None
                known = await uow.people.messages(conversation.id, limit=200) if conversation and fresh else []
            language = (person.language if person else "") or self._pages.hinted(request)
            for row in _rows(fresh, _labels(known)):
                html = self._pages.fragment("message.html", language, row=row)
                data = "".join(f"data: {line}\n" for line in html.splitlines() if line.strip())
                yield f"id: {row['id']}\nevent: message\n{data}\n"
                spoken = loop.time()
            after = max([after, *(row.id for row in fresh)])
            if loop.time() - spoken > STILL_THERE_SECONDS:
                yield ": still here\n\n"
                spoken = loop.time()
            await self._app.bells.messages.wait(LOOK_SECONDS)

    async def file(self, request: Request, file_id: str) -> Response:
        """A file of this visitor's own conversation."""
        if not _FILE_ID.fullmatch(file_id):
            raise HTTPException(404)
        async with self._app.db.read() as uow:
            conversation = await uow.people.conversation("web", "", visitor_of(request).chat, lock=False)
            if conversation is None or not await uow.people.has_file(conversation.id, file_id):
                raise HTTPException(404)
            blob = await uow.people.blob(file_id)
        return await file_response(self._app, file_id, blob.mime if blob else "")


async def file_response(app: App, file_id: str, mime: str) -> Response:
    """A stored file: shown when its bytes are a picture or sound, else offered for download."""
    try:
        data = await asyncio.to_thread(app.blobs.get, file_id)
    except OSError:
        raise HTTPException(404) from None
    shown = mime.startswith(("image/", "audio/"))
    made = mime == CALENDAR
    disposition = "inline" if shown else f'attachment; filename="{file_id[:12]}{".ics" if made else ""}"'
    headers = {"content-disposition": disposition, "content-security-policy": "default-src 'none'; sandbox"}
    return Response(data, media_type=mime if shown or made else "application/octet-stream", headers=headers)


def _labels(messages: list[Message]) -> dict[str, str]:
    """The label of every choice that was offered."""
    return {row[0]: row[1] for message in messages for row in message.choices}


def _rows(messages: list[Message], labels: dict[str, str]) -> list[dict[str, Any]]:
    """Messages as the page shows them: a press by its label; commands that pages send by themselves not at all."""
    rows: list[dict[str, Any]] = []
    for message in messages:
        if message.kind == "command" and message.text.startswith("/start"):
            continue
        text, pressed = message.text, ""
        if message.kind == "choice":
            pressed = labels.get(message.text, "")
            if not pressed:
                continue
            text = ""
        rows.append(
            {
                "id": message.id,
                "who": "you" if message.direction == "in" else "adviser" if message.author == "staff" else "desk",
                "text": text,
                "pressed": pressed,
                "choices": message.choices,
                "on": message.remote_id,
                "file": message.blob_id,
                "file_kind": message.blob_kind,
                "file_name": message.blob_name,
                "marks": (),
            }
        )
    return rows


def _mark(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say where a page without scripts lands: at `last`, the newest message, or after a post at `new`: the visitor's
    last own words, or what follows them where they are long.
    """
    if rows:
        begin = max((number for number, row in enumerate(rows) if row["who"] == "you"), default=len(rows) - 1)
        if len(rows[begin]["text"]) > LONG_WORDS:
            begin = min(begin + 1, len(rows) - 1)
        rows[begin]["marks"] = ("new",)
        rows[-1]["marks"] += ("last",)
    return rows
