"""The web server: chat and desk pages, health, metrics, and the webhook of a messaging platform."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from bot.app import App
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.web.pages import chat_routes
from bot.desk.duty import duty_routes
from bot.desk.views import desk_routes
from bot.guard import Guard, TooLarge
from bot.metrics import exposition
from bot.pages import Pages
from storage import schema
from storage.database import is_passing

log = structlog.get_logger(__name__)


def create_web(app: App, *, chat: bool, desk: bool) -> FastAPI:
    """The ASGI application for one app; `state.stopping` ends streams when set. Pages only where asked for."""
    web = FastAPI(title="Doorstep", docs_url=None, redoc_url=None, openapi_url=None)
    web.state.stopping = asyncio.Event()
    pages = Pages(app)
    web.add_middleware(
        Guard, limit=app.config.uploads.max_bytes, host=urlsplit(app.config.web.public_url).netloc, refuse=pages.error
    )
    _add_errors(web, pages)
    _add_health(web, app)
    for channel in app.channels.values():
        if isinstance(channel, TelegramChannel) and channel.webhook_path:
            _add_webhook(web, app, channel)
    if chat:
        here = Path(__file__).parent
        web.mount("/static/chat", StaticFiles(directory=here / "channels/web/static"))
        web.mount("/static/desk", StaticFiles(directory=here / "desk/static"))
        web.include_router(chat_routes(app, pages, web.state.stopping))
    if desk:
        web.include_router(desk_routes(app, pages, web.state.stopping))
        web.include_router(duty_routes(app, pages))
    return web


def _add_errors(web: FastAPI, pages: Pages) -> None:
    async def http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        key = "web.no_page" if status in {404, 405} else "web.not_allowed" if status < 500 else "web.broken"
        return pages.error(request, status, key)

    async def too_large(request: Request, error: Exception) -> Response:
        return pages.error(request, 413, "web.too_large")

    async def broken(request: Request, error: Exception) -> Response:
        passing = is_passing(error)
        log.error("web.failed", path=request.url.path.split("/")[1:2], error=type(error).__name__, exc_info=error)
        return pages.error(
            request, 503 if passing else 500, "web.not_kept" if request.method == "POST" else "web.broken"
        )

    web.add_exception_handler(HTTPException, http_error)
    web.add_exception_handler(TooLarge, too_large)
    for kind in (SQLAlchemyError, OSError, Exception):
        web.add_exception_handler(kind, broken)


def _add_health(web: FastAPI, app: App) -> None:
    began = time.monotonic()

    @web.get("/healthz")
    async def healthz() -> dict[str, Any]:
        """The process lives."""
        return {"status": "ok", "uptime_seconds": round(time.monotonic() - began, 1)}

    @web.get("/readyz")
    async def readyz() -> JSONResponse:
        """The database answers and has the schema of this version."""
        try:
            state = await schema.check(app.db)
        except Exception as error:
            return JSONResponse({"status": "unavailable", "database": type(error).__name__}, 503)
        ready = state.status is schema.SchemaStatus.CURRENT
        return JSONResponse(
            {"status": "ok" if ready else "unavailable", "database": state.status.value}, 200 if ready else 503
        )

    @web.get("/metrics")
    async def metrics() -> Response:
        """Queue depths, ages and outcomes, for Prometheus."""
        async with app.db.read() as uow:
            text = await exposition(uow, app.clock())
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def _add_webhook(web: FastAPI, app: App, channel: TelegramChannel) -> None:
    @web.post(channel.webhook_path)
    async def webhook(request: Request) -> PlainTextResponse:
        """An update: stored before it is answered 200."""
        secret = request.headers.get("x-telegram-bot-api-secret-token")
        status = await channel.webhook(await request.body(), secret, app.store)
        return PlainTextResponse("", status)
