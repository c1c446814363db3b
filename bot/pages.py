"""What chat and desk pages share: templates, tappable numbers, languages, one-time form keys."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.app import App

FOLDERS = [Path(__file__).parent / place / "templates" for place in ("channels/web", "desk")]
LONGEST_TEXT = 10_000
"""Characters of one post."""
_MOBILE_OR_LANDLINE = r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]?\d{7,8}|400[ -]?\d{3}[ -]?\d{4}"


class Pages:
    """Renders templates for one app. Every text comes from the wording."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._environment = Environment(
            loader=FileSystemLoader(FOLDERS), undefined=StrictUndefined, autoescape=True, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        self._phones = _phone_pattern(app.house.settings.numbers.values())
        self._environment.filters["tappable"] = self.tappable
        self._environment.globals["form_key"] = lambda: secrets.token_urlsafe(12)
        self._environment.globals["asset"] = _assets()
        self._environment.globals["numbers"] = app.house.settings.numbers

    def tappable(self, text: str) -> Markup:
        """Text as HTML in which phone numbers can be tapped."""

        def link(found: re.Match[str]) -> str:
            # The police's number for text messages takes no calls.
            scheme = "sms" if found[0] == self._app.house.settings.numbers["police_sms"] else "tel"
            return f'<a href="{scheme}:{re.sub("[ -]", "", found[0])}">{found[0]}</a>'

        return Markup(self._phones.sub(link, str(escape(text))))

    def render(self, name: str, language: str, status: int = 200, /, **values: Any) -> HTMLResponse:
        """A page. In templates `t('key', …)` is a text of the wording in the page's language."""
        return HTMLResponse(self.fragment(name, language, **values), status)

    def fragment(self, name: str, language: str, /, **values: Any) -> str:
        """A piece of a page."""
        say = self._app.house.wording.say

        def text(key: str, **rest: object) -> str:
            return say(key, language, **rest)

        return self._environment.get_template(name).render(t=text, language=language, **values)

    @property
    def megabytes(self) -> int:
        """The largest file we take, as people read it."""
        return max(1, self._app.config.uploads.max_bytes // (1024 * 1024))

    def problem(self, key: str, language: str) -> str:
        """What went wrong, in words."""
        numbers = self._app.house.settings.numbers
        values: dict[str, dict[str, object]] = {
            "web.too_large": {"megabytes": self.megabytes},
            "web.too_long": {"limit": LONGEST_TEXT},
            "web.too_fast": {"police": numbers["police"]},
            "web.not_kept": {"legal": numbers["legal"]},
            "web.broken": {"legal": numbers["legal"]},
        }
        return self._app.house.wording.say(key, language, **values.get(key, {}))

    def error(self, request: Request, status: int, key: str, draft: str = "") -> Response:
        """What went wrong: a plain page that leads back, or bare words for our own script. `draft`: what was typed,
        to be copied.
        """
        language = self.hinted(request)
        said = self.problem(key, language)
        if request.headers.get("x-live") == "1":
            return self.notice(said, status)
        home = "/desk" if request.url.path.startswith("/desk") else "/"
        return self.render("error.html", language, status, said=said.split("\n"), home=home, draft=draft)

    def notice(self, said: str, status: int) -> Response:
        """Words for our own script to show, numbers tappable. It knows them from a proxy's page by the header."""
        return HTMLResponse(self.tappable(said), status, {"x-notice": "1"})

    def hinted(self, request: Request) -> str:
        """The language the browser asks for, among ours; the county's default without one."""
        for part in request.headers.get("accept-language", "").split(","):
            if (tag := part.strip()[:2].lower()) in {"zh", "en"}:
                return tag
        return self._app.config.county.default_language


def _phone_pattern(numbers: Collection[str]) -> re.Pattern[str]:
    """The configured numbers and ordinary phone numbers, not amounts, dates or articles that look like them."""
    known = "|".join(re.escape(number) for number in sorted(set(numbers), key=len, reverse=True))
    return re.compile(rf"(?<![\d#&;.:/-])(?:{known}|{_MOBILE_OR_LANDLINE})(?![\d;:/元条天日年月万%-]|\.\d)")


def _assets() -> dict[str, str]:
    """Addresses of static files that change with their content, so that browsers may keep them."""
    found = {}
    for folder, prefix in (
        (FOLDERS[0].parent / "static", "/static/chat"),
        (FOLDERS[1].parent / "static", "/static/desk"),
    ):
        for path in folder.iterdir():
            found[path.name] = f"{prefix}/{path.name}?v={sha256(path.read_bytes()).hexdigest()[:10]}"
    return found
