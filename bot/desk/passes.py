"""Who is let in: one-time links, the browsers they signed in (hashes are kept), and calendar feeds."""

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


def new_feed() -> str:
    """A secret for somebody's calendar feed; it is kept as it is, so that its address can be shown again."""
    return secrets.token_urlsafe(24)


def feed_url(base: str, secret: str) -> str:
    """The address of a calendar feed; '' without one."""
    return f"{base}/duty/{secret}.ics" if secret else ""
