"""Who is let in to the desk: one-time links, and the browsers they signed in. Only hashes of secrets are kept."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from storage.unit_of_work import UnitOfWork


def hashed(secret: str) -> str:
    """What is kept of a secret: its SHA-256, in hexadecimal."""
    return sha256(secret.encode()).hexdigest()


async def sign_in_link(uow: UnitOfWork, staff_id: int, base: str, expires: datetime) -> str:
    """A new one-time link that signs a member of staff in; `base` is the address of the server, without '/'."""
    secret = secrets.token_urlsafe(32)
    await uow.people.add_pass(hashed(secret), "link", staff_id, expires)
    return f"{base}/desk/enter?pass={secret}"
