"""Two processes on one database: what is published through one is answered by the other."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.e2e.product import Product

QUESTION = "老板拖欠工资不给怎么办"


def browser(product: Product) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=product.base, follow_redirects=True, timeout=30)


@asynccontextmanager
async def desk(product: Product, staff: int) -> AsyncIterator[httpx.AsyncClient]:
    [link] = await product.command("desk", "link", "--staff", str(staff))
    async with browser(product) as client:
        await client.get(f"/desk/enter?pass={link['link'].partition('pass=')[2]}")
        yield client


async def publishes(wang: httpx.AsyncClient, chen: httpx.AsyncClient, answer: str) -> None:
    """One lawyer changes the wages entry through the desk, another approves it."""
    form = await wang.get("/desk/knowledge/new?of=unpaid-wages&language=zh")
    fields = dict(re.findall(r'<input id="(\w+)" name="\w+" value="([^"]*)"', form.text))
    fields |= dict(re.findall(r'<textarea id="(\w+)"[^>]*>\n(.*?)</textarea>', form.text, re.DOTALL))
    fields |= {"topic": "labour", "risk": "answer", "fresh": "0", "answer": answer}
    kept = await wang.post("/desk/knowledge/new", data=fields)
    found = re.search(r"/version/(\d+)", str(kept.url))
    assert found, kept.text
    await wang.post(f"/desk/knowledge/version/{found[1]}/send")
    assert "已发布" in (await chen.post(f"/desk/knowledge/version/{found[1]}/approve")).text


async def chat_says(villager: httpx.AsyncClient, **form: str) -> str:
    """Post to the web chat; the page once it was answered, or after the seconds a post waits."""
    await villager.post("/chat", data={"nonce": secrets.token_urlsafe(12), **form})
    return (await villager.get("/")).text


async def test_published_in_one_process_and_answered_by_the_other(database_url: str, tmp_path: Path) -> None:
    product = Product(tmp_path, {"DOORSTEP_DATABASE__URL": database_url, "DOORSTEP_DEMO": "false"})
    try:
        await product.command("db", "upgrade")
        for name in ("王海", "陈静"):
            await product.command("staff", "add", "--name", name)
        await product.start("web")
        await product.start("worker")
        async with browser(product) as villager:
            for choice in ("lang:zh", "consent:yes", "village:skip"):
                await chat_says(villager, choice=choice)
            async with asyncio.timeout(30):
                while "都不收费" not in await chat_says(villager, text=QUESTION):
                    pass
            async with desk(product, 1) as wang, desk(product, 2) as chen:
                await publishes(wang, chen, "县里的新答案。")
            # The web process wrote it, the worker answers: seen about a second after the commit.
            async with asyncio.timeout(15):
                while "县里的新答案" not in await chat_says(villager, text=QUESTION):
                    pass
    finally:
        await product.kill()
