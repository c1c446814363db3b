"""What goes wrong on an old phone: an input method, a double press, a slow or broken network, no JavaScript."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.e2e.product import Product
from tests.e2e.test_pages import asks, browser, county, fits

__all__ = ["browser", "county"]

SMALL = """() => {
  const small = [];
  for (const item of document.querySelectorAll("button, a, label.button, textarea")) {
    const box = item.getBoundingClientRect();
    if (box.left >= 0 && box.width && box.height < 44) small.push(item.outerHTML.slice(0, 80));
  }
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const holder = words.currentNode.parentElement;
    if (words.currentNode.data.trim() && holder.offsetParent && parseFloat(getComputedStyle(holder).fontSize) < 17)
      small.push(words.currentNode.data.trim().slice(0, 40));
  }
  return small;
}"""
"""What is shown in letters under 17 pixels, or to be pressed and lower than 44."""


@pytest.fixture
async def phone(browser: Browser, county: Product) -> Page:
    context = await browser.new_context(locale="zh-CN", viewport={"width": 360, "height": 740}, has_touch=True)
    page = await context.new_page()
    await asks(page, county)
    return page


async def says(page: Page, words: str) -> None:
    await page.get_by_label("写您的事").fill(words)
    await page.get_by_role("button", name="发送").click()


async def test_everything_is_large_enough_and_wraps(phone: Page) -> None:
    assert await phone.evaluate(SMALL) == []
    await says(phone, "他在打我 https://example.org/" + "long" * 60)
    await phone.get_by_text("马上打").wait_for()
    assert await phone.evaluate(SMALL) == []
    assert await fits(phone)
    assert await phone.locator("#log a[href='sms:12110']").count() == 1


async def test_an_answer_is_read_from_its_first_line(phone: Page) -> None:
    await expect(phone.locator("#log li.you").last).to_be_in_viewport()
    await expect(phone.get_by_text("拖欠工资可以投诉")).to_be_in_viewport()


async def test_enter_while_composing_sends_nothing(phone: Page) -> None:
    field = phone.get_by_label("写您的事")
    await field.fill("gong'zi")
    kept = await field.evaluate(
        "field => [{isComposing: true}, {keyCode: 229}, {shiftKey: true}].map(more => field.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true, ...more})))"
    )
    assert kept == [True, True, True]
    await expect(field).to_have_value("gong'zi")
    await field.press("Enter")
    await expect(field).to_have_value("")
    await phone.locator("#log li.you", has_text="gong'zi").wait_for()


async def test_a_double_press_on_a_slow_network_sends_once(phone: Page) -> None:
    go, posts = asyncio.Event(), []

    async def slowly(route: Route) -> None:
        posts.append(route.request.post_data or "")
        await go.wait()
        await route.continue_()

    await phone.route("**/chat", slowly)
    field = phone.get_by_label("写您的事")
    await field.fill("字号七七七")
    for _ in range(2):
        await phone.get_by_role("button", name="发送").click()
    await field.press("Enter")
    await expect(phone.locator("#notice")).to_have_text("正在发…")
    await field.press_sequentially("还有一句")
    go.set()
    await phone.locator("#log li.you", has_text="字号七七七").wait_for()
    assert len(posts) == 1
    # What was typed meanwhile is still there.
    await expect(field).to_have_value("还有一句")


@pytest.mark.parametrize("status", [0, 502])
async def test_what_was_not_sent_stays_and_goes_out_later(phone: Page, status: int) -> None:
    async def broken(route: Route) -> None:
        if status:
            await route.fulfill(status=status, content_type="text/html", body="<h1>Bad gateway</h1>")
        else:
            await route.abort()

    await phone.route("**/chat", broken)
    await says(phone, "字号八八八")
    await expect(phone.locator("#notice")).to_contain_text("您写的还在")
    await expect(phone.locator("#notice")).not_to_contain_text("gateway")
    await expect(phone.get_by_label("写您的事")).to_have_value("字号八八八")
    await phone.unroute("**/chat")
    await phone.get_by_role("button", name="发送").click()
    await phone.locator("#log li.you", has_text="字号八八八").wait_for()


async def test_a_browser_that_does_not_name_the_pressed_button(browser: Browser, county: Product) -> None:
    page = await (await browser.new_context(locale="zh-CN")).new_page()
    # Phones of before 2021: FormData takes no button, and the event names none; before 2020, no requestSubmit.
    await page.add_init_script(
        "const Old = FormData; window.FormData = class extends Old { constructor(form) { super(form); } };"
        "Object.defineProperty(SubmitEvent.prototype, 'submitter', {get: () => undefined});"
        "delete HTMLFormElement.prototype.requestSubmit;"
    )
    await page.goto(county.base)
    for label in ("中文", "同意", "跳过"):
        await page.get_by_role("button", name=label, exact=True).click()
    await page.get_by_label("写您的事").fill("字号九九九")
    await page.get_by_label("写您的事").press("Enter")
    await page.locator("#log li.you", has_text="字号九九九").wait_for()


@pytest.mark.parametrize("scripts", [True, False])
async def test_the_chosen_file_is_named(browser: Browser, county: Product, scripts: bool) -> None:
    context = await browser.new_context(java_script_enabled=scripts, locale="zh-CN")
    page = await context.new_page()
    await page.goto(county.base)
    await expect(page.get_by_text("已选：")).to_be_hidden()
    async with page.expect_file_chooser() as chooser:
        await page.locator("label[for=file]").click()
    await (await chooser.value).set_files({"name": "工资条.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n"})
    await expect(page.get_by_text("已选：")).to_be_visible()
    assert (await page.locator("#file").bounding_box() or {"width": 0})["width"] > 100


async def test_without_javascript_one_can_look_for_answers(browser: Browser, county: Product) -> None:
    context = await browser.new_context(
        java_script_enabled=False, locale="zh-CN", viewport={"width": 360, "height": 740}
    )
    page = await context.new_page()
    await asks(page, county)
    await expect(page.get_by_role("link", name="看有没有回复")).to_be_visible()
    await expect(page.locator("#log li.you").last).to_be_in_viewport()
    await page.get_by_role("button", name="发送").click()
    await expect(page.get_by_text("还没有写字")).to_be_in_viewport()
    # Each look fetches the page anew; a link to a place in the page one is on already would not.
    for number in range(2):
        cookies = {row["name"]: row["value"] for row in await context.cookies() if "name" in row and "value" in row}
        async with httpx.AsyncClient(base_url=county.base, cookies=cookies) as elsewhere:
            await elsewhere.post("/chat", data={"text": f"谢谢{number}，字号九九"})
        await page.get_by_role("link", name="看有没有回复").click()
        await expect(page.get_by_text(f"谢谢{number}，字号九九")).to_be_visible()


async def test_a_forged_address_does_not_lift_the_limit(county: Product) -> None:
    await county.kill()
    county.settings["DOORSTEP_WEB__POSTS_PER_MINUTE"] = "3"
    await county.start()
    statuses = []
    for number in range(5):
        async with httpx.AsyncClient(base_url=county.base) as client:
            forged = {"x-forwarded-for": f"198.51.100.{number}"}
            statuses.append((await client.post("/chat", data={"text": "/numbers"}, headers=forged)).status_code)
    assert statuses == [303, 303, 303, 429, 429]
