"""Files people send, kept on disk under the data directory by the hash of their bytes."""

from __future__ import annotations

import hashlib
import os
import re
from datetime import datetime
from pathlib import Path

import puremagic

from storage.tables import Blob

_ID = re.compile(r"[0-9a-f]{64}")
_SHOWN_TYPES = {"image/jpeg", "image/png", "image/gif", "image/webp", "audio/ogg", "audio/mpeg", "application/pdf"}


class BlobStore:
    """Bytes by id. Ids are SHA-256 in hexadecimal; storing the same bytes twice stores them once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, blob_id: str) -> Path:
        """Where a blob lies. Raises ValueError for what is not a blob id."""
        if not _ID.fullmatch(blob_id):
            raise ValueError("not a blob id")
        return self._folder / blob_id[:2] / blob_id

    def put(self, data: bytes, name: str, now: datetime) -> Blob:
        """Write bytes to disk, complete or not at all, and say what they are. Raises OSError (a full disk)."""
        blob_id = hashlib.sha256(data).hexdigest()
        target = self.path(blob_id)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_suffix(f".{os.getpid()}.part")
            try:
                with part.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(target)
            except OSError:
                part.unlink(missing_ok=True)
                raise
        clean = re.sub(r"[\x00-\x1f\x7f/\\]", "_", name)[:120]
        return Blob(id=blob_id, mime=sniff(data), name=clean, size=len(data), sha256=blob_id, stored_at=now)

    def get(self, blob_id: str) -> bytes:
        """Raises OSError when it is not there."""
        return self.path(blob_id).read_bytes()


def sniff(data: bytes) -> str:
    """The media type the bytes themselves show, among those we display; else 'application/octet-stream'."""
    try:
        found = puremagic.from_string(data[:65536], mime=True) if data else ""
    except (puremagic.PureError, ValueError):
        found = ""
    return found if found in _SHOWN_TYPES else "application/octet-stream"
