"""The unit of work: one transaction, and everything handlers may do in it.

Each attribute is a small set of questions and changes on one subject. Nothing here commits except `commit()`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlmodel.ext.asyncio.session import AsyncSession

from storage.case_events import CaseEvents
from storage.cases import Cases
from storage.clocks import Clocks
from storage.county import County
from storage.deadlines import Deadlines
from storage.figures import Figures
from storage.follow_ups import FollowUps
from storage.inbox import InboxStore
from storage.knowledge import Knowledge
from storage.leases import LeaseStore
from storage.outbox import OutboxStore
from storage.people import People
from storage.roster import Roster
from storage.tasks import TaskStore


class UnitOfWork:
    """One transaction over the database. Read through its parts; `commit()` keeps, leaving it undoes."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.inbox = InboxStore(session)
        self.outbox = OutboxStore(session)
        self.leases = LeaseStore(session)
        self.tasks = TaskStore(session)
        self.people = People(session)
        self.cases = Cases(session)
        self.clocks = Clocks(session)
        self.events = CaseEvents(session)
        self.county = County(session)
        self.roster = Roster(session)
        self.knowledge = Knowledge(session)
        self.deadlines = Deadlines(session)
        self.follow_ups = FollowUps(session)
        self.figures = Figures(session)

    async def commit(self) -> None:
        """Keep everything done so far in this unit of work."""
        await self.session.commit()

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """A part that may fail by itself: what it did is undone when it raises, the rest of the unit of work stays."""
        async with self.session.begin_nested():
            yield

    async def flush(self) -> None:
        """Send pending rows to the database, so that they have ids. Keeps nothing by itself."""
        await self.session.flush()
