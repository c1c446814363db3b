"""The whole story with the product as a process: two advisers on Telegram, a villager, both databases."""

from __future__ import annotations

import asyncio

from tests.e2e.product import Product
from tests.fakes.telegram import FakeTelegram, User

QUESTION = "老板拖欠工资不给怎么办"


async def staffed(product: Product) -> None:
    """Two advisers, 1001 and 1002, on duty for every village."""
    for name, chat in (("王海", "1001"), ("李梅", "1002")):
        [member] = await product.command(
            "staff", "add", "--name", name, "--role", "adviser", "--telegram", chat, "--village", "ALL"
        )
        await product.command("duty", "add", "--staff", str(member["id"]), "--always")


async def moved_in(user: User) -> None:
    await user.sends("/start")
    for choice, words in (("lang:zh", "先选语言"), ("consent:yes", "同意我们"), ("village:skip", "哪个村")):
        await user.presses(choice, await user.hears(words, within=30))
    await user.hears("请说您的事")


async def test_from_question_to_rating(product: Product, telegram: FakeTelegram) -> None:
    await product.command("village", "add", "--code", "dongpo", "--name", "东坡村", "--town", "青石镇")
    await staffed(product)
    await product.start()
    villager, wang, li = telegram.user(7), telegram.user(1001), telegram.user(1002)
    await moved_in(villager)
    await villager.sends(QUESTION)
    answer = await villager.hears("《保障农民工工资支付条例》第10条", "还没有本地律师确认")
    await villager.presses("solved:no", answer)
    await villager.hears("案号 #1")
    for adviser in (wang, li):
        await adviser.hears("案件 #1", QUESTION)
        await adviser.presses("case:1:claim")
    await telegram.until(lambda: any("归您办" in row.text for row in wang.heard + li.heard))
    winner, loser = (wang, li) if any("归您办" in row.text for row in wang.heard) else (li, wang)
    await loser.hears("案件 #1 由", "在办")
    carrier = await winner.hears("归您办")
    await loser.sends("抢答", reply_to=loser.heard[0])
    await loser.hears("您的话没有发出")
    await winner.sends("没有写明案件的话")
    await winner.hears("还没有发出")
    await winner.sends("带上工资条去劳动监察", reply_to=carrier)
    await villager.hears("带上工资条去劳动监察")
    assert not any("抢答" in row.text or "没有写明" in row.text for row in villager.heard)
    await winner.presses("case:1:close:answered", carrier)
    asked = await villager.hears("解决了吗", within=15)
    await villager.presses("solved:no", asked)
    await winner.hears("重新打开", within=15)
    reopened = winner.heard[-1]
    await winner.presses("case:1:close:answered", reopened)
    await villager.presses("solved:yes", await villager.hears("解决了吗", within=15))
    await villager.presses("rate:5", await villager.hears("分"))
    [case] = await product.rows("case", "list", until=lambda rows: rows[0]["rating"] == 5)
    assert (case["status"], case["reopened"], case["solved"]) == ("closed", 1, True)
    [shown] = await product.command("case", "show", "1")
    assert {row["delivery"] for row in shown["messages"]} == {"received", "sent"}
    assert "Traceback" not in product.log()
    assert not any(secret in product.log() for secret in (QUESTION, telegram.token))


async def test_a_kill_loses_nothing_and_a_stop_is_quick(product: Product, telegram: FakeTelegram) -> None:
    await product.start()
    villager = telegram.user(7)
    await moved_in(villager)
    await product.kill()
    await villager.sends(QUESTION)
    await product.start()
    await villager.hears("《保障农民工工资支付条例》", within=15)
    telegram.fail("sendMessage", delay=1.0)
    await villager.sends("/numbers")
    await telegram.until(lambda: any("12385" in str(sent.get("text")) for sent in telegram.payloads["sendmessage"]))
    async with asyncio.timeout(5):
        codes = await product.stop()
    assert codes == [0]
    await product.start()
    rows = await product.rows("outbox", "list", until=lambda rows: all(row["outcome"] == "sent" for row in rows))
    assert not any(row["unknown"] for row in rows if "12385" in row["text"])
    assert sum("12385" in row.text for row in villager.heard) == 1
    assert "Traceback" not in product.log()


async def test_trouble_at_telegrams(product: Product, telegram: FakeTelegram) -> None:
    await product.start()
    villager, other = telegram.user(7), telegram.user(8)
    await moved_in(villager)
    await moved_in(other)
    telegram.fail(
        "sendMessage", status=429, body={"description": "Too Many Requests", "parameters": {"retry_after": 1}}
    )
    await villager.sends("/numbers")
    await villager.hears("110", within=15)
    telegram.fail("sendMessage", status=500, body="<html>bad gateway</html>")
    await villager.sends("/my")
    await villager.hears("还没有案子", within=15)
    telegram.fail("sendMessage", after=True)
    await villager.sends("/help")
    await villager.hears("直接写您的事，我来查", within=15)
    await villager.hears("直接写您的事，我来查", within=30)
    rows = await product.rows("outbox", "list", until=lambda rows: all(row["outcome"] == "sent" for row in rows))
    assert sum(row["unknown"] for row in rows if "我来查" in row["text"]) == 1
    villager.blocked = True
    await villager.sends("/my")
    await product.rows("outbox", "list", until=lambda rows: rows[-1]["outcome"] == "paused")
    await other.sends("/my")
    await other.hears("还没有案子")
    await villager.unblocks()
    await villager.hears("还没有案子", within=15)


async def test_the_same_update_again_and_a_malformed_one(product: Product, telegram: FakeTelegram) -> None:
    await product.start()
    villager = telegram.user(7)
    await moved_in(villager)
    telegram.push({"update_id": "seven", "message": []})
    telegram.push({"poll": {"id": 4}})
    telegram.push(["no", "object"])
    await villager.sends("/my")
    await villager.hears("还没有案子")
    before = len(villager.heard)
    [last] = [row for row in await product.command("inbox", "list") if row["chat"] == "7"][-1:]
    sender = {"id": 7, "is_bot": False, "first_name": "x"}
    again = {"message_id": 5, "date": 1, "chat": {"id": 7, "type": "private"}, "from": sender, "text": "/my"}
    for _ in range(5):
        telegram.push({"update_id": int(last["update_id"]), "message": again})
        await asyncio.sleep(0.1)
    await villager.presses("case:1:claim")
    await villager.hears("这个按钮现在用不了")
    await villager.presses("village:../../etc")
    await telegram.until(lambda: len(villager.heard) >= before + 2)
    assert sum("还没有案子" in row.text for row in villager.heard) == 1
