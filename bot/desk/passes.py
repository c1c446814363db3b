"""Who is let in to the desk: one-time links, and the browsers they signed in. Only hashes of secrets are kept."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from fastapi import Request

from storage.tables import Staff
from storage.unit_of_work import UnitOfWork

COOKIE = "doorstep_desk"


def hashed(secret: str) -> str:
    """What is kept of a secret: its SHA-256, in hexadecimal."""
    return sha256(secret.encode()).hexdigest()


async def staff_of(request: Request, uow: UnitOfWork, now: datetime) -> Staff | None:
    """Who is signed in with this browser; None for nobody, and for those who left."""
    secret = request.cookies.get(COOKIE, "")
    staff_id = await uow.people.session_staff_id(hashed(secret), now) if secret else None
    staff = await uow.county.staff(staff_id)
    return staff if staff is not None and staff.active else None


async def sign_in_link(uow: UnitOfWork, staff_id: int, base: str, expires: datetime) -> str:
    """A new one-time link that signs a member of staff in; `base` is the address of the server, without '/'."""
    secret = secrets.token_urlsafe(32)
    await uow.people.add_pass(hashed(secret), "link", staff_id, expires)
    return f"{base}/desk/enter?pass={secret}"
