"""The command beside a running product and alone: files people send, wrong input, pure JSON."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.e2e.product import PLACE, Product


@pytest.fixture
def alone(tmp_path: Path) -> Product:
    """A product that is not running, on SQLite, without a demonstration county."""
    return Product(tmp_path, {"DOORSTEP_DEMO": "false"})


def sheet(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        assert book.active is not None
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


async def test_a_county_from_files(alone: Product, tmp_path: Path) -> None:
    (tmp_path / "villages.csv").write_bytes("编码,村名,镇\nv1,东坡村,青石镇\nv2,柳湾村,青石镇\n".encode("gb18030"))
    assert len(await alone.command("village", "import", str(tmp_path / "villages.csv"))) == 2
    (tmp_path / "more.csv").write_text("code,name,town\nv2,柳湾新村,青石镇\n", encoding="utf-8-sig")
    await alone.command("village", "import", str(tmp_path / "more.csv"))
    assert [row["name"] for row in await alone.command("village", "list")] == ["东坡村", "柳湾新村"]
    rows: list[list[object]] = [["姓名", "telegram", "村"], ["王海", 1001.0, "东坡村、v2"], ["李梅", None, "ALL"]]
    (tmp_path / "staff.xlsx").write_bytes(sheet(rows))
    wang, li = await alone.command("staff", "import", str(tmp_path / "staff.xlsx"))
    assert (wang["telegram"], wang["villages"], li["villages"]) == ("1001", ["v1", "v2"], ["ALL"])
    await alone.command("duty", "add", "--staff", "1", "--from", "2026-11-24T08:00", "--to", "2099-01-01T00:00+08:00")
    assert (await alone.command("duty", "list"))[0]["from"] == "2026-11-24T00:00:00+00:00"
    [link] = await alone.command("desk", "link", "--staff", "2")
    assert "/desk/enter?pass=" in link["link"]
    await alone.command("staff", "deactivate", "--staff", "2")
    assert len(await alone.command("faq", "list")) >= 40
    for words in (["case", "list"], ["inbox", "list"], ["outbox", "list"], ["task", "list"]):
        assert await alone.command(*words) == []
    assert (await alone.command("db", "check"))[0]["status"] == "current"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["staff", "add", "--name", "", "--json"], "name"),
        (["staff", "add", "--name", "x", "--role", "king"], "role 'king'"),
        (["staff", "add", "--name", "x", "--telegram", "@wang"], "/whoami"),
        (["staff", "add", "--name", "x", "--village", "nowhere"], "no such village"),
        (["duty", "add", "--staff", "99", "--always"], "no active staff 99"),
        (["duty", "add", "--staff", "1", "--from", "tomorrow", "--to", "later"], "is not a moment"),
        (["duty", "add", "--staff", "1"], "--always"),
        (["case", "show", "99999999999999999999"], "no case"),
        (["desk", "link", "--staff", "-1"], "no active staff"),
        (["inbox", "retry", "5"], "set aside"),
        (["village", "add", "--code", "a b", "--name", "x", "--town", "y"], "code 'a b'"),
        (["village", "import", "/nowhere.csv"], "No such file"),
        (["restore", "/nowhere.tar.gz"], "backup"),
        (["backup", "/nowhere/x.tar.gz"], "not a folder"),
        (["--config", "/nowhere.yaml", "case", "list"], "cannot be read"),
        (["nonsense"], "No such command"),
        (["run", "--role", "king"], "king"),
    ],
)
async def test_wrong_input_is_explained(alone: Product, words: list[str], said: str) -> None:
    _, out, err = await alone.says(*words, ok=False)
    assert said in err
    assert out == ""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"code,name\nv1,x\n", "missing: town"),
        (b"code,name,town\nv1,x,y\nv 2,x,y\nv1,z,y\n,,\nv3,,y\n", "row 3"),
        (b"PK\x03\x04 broken", "XLSX"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "neither CSV"),
    ],
)
async def test_a_bad_file_imports_nothing(alone: Product, tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "bad").write_bytes(data)
    _, _, err = await alone.says("village", "import", str(tmp_path / "bad"), ok=False)
    assert said in err
    assert await alone.command("village", "list") == []


async def test_a_data_directory_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in its place")
    product = Product(tmp_path, {})
    for words in (["case", "list"], ["run"]):
        _, _, err = await product.says(*words, ok=False)
        assert "data_dir" in err


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    first = Product(tmp_path, {})
    await first.start()
    (tmp_path / "two").mkdir()
    second = Product(tmp_path / "two", {"DOORSTEP_WEB__PORT": str(first.port)})
    _, _, err = await second.says("run", ok=False)
    assert "web.port" in err
    await first.kill()


async def test_the_terminal(tmp_path: Path) -> None:
    product = Product(tmp_path, {})
    process = await asyncio.create_subprocess_exec(
        PLACE, "chat", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=product.environment, cwd="/",
    )  # fmt: skip
    lines = "1\n1\n东坡村\n老板拖欠工资不给怎么办\n3\n"
    out, err = await process.communicate(lines.encode())
    said = out.decode()
    for part in ("1. 中文", "1. 同意", "记下了：东坡村", "《保障农民工工资支付条例》", "3. 找人问", "案号 #1"):
        assert part in said, said
    assert err == b""
