"""Leases: the right to do something alone for a while, among all processes on one database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import or_, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.dialect import insert_new
from storage.tables import Lease


class LeaseStore:
    """Counts by the database's clock: the machines' own may differ, and a lease must not seem to have run out early."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def hold(self, name: str, holder: str, lasts: timedelta) -> bool:
        """Take or renew a lease; False while another holder has it."""
        now = await self._now()
        row = {"name": name, "holder": holder, "until": now + lasts}
        await self._session.exec(insert_new(self._session, Lease, [row], ["name"]))
        done: Any = await self._session.exec(
            update(Lease)
            .where(col(Lease.name) == name, or_(col(Lease.holder) == holder, col(Lease.until) <= now))
            .values(holder=holder, until=now + lasts)
        )
        return bool(done.rowcount)

    async def release(self, name: str, holder: str) -> None:
        """Give a lease back, so that the next holder need not wait."""
        now = await self._now()
        await self._session.exec(
            update(Lease).where(col(Lease.name) == name, col(Lease.holder) == holder).values(until=now)
        )

    async def _now(self) -> datetime:
        if self._session.get_bind().dialect.name == "sqlite":
            # SQLite has no clock but the machine's, which all its processes share.
            return datetime.now(UTC)
        now: datetime = (await self._session.exec(select(func.clock_timestamp()))).one()
        return now
