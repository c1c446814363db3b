"""The queues on both databases: order within a chat, one taker of one row, leases, retries."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise

from storage.database import Database
from storage.outbox import Claimed, Said
from storage.tables import (
    Conversation,
    Delivery,
    Inbox,
    InboxState,
    Message,
    TaskState,
)
from storage.tasks import TRIES
from storage.unit_of_work import UnitOfWork
from tests.conftest import Clock

SECOND = timedelta(seconds=1)
CHANNEL = ("telegram", "1")


async def stored(database: Database, now: datetime, *updates: tuple[str, str], channel: str = "telegram") -> None:
    """Updates as (id, chat)."""
    async with database.write() as uow:
        await uow.inbox.store(channel, "1", [(number, chat, f"body {number}") for number, chat in updates], now)
        await uow.commit()


async def heads(database: Database, now: datetime, busy: set[tuple[str, str]] | None = None) -> list[str]:
    async with database.read() as uow:
        rows = await uow.inbox.heads(now, 10, busy or set(), ["telegram"])
    return [row.update_id for row in rows]


async def by_id(uow: UnitOfWork, update_id: str) -> Inbox:
    row = await uow.inbox.find(*CHANNEL, update_id)
    assert row is not None
    return row


async def test_the_first_update_of_each_chat_runs_and_the_others_wait_for_it(database: Database, clock: Clock) -> None:
    await stored(database, clock.now, ("1", "a"), ("2", "a"), ("3", "b"), ("4", ""), ("5", "a"))
    await stored(database, clock.now, ("9", "a"), channel="other")
    assert await heads(database, clock.now) == ["1", "3", "4"]
    assert await heads(database, clock.now, {("telegram", "a")}) == ["3", "4"]
    for done, expected in (("1", ["2", "3", "4"]), ("2", ["3", "4", "5"])):
        async with database.write() as uow:
            (await by_id(uow, done)).state = InboxState.DONE
            await uow.commit()
        assert await heads(database, clock.now) == expected


async def test_the_same_update_is_kept_once(database: Database, clock: Clock) -> None:
    await asyncio.gather(*(stored(database, clock.now, ("1", "a"), ("2", "a")) for _ in range(3)))
    await stored(database, clock.now, ("2", "elsewhere"), ("3", "a"))
    async with database.read() as uow:
        assert [(row.update_id, row.chat) for row in await uow.inbox.listed()] == [("1", "a"), ("2", "a"), ("3", "a")]


async def test_of_two_takers_of_one_update_one_gets_it(database: Database, clock: Clock) -> None:
    await stored(database, clock.now, ("1", "a"))
    async with database.read() as uow:
        inbox_id = (await by_id(uow, "1")).id
    taken: list[bool] = []

    async def take() -> None:
        async with database.write() as uow:
            row = await uow.inbox.take(inbox_id)
            taken.append(row is not None)
            if row is not None:
                row.state = InboxState.DONE
                await uow.commit()

    await asyncio.gather(*(take() for _ in range(4)))
    assert sorted(taken) == [False, False, False, True]


async def test_an_update_that_keeps_failing_waits_longer_and_is_then_set_aside_and_can_be_tried_again(
    database: Database, clock: Clock
) -> None:
    await stored(database, clock.now, ("1", "a"), ("2", "a"))
    async with database.read() as uow:
        inbox_id = (await by_id(uow, "1")).id
    waits = []
    for attempt in (1, 2, 3):
        async with database.write() as uow:
            row = await uow.inbox.failed(inbox_id, "Broken", clock.now, tries=3)
            assert row is not None
            assert row.not_before is not None
            waits.append(row.not_before - clock.now)
            await uow.commit()
        # Until its next try the whole chat waits: order holds. Set aside, it holds up nobody.
        assert await heads(database, clock.now) == ([] if attempt < 3 else ["2"])
        assert await heads(database, clock.now + waits[-1]) == (["1"] if attempt < 3 else ["2"])
    assert all(longer > shorter for shorter, longer in pairwise(waits))
    async with database.write() as uow:
        assert [(row.update_id, row.error) for row in await uow.inbox.set_aside()] == [("1", "Broken")]
        assert await uow.inbox.failed(inbox_id, "late", clock.now, tries=3) is None
        assert await uow.inbox.retry(inbox_id)
        assert not await uow.inbox.retry(inbox_id)
        await uow.commit()
    assert await heads(database, clock.now) == ["1"]


async def conversation(uow: UnitOfWork, chat: str, now: datetime) -> Conversation:
    found = await uow.people.conversation(*CHANNEL, chat)
    return found or await uow.people.open_conversation(*CHANNEL, chat, now)


async def said(database: Database, now: datetime, *words: tuple[str, str] | tuple[str, str, int]) -> list[bool]:
    """Messages as (chat, text, priority); the text is the dedup key. Whether each was new."""
    new = []
    async with database.write() as uow:
        for chat, text, *priority in words:
            row = await conversation(uow, chat, now)
            message = Message(conversation_id=row.id, direction="out", author="bot", text=text, said_at=now)
            new.append(
                bool(
                    await uow.outbox.say(
                        [Said(row, message, text, priority[0] if priority else 5, delivered=False)], now
                    )
                )
            )
        await uow.commit()
    return new


async def claimed(
    database: Database, now: datetime, holder: str = "h", limit: int = 10, busy: tuple[int, ...] = ()
) -> list[Claimed]:
    async with database.write() as uow:
        rows = await uow.outbox.claim(*CHANNEL, holder, now, limit, busy)
        await uow.commit()
    return rows


def texts(rows: list[Claimed]) -> list[str]:
    return [row.message.text for row in rows]


async def recorded(database: Database, row: Claimed, outcome: Delivery, holder: str = "h", **values: object) -> bool:
    async with database.write() as uow:
        done = await uow.outbox.record(row.row.id, holder, outcome=outcome, **values)
        await uow.commit()
    return done


async def test_one_message_of_each_chat_goes_at_a_time_the_urgent_first(database: Database, clock: Clock) -> None:
    await said(database, clock.now, ("a", "a1"), ("a", "a2"), ("b", "b1"), ("a", "a!", 0), ("b", "b2"))
    first = await claimed(database, clock.now)
    assert texts(first) == ["a!", "b1"]
    assert [(row.chat, row.row.outcome, row.row.attempts) for row in first] == [
        ("a", "sending", 1),
        ("b", "sending", 1),
    ]
    assert await claimed(database, clock.now) == []
    assert await recorded(database, first[0], Delivery.SENT)
    assert texts(await claimed(database, clock.now)) == ["a1"]
    assert await recorded(database, first[1], Delivery.REJECTED)
    chat = first[1].row.conversation_id
    assert await claimed(database, clock.now, busy=(chat,)) == []
    assert texts(await claimed(database, clock.now)) == ["b2"]


async def test_no_more_are_claimed_than_asked_for(database: Database, clock: Clock) -> None:
    await said(database, clock.now, ("a", "a1"), ("b", "b1"), ("c", "c1"))
    assert texts(await claimed(database, clock.now, limit=2)) == ["a1", "b1"]
    assert texts(await claimed(database, clock.now, limit=2)) == ["c1"]


async def test_what_waits_for_its_next_try_holds_its_chat_and_no_other(database: Database, clock: Clock) -> None:
    await said(database, clock.now, ("a", "a1"), ("a", "a2"), ("b", "b1"))
    first = await claimed(database, clock.now)
    assert await recorded(database, first[0], Delivery.WAITING, not_before=clock.now + SECOND)
    assert await recorded(database, first[1], Delivery.SENT)
    await said(database, clock.now, ("b", "b2"))
    assert texts(await claimed(database, clock.now)) == ["b2"]
    [again] = await claimed(database, clock.now + SECOND)
    assert (again.message.text, again.row.attempts) == ("a1", 2)


async def test_the_same_thing_is_said_once(database: Database, clock: Clock) -> None:
    assert await said(database, clock.now, ("a", "once"), ("a", "once"), ("b", "once")) == [True, False, False]
    assert texts(await claimed(database, clock.now)) == ["once"]
    async with database.read() as uow:
        assert len(await uow.outbox.listed()) == 1


async def test_what_is_said_together_keeps_its_order_and_is_said_once(database: Database, clock: Clock) -> None:
    async with database.write() as uow:
        row = await conversation(uow, "a", clock.now)
        texts = ["one", "two", "one", "three"]
        rows = [
            Said(
                row,
                Message(conversation_id=row.id, direction="out", author="bot", text=text, said_at=clock.now),
                text,
                5,
                True,
            )
            for text in texts
        ]
        assert [said.dedup for said in await uow.outbox.say(rows, clock.now)] == ["one", "two", "three"]
        assert await uow.outbox.say(rows[:2], clock.now) == []
        await uow.commit()
    async with database.read() as uow:
        kept = await uow.outbox.listed()
    assert [message.text for _, message, _ in kept] == ["one", "two", "three"]
    assert [message.id for _, message, _ in kept] == sorted(message.id for _, message, _ in kept)
    assert {message.remote_id for _, message, _ in kept} == {"one", "two", "three"}


async def test_a_closed_chat_s_messages_are_held_until_it_opens(database: Database, clock: Clock) -> None:
    await said(database, clock.now, ("a", "a1"), ("b", "b1"))
    async with database.write() as uow:
        row = await conversation(uow, "a", clock.now)
        row.blocked_at = clock.now
        await uow.outbox.pause(row.id)
        await uow.commit()
    await said(database, clock.now, ("a", "a2"))
    assert texts(await claimed(database, clock.now)) == ["b1"]
    async with database.write() as uow:
        await uow.outbox.resume(row.id)
        await uow.commit()
    [first] = await claimed(database, clock.now)
    assert first.message.text == "a1"
    await recorded(database, first, Delivery.SENT)
    assert texts(await claimed(database, clock.now)) == ["a2"]


async def test_what_a_dead_courier_was_sending_is_put_back_as_unknown(database: Database, clock: Clock) -> None:
    await said(database, clock.now, ("a", "a1"), ("b", "b1"))
    mine, lost = await claimed(database, clock.now)
    async with database.write() as uow:
        assert await uow.outbox.orphaned(*CHANNEL, [mine.row.id], "lost") == 1
        assert await uow.outbox.orphaned("telegram", "another account", [], "lost") == 0
        await uow.commit()
    # The one that lost it may not write over what its successor does.
    assert not await recorded(database, lost, Delivery.SENT)
    [again] = await claimed(database, clock.now, "next")
    assert (again.message.text, again.row.unknown, again.row.why) == ("b1", True, "lost")
    assert not await recorded(database, again, Delivery.SENT, holder="h")
    assert await recorded(database, again, Delivery.SENT, holder="next")
    async with database.read() as uow:
        assert await uow.outbox.count_unknown() == 1


async def held(database: Database, holder: str, lasts: timedelta = 60 * SECOND) -> bool:
    async with database.write() as uow:
        got = await uow.leases.hold("courier", holder, lasts)
        await uow.commit()
    return got


async def test_a_lease_has_one_holder_until_it_runs_out_or_is_given_back(database: Database) -> None:
    assert await held(database, "one")
    assert not await held(database, "two")
    assert await held(database, "one", -SECOND)
    assert await held(database, "two")
    assert not await held(database, "one")
    async with database.write() as uow:
        await uow.leases.release("courier", "one")
        await uow.commit()
    assert not await held(database, "one")
    async with database.write() as uow:
        await uow.leases.release("courier", "two")
        await uow.commit()
    assert await held(database, "one")


async def test_of_many_who_want_a_lease_at_once_one_gets_it(database: Database) -> None:
    got = await asyncio.gather(*(held(database, f"holder {number}") for number in range(5)))
    assert sum(got) == 1


async def test_two_couriers_at_once_never_claim_the_same(database: Database, clock: Clock) -> None:
    await said(database, clock.now, *((f"chat {number}", f"words {number}") for number in range(12)))
    rounds = await asyncio.gather(*(claimed(database, clock.now, f"h{number}", limit=5) for number in range(4)))
    rounds.append(await claimed(database, clock.now, "last", limit=12))
    found = [text for rows in rounds for text in texts(rows)]
    assert len(found) == len(set(found)) == 12


async def test_the_same_task_is_planned_once_and_run_once_by_several_workers(database: Database, clock: Clock) -> None:
    async with database.write() as uow:
        for _ in range(2):
            for number in range(6):
                await uow.tasks.schedule("follow_up", clock.now + number * SECOND, f"task {number}", {"number": number})
        await uow.commit()
    run: list[int] = []

    async def work(now: datetime) -> None:
        while True:
            async with database.write() as uow:
                task = await uow.tasks.take_due(now)
                if task is None:
                    return
                run.append(task.payload["number"])
                await uow.tasks.finish(task, now)
                await uow.commit()

    await asyncio.gather(*(work(clock.now + 3 * SECOND) for _ in range(3)))
    await work(clock.now + 3 * SECOND)
    assert sorted(run) == [0, 1, 2, 3]
    async with database.read() as uow:
        assert await uow.tasks.counts() == {TaskState.DONE: 4, TaskState.WAITING: 2}
        assert await uow.tasks.oldest_due(clock.now + 9 * SECOND) == clock.now + 4 * SECOND


async def test_the_longest_due_task_comes_first_and_a_crash_leaves_it_due(database: Database, clock: Clock) -> None:
    async with database.write() as uow:
        await uow.tasks.schedule("x", clock.now, "later", {})
        await uow.tasks.schedule("x", clock.now - SECOND, "earlier", {})
        await uow.commit()
    for _ in range(2):
        async with database.write() as uow:
            task = await uow.tasks.take_due(clock.now)
            assert task is not None
            assert task.dedup == "earlier"
            await uow.tasks.finish(task, clock.now)


async def test_a_task_that_keeps_failing_is_put_off_and_then_given_up(database: Database, clock: Clock) -> None:
    async with database.write() as uow:
        await uow.tasks.schedule("x", clock.now, "broken", {})
        await uow.commit()
    now = clock.now
    for attempt in range(1, TRIES + 1):
        async with database.write() as uow:
            task = await uow.tasks.take_due(now)
            assert task is not None
            await uow.tasks.failed(task.id, "Broken", now)
            await uow.commit()
        async with database.read() as uow:
            assert await uow.tasks.oldest_due(now) is None
            assert len(await uow.tasks.given_up()) == (attempt == TRIES)
        now += timedelta(seconds=2**attempt)
    async with database.write() as uow:
        assert await uow.tasks.take_due(now + timedelta(days=1)) is None
