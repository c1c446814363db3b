"""What the database says of our queues, in Prometheus' text format. Counted at each look, so any process can answer."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from handlers.rules.service import Kind
from storage.tables import CaseStatus, Delivery, InboxState, TaskState
from storage.unit_of_work import UnitOfWork


async def exposition(uow: UnitOfWork, now: datetime) -> bytes:
    """The metrics as text. Ages are in seconds, 0 when nothing waits."""
    registry = CollectorRegistry()
    rows = Gauge("doorstep_inbox_updates", "Updates by state", ["state"], registry=registry)
    for state in InboxState:
        rows.labels(state.value).set((await uow.inbox.counts()).get(state, 0))
    rows = Gauge("doorstep_outbox_messages", "Messages by delivery outcome", ["outcome"], registry=registry)
    counts = await uow.outbox.counts()
    for outcome in Delivery:
        rows.labels(outcome.value).set(counts.get(outcome, 0))
    rows = Gauge("doorstep_outbox_unknown", "Messages whose outcome was once unknown", registry=registry)
    rows.set(await uow.outbox.count_unknown())
    rows = Gauge("doorstep_tasks", "Planned work by state", ["state"], registry=registry)
    counts = await uow.tasks.counts()
    for task in TaskState:
        rows.labels(task.value).set(counts.get(task, 0))
    rows = Gauge("doorstep_cases", "Cases by status", ["status"], registry=registry)
    counts = await uow.cases.counts()
    for status in CaseStatus:
        rows.labels(status.value).set(counts.get(status, 0))
    rows = Gauge("doorstep_clocks", "Service promises not kept yet", ["kind", "state"], registry=registry)
    clocks = await uow.clocks.counts(now)
    for kind in Kind:
        for how in ("running", "late", "paused"):
            rows.labels(kind.value, how).set(clocks.get((kind, how), 0))
    rows = Gauge(
        "doorstep_questions", "Questions by what the knowledge base made of them", ["outcome"], registry=registry
    )
    for name, count in (await uow.people.question_counts()).items():
        rows.labels(name).set(count)
    rows = Gauge("doorstep_oldest_age_seconds", "Age of the oldest that waits", ["queue"], registry=registry)
    oldest = {
        "inbox": await uow.inbox.oldest_waiting(),
        "outbox": await uow.outbox.oldest_waiting(),
        "tasks": await uow.tasks.oldest_due(now),
    }
    for queue, moment in oldest.items():
        rows.labels(queue).set(max(0.0, (now - moment).total_seconds()) if moment else 0)
    return generate_latest(registry)
