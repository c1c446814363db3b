"""A Telegram Bot API server for tests: real HTTP, spoken to by both real libraries.

It keeps what bots send, confirms updates as Telegram does (an offset confirms what is below it), and misbehaves on
request. See https://core.telegram.org/bots/api.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, MultipartReader, web

Json = dict[str, Any]


@dataclass
class Said:
    """A message a bot sent: `buttons` are (label, callback data); `file` the uploaded bytes, if any."""

    message_id: int
    chat: int
    method: str
    text: str
    buttons: list[tuple[str, str]]
    file: bytes
    at: float


@dataclass
class Fault:
    """Misbehaviour for the next `times` calls that fit: a status with a body, or a dropped connection.

    `after` decides whether the call is carried out before it fails: 'processed, but the answer was lost'.
    """

    method: str
    times: int = 1
    status: int = 0
    body: Json | str = ""
    after: bool = False
    delay: float = 0.0
    chat: int | None = None


@dataclass
class User:
    """Somebody with a Telegram account, in a private chat with the bot."""

    server: FakeTelegram
    id: int
    language: str = "zh"
    blocked: bool = False
    heard: list[Said] = field(default_factory=list)
    _seen: int = 0

    async def sends(self, text: str, *, reply_to: Said | None = None) -> int:
        """Write a message; its id comes back."""
        body: Json = {"text": text}
        if text.startswith("/"):
            body["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        return self._message(body, reply_to)

    async def sends_file(
        self, kind: str, data: bytes, caption: str = "", *, size: int | None = None, reply_to: Said | None = None
    ) -> int:
        """Send a 'photo', 'voice' or 'document'; `size` is what the update says of it."""
        file_id = f"f{next(self.server.ids)}"
        self.server.files[file_id] = data
        file = {"file_id": file_id, "file_unique_id": file_id, "file_size": len(data) if size is None else size}
        body: Json = {"caption": caption} if caption else {}
        match kind:
            case "photo":
                body["photo"] = [file | {"width": 90, "height": 90}]
            case "voice":
                body["voice"] = file | {"duration": 3}
            case _:
                body["document"] = file | {"file_name": "paper.pdf"}
        return self._message(body, reply_to)

    async def sends_raw(self, body: Json) -> int:
        """Send a message of any content."""
        return self._message(body, None)

    async def presses(self, choice: str, on: Said | None = None) -> None:
        """Press a button; on the newest message that has it unless told on which."""
        carrier = on or next(
            (said for said in reversed(self.heard) if any(data == choice for _, data in said.buttons)), None
        )
        query: Json = {
            "id": str(next(self.server.ids)),
            "from": self._person(),
            "chat_instance": "1",
            "data": choice,
        }
        if carrier is not None:
            query["message"] = self._envelope(carrier.message_id) | {"text": carrier.text}
        self.server.push({"callback_query": query})

    async def edits(self, message_id: int, text: str) -> None:
        edited = self._envelope(message_id) | {"text": text, "edit_date": int(time.time()), "from": self._person()}
        self.server.push({"edited_message": edited})

    async def blocks(self) -> None:
        self.blocked = True
        self._membership("member", "kicked")

    async def unblocks(self) -> None:
        self.blocked = False
        self._membership("kicked", "member")

    async def hears(self, *parts: str, within: float = 10.0) -> Said:
        """The next message not yet looked at that contains all parts; those before it are passed over."""

        def found() -> Said | None:
            for index in range(self._seen, len(self.heard)):
                if all(part in self.heard[index].text for part in parts):
                    self._seen = index + 1
                    return self.heard[index]
            return None

        said: Said | None = await self.server.until(found, within)
        assert said is not None, (
            f"{self.id} did not hear {parts}; heard {[row.text for row in self.heard[self._seen :]]}"
        )
        return said

    def _person(self) -> Json:
        return {"id": self.id, "is_bot": False, "first_name": f"Name{self.id}", "language_code": self.language}

    def _envelope(self, message_id: int) -> Json:
        chat = {"id": self.id, "type": "private", "first_name": f"Name{self.id}"}
        return {"message_id": message_id, "date": int(time.time()), "chat": chat}

    def _message(self, body: Json, reply_to: Said | None) -> int:
        message_id = next(self.server.ids)
        message = self._envelope(message_id) | {"from": self._person()} | body
        if reply_to is not None:
            message["reply_to_message"] = self._envelope(reply_to.message_id) | {"text": reply_to.text}
        self.server.push({"message": message})
        return message_id

    def _membership(self, old: str, new: str) -> None:
        bot = {"id": 1, "is_bot": True, "first_name": "Doorstep"}
        states = {"old_chat_member": old, "new_chat_member": new}
        change: Json = {"chat": self._envelope(0)["chat"], "from": self._person(), "date": int(time.time())}
        for name, status in states.items():
            change[name] = {"user": bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})
        self.server.push({"my_chat_member": change})


class FakeTelegram:
    """The server. `async with FakeTelegram() as telegram`; `telegram.base` is the address before `/bot<token>`."""

    def __init__(self, token: str = "123456:TEST-token_for-a-bot") -> None:
        self.token = token
        self.base = ""
        self.ids = itertools.count(1000)
        self.users: dict[int, User] = {}
        self.files: dict[str, bytes] = {}
        self.said: list[Said] = []
        self.calls: Counter[str] = Counter()
        self.payloads: dict[str, list[Json]] = defaultdict(list)
        self.faults: list[Fault] = []
        self.webhook: Json = {}
        self.updates: dict[int, Any] = {}
        self._update_ids = itertools.count(1)
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._pushes: set[asyncio.Task[None]] = set()
        self.on_said: Callable[[Said], None] | None = None

    async def __aenter__(self) -> FakeTelegram:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._pushes:
            task.cancel()
        await asyncio.gather(*self._pushes, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    def user(self, user_id: int, language: str = "zh") -> User:
        """The user with this id; made on first use."""
        return self.users.setdefault(user_id, User(self, user_id, language))

    def fail(self, method: str, **how: Any) -> None:
        """Misbehave; see `Fault`."""
        self.faults.append(Fault(method.lower(), **how))

    def push(self, update: Any) -> int:
        """Let the bot have an update; a dict without an id gets the next one."""
        number = next(self._update_ids)
        if isinstance(update, dict):
            update = {"update_id": number, **update}
            number = update["update_id"] if isinstance(update["update_id"], int) else number
        self.updates[number] = update
        self._wake()
        if self.webhook.get("url"):
            task = asyncio.create_task(self._post(number))
            self._pushes.add(task)
            task.add_done_callback(self._pushes.discard)
        return number

    async def until(self, condition: Callable[[], Any], within: float = 10.0) -> Any:
        """Wait until a condition gives something true, at most `within` seconds; its last value comes back."""
        deadline = time.monotonic() + within
        while not (found := condition()) and time.monotonic() < deadline:
            event = self._changed
            try:
                async with asyncio.timeout(min(0.5, max(0.001, deadline - time.monotonic()))):
                    await event.wait()
            except TimeoutError:
                continue
        return found

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _post(self, number: int) -> None:
        """Deliver an update to the webhook until it is taken."""
        async with ClientSession() as session:
            while number in self.updates:
                headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
                try:
                    async with session.post(
                        self.webhook["url"], json=self.updates[number], headers=headers
                    ) as response:
                        if response.status == 200:
                            self.updates.pop(number, None)
                            return
                except (ClientError, OSError):
                    pass
                await asyncio.sleep(0.1)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return _error(401, "Unauthorized")
        method = request.match_info["method"].lower()
        payload, file = await _payload(request)
        self.calls[method] += 1
        if method != "getupdates":
            self.payloads[method].append(payload)
        fault = self._fault(method, payload)
        if fault is not None and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault is not None and not fault.after and (fault.status or not fault.delay):
            return self._misbehave(request, fault)
        answer = await self._carry_out(method, payload, file)
        return self._misbehave(request, fault) if fault is not None and fault.after else answer

    def _fault(self, method: str, payload: Json) -> Fault | None:
        for fault in self.faults:
            fits = fault.method == method and (fault.chat is None or str(fault.chat) == str(payload.get("chat_id")))
            if fits and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    def _misbehave(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.status:
            if isinstance(fault.body, dict):
                return web.json_response({"ok": False, "error_code": fault.status} | fault.body, status=fault.status)
            return web.Response(status=fault.status, text=fault.body, content_type="text/html")
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _carry_out(self, method: str, payload: Json, file: bytes) -> web.StreamResponse:
        match method:
            case "getupdates":
                return await self._get_updates(payload)
            case "sendmessage" | "sendphoto" | "sendvoice" | "senddocument":
                return self._send(method, payload, file)
            case "getme":
                return _ok({"id": 123456, "is_bot": True, "first_name": "Doorstep", "username": "doorstep_bot"})
            case "getfile":
                file_id = str(payload.get("file_id"))
                if file_id not in self.files:
                    return _error(400, "Bad Request: invalid file_id")
                if len(self.files[file_id]) > 20 * 1024 * 1024:
                    return _error(400, "Bad Request: file is too big")
                size = len(self.files[file_id])
                return _ok({"file_id": file_id, "file_unique_id": file_id, "file_size": size, "file_path": file_id})
            case "setwebhook":
                self.webhook = payload
                for number in list(self.updates):
                    self.push(self.updates[number])
                return _ok(True)
            case "deletewebhook":
                self.webhook = {}
                return _ok(True)
            case "answercallbackquery" | "setmycommands" | "sendchataction" | "close":
                return _ok(True)
            case _:
                return _error(404, "Not Found")

    async def _get_updates(self, payload: Json) -> web.StreamResponse:
        offset = int(payload.get("offset") or 0)
        for number in [number for number in self.updates if number < offset]:
            del self.updates[number]
        await self.until(lambda: bool(self.updates), min(float(payload.get("timeout") or 0), 2.0))
        return _ok([self.updates[number] for number in sorted(self.updates)][: int(payload.get("limit") or 100)])

    def _send(self, method: str, payload: Json, file: bytes) -> web.StreamResponse:
        chat = int(payload["chat_id"])
        user = self.users.get(chat)
        if user is None:
            return _error(400, "Bad Request: chat not found")
        if user.blocked:
            return _error(403, "Forbidden: bot was blocked by the user")
        text = str(payload.get("text") or payload.get("caption") or "")
        units = len(text.encode("utf-16-le")) // 2
        if method == "sendmessage" and not text.strip():
            return _error(400, "Bad Request: message text is empty")
        if units > (4096 if method == "sendmessage" else 1024):
            return _error(400, "Bad Request: message is too long")
        markup = payload.get("reply_markup") or {}
        markup = json.loads(markup) if isinstance(markup, str) else markup
        buttons = [
            (row["text"], row.get("callback_data", "")) for line in markup.get("inline_keyboard", []) for row in line
        ]
        if any(not 1 <= len(data.encode()) <= 64 for _, data in buttons):
            return _error(400, "Bad Request: BUTTON_DATA_INVALID")
        said = Said(next(self.ids), chat, method, text, buttons, file, time.monotonic())
        self.said.append(said)
        user.heard.append(said)
        if self.on_said is not None:
            self.on_said(said)
        self._wake()
        chat_json = {"id": chat, "type": "private", "first_name": "x"}
        return _ok({"message_id": said.message_id, "date": int(time.time()), "chat": chat_json, "text": text})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return _error(401, "Unauthorized")
        self.calls["file"] += 1
        fault = self._fault("file", {})
        if fault is not None:
            return self._misbehave(request, fault)
        return web.Response(body=self.files[request.match_info["path"]])


async def _payload(request: web.Request) -> tuple[Json, bytes]:
    """The parameters of a call, and the uploaded file if there is one."""
    if request.content_type == "application/json":
        return await request.json(), b""
    values: Json = {}
    file = b""
    if request.content_type.startswith("multipart/"):
        async for part in await request.multipart():
            if part is None or isinstance(part, MultipartReader) or part.name is None:
                continue
            data = bytes(await part.read())
            if part.filename:
                file = data
            else:
                values[part.name] = data.decode()
        return values, file
    return dict((await request.post()).items()) | dict(request.query.items()), b""


def _ok(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _error(code: int, description: str) -> web.Response:
    return web.json_response({"ok": False, "error_code": code, "description": description}, status=code)
