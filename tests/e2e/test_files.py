"""Files, places and phone numbers with the product as a process: to the adviser, to the villager, or a clear no."""

from __future__ import annotations

from tests.e2e.product import Product
from tests.e2e.test_story import moved_in, staffed
from tests.fakes.telegram import FakeTelegram, Said, User

PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(3000)
VOICE = b"OggS" + bytes(2000)
PAPER = b"%PDF-1.4\n" + bytes(1000)
MEGABYTE = 1024 * 1024


async def brings(telegram: FakeTelegram, user: User, method: str, data: bytes, *words: str) -> Said:
    """The file that a person is sent, with these words."""

    def found() -> Said | None:
        return next((said for said in user.heard if (said.method, said.file) == (method, data)), None)

    said: Said | None = await telegram.until(found, 20)
    assert said is not None, f"no {method} for {user.id}; heard {[(row.method, row.text) for row in user.heard]}"
    assert all(word in said.text for word in words), said.text
    return said


async def test_files_reach_the_adviser_and_the_villager_or_are_said_not_to(
    product: Product, telegram: FakeTelegram
) -> None:
    await staffed(product)
    await product.start()
    villager, adviser = telegram.user(7), telegram.user(1001)
    await moved_in(villager)
    await villager.sends_file("photo", PHOTO)
    await villager.hears("案号 #1", within=20)
    await adviser.presses("case:1:claim", await adviser.hears("案件 #1", "[照片]"))
    shown = await adviser.hears("归您办", "[照片]")
    await brings(telegram, adviser, "sendphoto", PHOTO, "案件 #1")
    await _everything_else_reaches_the_adviser(telegram, villager, adviser)
    await _what_does_not_arrive_is_said(telegram, villager, adviser)
    await adviser.sends_file("photo", PAPER + PHOTO, "照这个样子写", reply_to=shown)
    await brings(telegram, villager, "sendphoto", PAPER + PHOTO, "王海", "照这个样子写")
    await adviser.sends_file("document", PAPER, reply_to=shown)
    await brings(telegram, villager, "senddocument", PAPER)
    assert {row["state"] for row in await product.command("inbox", "list")} == {"done"}
    assert "Traceback" not in product.log()


async def _everything_else_reaches_the_adviser(telegram: FakeTelegram, villager: User, adviser: User) -> None:
    telegram.fail("file", status=500, body="x")  # the second try brings it
    await villager.sends_file("voice", VOICE)
    await brings(telegram, adviser, "sendvoice", VOICE, "[语音]")
    await villager.sends_file("document", PAPER, "这是借条")
    await brings(telegram, adviser, "senddocument", PAPER, "这是借条")
    await villager.sends_raw({"location": {"latitude": 32.5, "longitude": 121.0}})
    await adviser.hears("[位置]", "32.500000, 121.000000")
    await villager.sends_raw({"contact": {"phone_number": "0513-1234567", "first_name": "李", "last_name": "四"}})
    await adviser.hears("[联系方式]", "李 四 0513-1234567")


async def _what_does_not_arrive_is_said(telegram: FakeTelegram, villager: User, adviser: User) -> None:
    await villager.sends_file("document", b"x", size=20 * MEGABYTE)
    await villager.hears("文件太大", "10 MB")
    await adviser.hears("[文件]", "文件没能取到")
    # Telegram does not always say how large a file is; above 20 MB it gives out none.
    await villager.sends_file("photo", bytes(21 * MEGABYTE), "拍的合同", size=0)
    await villager.hears("文件太大", within=20)
    await adviser.hears("拍的合同", "文件没能取到")
    await villager.sends_file("voice", VOICE)
    telegram.files.popitem()
    await villager.hears("没有收到", "再发一次", within=20)
