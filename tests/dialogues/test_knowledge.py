"""An entry's life on the desk, and the villagers who notice: published, withdrawn, restored, recalled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.librarian import Librarian
from handlers import knowledge, recalling
from handlers.knowledge import Step
from handlers.messages import Outcome
from handlers.rules import entry_form
from storage.tables import EntryVersion, Staff
from tests.dialogues.stage import Actor, Stage

WAGES = "老板拖欠工资不给怎么办"
WAGES_ID = "unpaid-wages"


class Desk:
    """The desk of a stage: steps taken in one commit each, and every process's knowledge base brought up to date."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def staff(self, name: str) -> Staff:
        async with self.stage.app.db.read() as uow:
            return next(row for row in await uow.county.all_staff() if row.name == name)

    async def takes(self, who: str, step: Callable[..., Awaitable[Step]], *args: Any, **options: Any) -> Step:
        staff, app = await self.staff(who), self.stage.app
        async with app.db.write() as uow:
            done = await step(*args, staff, app.house, uow, app.clock(), **options)
            if done.done:
                await uow.commit()
        await Librarian(app).look()
        return done

    async def recalls(self, who: str, entry_id: str) -> Outcome:
        staff, app = await self.staff(who), self.stage.app
        async with app.db.write() as uow:
            outcome = await recalling.recall(entry_id, staff, app.house, uow, app.clock())
            await app.writer.write(outcome, uow, app.clock())
            await uow.commit()
        return outcome

    async def affected(self, entry_id: str) -> int:
        app = self.stage.app
        async with app.db.read() as uow:
            return len(await recalling.affected(entry_id, app.house, uow, app.clock()))

    def fields(self, entry_id: str = WAGES_ID, language: str = "zh", **changed: str) -> dict[str, str]:
        entry = next(
            row for row in self.stage.app.house.matcher.entries if (row.id, row.language) == (entry_id, language)
        )
        return {**entry_form.typed(entry), **changed}

    async def publishes(self, **changed: str) -> EntryVersion:
        """王海 drafts a change of the wages entry, 陈静 approves it."""
        drafted = await self.takes("王海", knowledge.new_draft, self.fields(**changed), fresh=False)
        assert drafted.row is not None
        assert (await self.takes("王海", knowledge.send_to_review, drafted.row.id)).done
        approved = await self.takes("陈静", knowledge.approve, drafted.row.id)
        assert approved.done, approved
        assert approved.row is not None
        return approved.row


@pytest.fixture
async def desk(stage: Stage) -> Desk:
    await stage.adviser("王海", on_duty=False)
    await stage.adviser("陈静", on_duty=False, role="legal_worker")
    await stage.adviser("孙德福", on_duty=False, role="mediator")
    return Desk(stage)


async def asked(stage: Stage, name: str = "li") -> Actor:
    li = stage.person(name)
    if not li.heard:
        await li.moves_in()
    await li.says(WAGES)
    return li


async def test_a_changed_answer_is_given_at_once_and_says_who_confirmed_it(stage: Stage, desk: Desk) -> None:
    li = await asked(stage)
    li.hears("都不收费", "还没有本地律师确认")
    await desk.publishes(answer="先到县里的欠薪窗口登记。")
    await li.says(WAGES)
    li.hears("欠薪窗口", "2026-11-24由基层法律服务工作者确认")
    [row] = [row for row in stage.app.house.matcher.entries if (row.id, row.language) == (WAGES_ID, "zh")]
    assert (row.reviewed_by, row.review_by.isoformat()) == ("legal_worker", "2027-11-24")


async def test_nobody_approves_their_own_words_and_no_mediator_any(stage: Stage, desk: Desk) -> None:
    drafted = await desk.takes("孙德福", knowledge.new_draft, desk.fields(answer="新的。"), fresh=False)
    assert drafted.row is not None
    number = drafted.row.id
    assert "不在送审中" in (await desk.takes("陈静", knowledge.approve, number)).said
    assert "只有写的人能改" in (await desk.takes("王海", knowledge.send_to_review, number)).said
    assert (await desk.takes("孙德福", knowledge.send_to_review, number)).done
    assert "要由法律顾问" in (await desk.takes("孙德福", knowledge.approve, number)).said
    assert "写一句原因" in (await desk.takes("陈静", knowledge.send_back, number, " ")).said
    assert (await desk.takes("陈静", knowledge.send_back, number, "太短")).done
    again = await desk.takes("王海", knowledge.new_draft, desk.fields(answer="另一份。"), fresh=False)
    assert "在孙德福手里" in again.said
    assert (await desk.takes("孙德福", knowledge.discard, number)).done
    mine = await desk.takes("王海", knowledge.new_draft, desk.fields(answer="另一份。"), fresh=False)
    assert mine.row is not None
    await desk.takes("王海", knowledge.send_to_review, mine.row.id)
    assert "另一位" in (await desk.takes("王海", knowledge.approve, mine.row.id)).said
    li = await asked(stage)
    li.hears("都不收费")


async def test_a_draft_saved_elsewhere_is_not_overwritten(desk: Desk) -> None:
    drafted = await desk.takes("王海", knowledge.new_draft, desk.fields(answer="一。"), fresh=False)
    assert drafted.row is not None
    number = drafted.row.id
    assert (await desk.takes("王海", knowledge.change_draft, number, 0, desk.fields(answer="二。"))).done
    late = await desk.takes("王海", knowledge.change_draft, number, 0, desk.fields(answer="三。"))
    assert "没有覆盖" in late.said
    assert "只有写的人" in (await desk.takes("陈静", knowledge.change_draft, number, 1, desk.fields())).said


async def test_what_stands_in_the_way_is_said_by_field(desk: Desk) -> None:
    wrong = desk.fields(id="Bad Id", answer="", sources="劳动法 第五十条", review_by="soon", topic="wages", risk="=1+1")
    step = await desk.takes("王海", knowledge.new_draft, wrong, fresh=True)
    assert {(fault.field, fault.kind) for fault in step.faults} == {
        ("id", "pattern"), ("answer", "missing"), ("sources", "source"), ("review_by", "date"), ("topic", "choice"),
        ("risk", "choice"), ("risk", "formula"),
    }  # fmt: skip
    taken = await desk.takes("王海", knowledge.new_draft, desk.fields(), fresh=True)
    assert [(fault.field, fault.kind) for fault in taken.faults] == [("id", "taken")]
    old = "治安管理处罚法 | 43 | 2012-10-26"
    drafted = await desk.takes(
        "王海", knowledge.new_draft,
        desk.fields(sources=old, deadlines="nothing-such", related="nobody", review_by="2026-11-25",
                    checked_on="2026-11-01"), fresh=False,
    )  # fmt: skip
    assert drafted.row is not None
    step = await desk.takes("王海", knowledge.send_to_review, drafted.row.id)
    assert {fault.kind for fault in step.faults} == {"no_entry", "no_deadline", "old_law"}


async def test_withdrawn_in_every_language_and_restored(stage: Stage, desk: Desk) -> None:
    li = await asked(stage)
    li.hears("都不收费")
    assert "要由法律顾问" in (await desk.takes("孙德福", knowledge.withdraw, WAGES_ID, "法改了")).said
    assert "原因" in (await desk.takes("王海", knowledge.withdraw, WAGES_ID, "")).said
    gone = await desk.takes("王海", knowledge.withdraw, WAGES_ID, "法改了")
    assert gone.row is not None
    assert not [row for row in stage.app.house.matcher.entries if row.id == WAGES_ID]
    assert "已经停用" in (await desk.takes("王海", knowledge.withdraw, WAGES_ID, "再来")).said
    await li.presses(f"entry:{WAGES_ID}")
    li.hears("不能用了")
    back = await desk.takes("王海", knowledge.restore, gone.row.id)
    assert "已送审" in back.said
    assert back.row is not None
    assert (await desk.takes("陈静", knowledge.approve, back.row.id)).done
    await stage.person("zhao").moves_in()
    await asked(stage, "zhao")


async def test_an_approved_version_comes_back_at_once(stage: Stage, desk: Desk) -> None:
    first = await desk.publishes(answer="第一版。")
    await desk.publishes(answer="第二版。")
    assert (await desk.takes("王海", knowledge.restore, first.id)).done
    li = await asked(stage)
    li.hears("第一版。")


async def test_whoever_got_the_old_answer_is_told_once_and_not_at_night(stage: Stage, desk: Desk) -> None:
    li, zhao = await asked(stage), await asked(stage, "zhao")
    await asked(stage)
    li.hears_all()
    zhao.hears_all()
    assert await desk.affected(WAGES_ID) == 0
    await desk.publishes(answer="先到县里的欠薪窗口登记。")
    assert await desk.affected(WAGES_ID) == 2
    await asked(stage, "zhao")
    zhao.hears("欠薪窗口")
    assert await desk.affected(WAGES_ID) == 1
    stage.clock.advance(timedelta(hours=6))
    assert (await desk.recalls("陈静", WAGES_ID)).done
    assert not (await desk.recalls("陈静", WAGES_ID)).done
    await stage.tick()
    li.hears_nothing()
    await stage.passes(timedelta(hours=10))
    told = li.hears("11月24日", "改过了", "欠薪窗口", choices=["person"])
    await stage.tick()
    li.hears_nothing()
    zhao.hears_nothing()
    await li.presses("person", told)
    li.hears("案号 #1")


async def test_a_withdrawn_answer_is_recalled_and_so_is_its_return(stage: Stage, desk: Desk) -> None:
    li = await asked(stage)
    li.hears_all()
    assert (await desk.takes("王海", knowledge.withdraw, WAGES_ID, "法改了")).done
    refused = await desk.recalls("孙德福", WAGES_ID)
    assert refused.answer is not None
    assert "要由法律顾问" in refused.answer.text
    await desk.recalls("王海", WAGES_ID)
    await stage.tick()
    li.hears("不能用了", "先别照着办", choices=["person"])
    async with stage.app.db.read() as uow:
        [gone] = await uow.knowledge.versions(WAGES_ID, "zh")
    back = await desk.takes("王海", knowledge.restore, gone.id)
    assert back.row is not None
    await desk.takes("陈静", knowledge.approve, back.row.id)
    assert await desk.affected(WAGES_ID) == 1
    await desk.recalls("王海", WAGES_ID)
    await stage.tick()
    li.hears("改过了", "基层法律服务工作者确认")


async def test_a_withdrawal_taken_back_before_the_morning_disturbs_nobody(stage: Stage, desk: Desk) -> None:
    kept = await desk.publishes(answer="县里的答案。")
    li = await asked(stage)
    li.hears_all()
    stage.clock.advance(timedelta(hours=6))
    await desk.takes("王海", knowledge.withdraw, WAGES_ID, "看错了")
    await desk.recalls("王海", WAGES_ID)
    assert (await desk.takes("王海", knowledge.restore, kept.id)).done
    await stage.passes(timedelta(hours=12))
    li.hears_nothing()


async def test_a_restored_answer_is_told_to_those_who_heard_it_was_withdrawn(stage: Stage, desk: Desk) -> None:
    kept = await desk.publishes(answer="县里的答案。")
    li = await asked(stage)
    li.hears_all()
    await desk.takes("王海", knowledge.withdraw, WAGES_ID, "看错了")
    await desk.recalls("王海", WAGES_ID)
    await stage.tick()
    li.hears("不能用了")
    await desk.takes("王海", knowledge.restore, kept.id)
    await desk.recalls("王海", WAGES_ID)
    await stage.tick()
    li.hears("改过了", "县里的答案。")


async def test_a_serious_matter_is_not_named_in_a_recall(stage: Stage, desk: Desk) -> None:
    li = stage.person("li")
    await li.moves_in()
    entry = next(row for row in stage.app.house.matcher.entries if row.id == "voter-list")
    await li.presses("entry:voter-list")
    li.hears_all()
    drafted = await desk.takes("王海", knowledge.new_draft, desk.fields("voter-list", answer="改了。"), fresh=False)
    assert drafted.row is not None
    await desk.takes("王海", knowledge.send_to_review, drafted.row.id)
    assert (await desk.takes("陈静", knowledge.approve, drafted.row.id)).done
    await desk.recalls("陈静", "voter-list")
    await stage.tick()
    told = li.hears("答案有变化", choices=["entry:voter-list"])
    assert entry.question not in told.text
    assert "改了。" not in told.text


async def test_too_long_ago_is_not_recalled(stage: Stage, desk: Desk) -> None:
    await asked(stage)
    stage.clock.advance(timedelta(days=91))
    await desk.publishes(answer="新的。", review_by="2028-01-01")
    assert await desk.affected(WAGES_ID) == 0


async def test_an_answer_on_a_revised_law_says_so(stage: Stage) -> None:
    li = stage.person("li")
    await li.moves_in()
    await li.presses("entry:gambling")
    li.hears("《治安管理处罚法》已经修订，2026年1月1日起施行")
