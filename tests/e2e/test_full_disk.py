"""A disk that fills up, and a data directory that cannot be written: said clearly, nothing kept is lost."""

from __future__ import annotations

import html
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.e2e.product import Product
from tests.fakes.telegram import FakeTelegram

ROOMS = "8m"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOMS}", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
async def product(disk: Path, tmp_path: Path, telegram: FakeTelegram) -> AsyncIterator[Product]:
    """A product with everything it keeps on the small disk."""
    made = Product(
        tmp_path,
        {
            "DOORSTEP_DATA_DIR": str(disk),
            "DOORSTEP_TELEGRAM__TOKEN": telegram.token,
            "DOORSTEP_TELEGRAM__API_BASE": telegram.base,
            "DOORSTEP_TELEGRAM__CHAT_INTERVAL": "0s",
        },
    )
    yield made
    await made.kill()


def fill(disk: Path) -> Path:
    """Use up all the room there is."""
    path = disk / "filler"
    with suppress(OSError), path.open("ab", buffering=0) as file:
        while file.write(bytes(4096)) == 4096:
            pass
    return path


def parts_of_files(disk: Path) -> list[Path]:
    return list(disk.rglob("*.part"))


async def test_a_full_disk_is_said_and_loses_nothing(product: Product, disk: Path, telegram: FakeTelegram) -> None:
    process = await product.start()
    villager = telegram.user(7)
    await villager.sends("/zzbefore")
    await villager.hears("/zzbefore", within=20)
    async with httpx.AsyncClient(base_url=product.base, timeout=30, follow_redirects=True) as browser:
        for choice in ("lang:zh", "consent:yes", "village:skip"):
            assert (await browser.post("/chat", data={"choice": choice})).status_code == 200
        await browser.post("/chat", data={"text": f"/zzearly {'满' * 9900}"})
        filler = fill(disk)
        await _a_file_is_refused(browser, disk)
        kept, refused = await _write_until_refused(browser, disk)
        await villager.sends("/zzmeanwhile")
        assert process.returncode is None
        assert (await browser.get("/")).status_code == 200
        filler.unlink()
        await villager.hears("/zzmeanwhile", within=30)
        page = (await browser.post("/chat", data={"text": "/zzafter"})).text
        assert "/zzafter" in page
        page = html.unescape((await browser.get("/?all=1")).text)
        for word in ("zzearly", *kept):
            assert (page.count(f"/{word} 满"), page.count(f"/{word} 这个命令")) == (1, 1)
        assert f"/{refused} " not in page
        page = (await browser.post("/chat", files={"file": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(3000))})).text
        assert "/files/" in page
    assert {row["state"] for row in await product.command("inbox", "list")} == {"done"}
    assert "Traceback" not in product.log()


async def _a_file_is_refused(browser: httpx.AsyncClient, disk: Path) -> None:
    answer = await browser.post("/chat", data={"text": "字还在"}, files={"file": ("a.bin", bytes(1_000_000))})
    assert answer.status_code == 503
    assert "没有存上" in answer.text
    assert "字还在" in answer.text
    assert not parts_of_files(disk), "what was written of it takes room from the others"


async def _write_until_refused(browser: httpx.AsyncClient, disk: Path) -> tuple[list[str], str]:
    """Long messages until there is no room for one: the words of those that were taken, and of the one that was not."""
    taken: list[str] = []
    for number in range(200):
        fill(disk)
        word = f"zzweb{number}"
        text = f"/{word} {'满' * 9900}"
        answer = await browser.post("/chat", data={"text": text, "nonce": f"nonce-{number:04}"})
        if answer.status_code == 503:
            assert "没有存上" in answer.text
            assert text in html.unescape(answer.text)
            return taken, word
        assert answer.status_code == 200
        taken.append(word)
    raise AssertionError("the disk never filled up")


async def test_a_file_in_the_place_of_the_data_directory_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a directory")
    for verb in ("run", "chat"):
        code, _, err = await Product(tmp_path, {}).says(verb, ok=False)
        assert code == 1
        assert f"data_dir: {tmp_path / 'data'} cannot be used" in err


@pytest.fixture
def locked_disk(disk: Path) -> Path:
    """A disk on which nothing can be written, by root neither."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    return disk


async def test_a_data_directory_that_cannot_be_written_is_a_clear_error(locked_disk: Path, tmp_path: Path) -> None:
    for words in (("run",), ("village", "list")):
        code, _, err = await Product(tmp_path, {"DOORSTEP_DATA_DIR": str(locked_disk)}).says(*words, ok=False)
        assert code == 1
        assert str(locked_disk) in err
        assert len(err.strip().splitlines()) == 1, err
