"""The product as a process of its own, and its command beside it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PLACE = str(Path(sys.executable).with_name("doorstep"))
READY_SECONDS = 60.0


@dataclass
class Product:
    """One configured product. `start` as often as liked; `command` runs a verb with `--json` beside it."""

    folder: Path
    settings: dict[str, str]
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)
    port: int = 0
    printed: str = ""

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("DOORSTEP_")}
        return kept | {
            "DOORSTEP_DATA_DIR": str(self.folder / "data"), "DOORSTEP_WEB__PORT": "0", "DOORSTEP_LOG__LEVEL": "warning",
            "DOORSTEP_ANSWERS__VECTORS": "false",
        } | self.settings  # fmt: skip

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, role: str = "all") -> asyncio.subprocess.Process:
        """Start a process; returns once it has said where it is, if this role says so."""
        log = (self.folder / "log").open("ab")
        process = await asyncio.create_subprocess_exec(
            PLACE, "run", "--role", role, stdout=asyncio.subprocess.PIPE, stderr=log, env=self.environment, cwd="/"
        )
        log.close()
        self.processes.append(process)
        if role in {"all", "web"}:
            async with asyncio.timeout(READY_SECONDS):
                assert process.stdout is not None
                while line := (await process.stdout.readline()).decode():
                    self.printed += line
                    if found := re.match(r"Chat: +http://127\.0\.0\.1:(\d+)/", line):
                        self.port = int(found[1])
                    if "Stop with" in line:
                        break
            assert self.port, f"did not start:\n{self.log()}"
        return process

    def log(self) -> str:
        return (self.folder / "log").read_text()

    async def kill(self) -> None:
        """kill -9, as a power cut would."""
        for process in self.processes:
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            await process.wait()
        self.processes.clear()

    async def stop(self) -> list[int]:
        """SIGTERM to all; their exit statuses."""
        for process in self.processes:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
        codes = [await process.wait() for process in self.processes]
        self.processes.clear()
        return codes

    async def says(self, *words: str, ok: bool = True) -> tuple[int, str, str]:
        """Run the command; its exit status, standard output and standard error."""
        process = await asyncio.create_subprocess_exec(
            PLACE, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=self.environment, cwd="/"
        )
        out, err = await process.communicate()
        code = process.returncode or 0
        assert "Traceback" not in err.decode(), err.decode()
        assert (code == 0) is ok, f"{words}: {code}\n{out.decode()}\n{err.decode()}"
        return code, out.decode(), err.decode()

    async def command(self, *words: str) -> list[dict[str, Any]]:
        """Run a verb with `--json`; the list it prints."""
        _, out, _ = await self.says(*words, "--json")
        rows = json.loads(out)
        assert isinstance(rows, list)
        return rows

    async def rows(self, *words: str, until: Any, within: float = 20.0) -> list[dict[str, Any]]:
        """Repeat a listing until `until(rows)` holds; fails after `within` seconds."""
        rows: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(within):
                while True:
                    rows = await self.command(*words)
                    if until(rows):
                        return rows
        except TimeoutError:
            raise AssertionError(f"{words}: {rows}\n{self.log()}") from None
