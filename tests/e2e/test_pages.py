"""Chat and desk in a real browser, on a phone and on a desktop, with and without JavaScript."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from tests.e2e.product import Product

QUESTION = "老板拖欠工资不给怎么办"
SCREENSHOTS = Path(__file__).resolve().parents[2] / "screenshots"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no browser: apt-get install chromium fonts-noto-cjk")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[Product]:
    """The product as `make run` starts it: SQLite, the demonstration county, no platform."""
    made = Product(tmp_path, {})
    await made.start()
    yield made
    await made.kill()


async def shoot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png")


async def fits(page: Page) -> bool:
    """Whether nothing sticks out to the side."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


async def asks(page: Page, county: Product) -> None:
    """From the first page to an answer."""
    await page.goto(county.base)
    for label in ("中文", "同意"):
        await page.get_by_role("button", name=label, exact=True).click()
    await page.get_by_label("写您的事").fill("东坡村")
    await page.get_by_role("button", name="发送").click()
    await page.get_by_text("记下了：东坡村").wait_for()
    await page.get_by_label("写您的事").fill(QUESTION)
    await page.get_by_role("button", name="发送").click()
    await page.get_by_text("《保障农民工工资支付条例》第10条").wait_for()


async def signs_in(page: Page, county: Product) -> None:
    found = re.search(r"http://\S+pass=\S+", county.printed)
    assert found
    await page.goto(found[0])


@pytest.mark.parametrize("width", [360, 1280])
async def test_the_story_in_two_browsers(browser: Browser, county: Product, width: int) -> None:
    view: ViewportSize = {"width": width, "height": 740 if width < 600 else 900}
    villager = await (await browser.new_context(viewport=view, locale="zh-CN")).new_page()
    adviser = await (await browser.new_context(viewport=view, locale="zh-CN")).new_page()
    errors: list[str] = []
    for page in (villager, adviser):
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
    await asks(villager, county)
    await shoot(villager, f"answer-{width}")
    assert await fits(villager)
    assert await villager.locator("a[href='tel:12333']").count() >= 1
    await signs_in(adviser, county)
    await villager.get_by_role("button", name="找人问").last.click()
    await villager.get_by_text("案号 #1").first.wait_for()
    await adviser.get_by_role("button", name="接案").click()
    await villager.get_by_text("接了您的事").wait_for()
    await shoot(adviser, f"case-{width}")
    assert await fits(adviser)
    await villager.get_by_label("写您的事").fill("还有加班费")
    await villager.get_by_label("写您的事").press("Enter")
    await adviser.locator("#live").get_by_text("还有加班费").wait_for()
    await adviser.get_by_label("答复村民").fill("带上工资条，明天上午来。")
    await adviser.get_by_role("button", name="发出答复").click()
    await villager.get_by_text("带上工资条，明天上午来。").wait_for()
    await shoot(villager, f"reply-{width}")
    await adviser.get_by_role("button", name="办结：已答复").click()
    await villager.get_by_text("办结：已经答复").wait_for()
    await adviser.goto(f"{county.base}/desk")
    await shoot(adviser, f"desk-{width}")
    assert await fits(adviser)
    assert not errors


async def test_without_javascript(browser: Browser, county: Product) -> None:
    context = await browser.new_context(
        java_script_enabled=False, locale="zh-CN", viewport={"width": 360, "height": 740}
    )
    villager = await context.new_page()
    await asks(villager, county)
    await villager.get_by_label("写您的事").fill("")
    await villager.get_by_role("button", name="发送").click()
    await villager.get_by_text("还没有写字").wait_for()
    await villager.goto(f"{county.base}/")
    await villager.locator("input[type=file]").set_input_files(
        {"name": "工资条.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"\x00" * 32}
    )
    await villager.get_by_role("button", name="发送").click()
    await villager.get_by_text("案号 #1").first.wait_for()
    await signs_in(villager, county)
    await villager.get_by_role("button", name="接案").click()
    await villager.get_by_role("button", name="办结：已答复").click()
    await villager.get_by_text("已办结").first.wait_for()
    assert "Traceback" not in county.log()


async def test_the_first_page_is_small(browser: Browser, county: Product) -> None:
    page = await (await browser.new_context(locale="zh-CN")).new_page()
    await page.goto(county.base, wait_until="load")
    sizes = await page.evaluate(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        ".map(entry => entry.transferSize)"
    )
    assert len(sizes) >= 3
    assert 0 < sum(sizes) <= 50 * 1024


async def test_the_knowledge_pages_on_a_phone_without_javascript(browser: Browser, county: Product) -> None:
    context = await browser.new_context(
        java_script_enabled=False, locale="zh-CN", viewport={"width": 360, "height": 740}
    )
    adviser = await context.new_page()
    await signs_in(adviser, county)
    await adviser.get_by_role("link", name="知识库").click()
    await adviser.get_by_label("问题、答案里的字").fill("拖欠工资")
    await adviser.get_by_role("button", name="找", exact=True).click()
    await shoot(adviser, "knowledge-list-360")
    assert await fits(adviser)
    await adviser.get_by_role("link", name=QUESTION, exact=True).click()
    await shoot(adviser, "knowledge-entry-360")
    assert await fits(adviser)
    await adviser.get_by_role("link", name="修改").click()
    await adviser.get_by_label("答案", exact=True).fill("县里的新答案。")
    await adviser.get_by_label("依据").fill("看不懂的一行")
    await adviser.get_by_role("button", name="存草稿").click()
    await adviser.get_by_text("这一行看不懂").wait_for()
    await adviser.locator("#sources").scroll_into_view_if_needed()
    await shoot(adviser, "knowledge-form-360")
    assert await fits(adviser)
    assert await adviser.get_by_label("答案", exact=True).input_value() == "县里的新答案。"
    await adviser.get_by_label("依据").fill("劳动法 | 50 | 2018-12-29")
    await adviser.get_by_role("button", name="存草稿").click()
    await adviser.get_by_text("草稿存好了").wait_for()
    await adviser.get_by_role("button", name="送审").click()
    await adviser.get_by_text("已送审").wait_for()
    await shoot(adviser, "knowledge-version-360")
    for name in ("等人审的", "没答上的", "新写一条"):
        await adviser.get_by_role("link", name=name).click()
        await shoot(adviser, f"knowledge-{name}-360")
        assert await fits(adviser)
