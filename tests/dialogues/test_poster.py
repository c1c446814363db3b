"""A village's poster: the person is told once which village was noted, and how to change it."""

from __future__ import annotations

import pytest

from tests.dialogues.stage import Actor, Stage


@pytest.fixture
async def li(stage: Stage) -> Actor:
    await stage.village("dongpo", "东坡村")
    await stage.village("liuwan", "柳湾村")
    return stage.person("li")


async def test_a_poster_is_spoken_of_once(li: Actor) -> None:
    await li.says("/start v_dongpo")
    await li.presses("lang:zh")
    await li.presses("consent:yes")
    li.hears("选语言")
    li.hears("同意我们")
    li.hears("东坡村", "海报", "/village", "请说您的事", choices=["village"])
    await li.says("/start v_dongpo")
    li.hears("请说您的事")
    li.hears_nothing()


async def test_the_noted_village_is_changed_with_one_press(li: Actor) -> None:
    await li.says("/start v_dongpo")
    for choice in ("lang:zh", "consent:yes", "village"):
        await li.presses(choice)
    assert "哪个村" in li.hears_all()[-1].text
    await li.says("柳湾村")
    li.hears("柳湾村", choices=["village"])
    li.hears("请说您的事")


async def test_another_villages_poster_is_said_at_once(li: Actor) -> None:
    await li.moves_in(village="dongpo")
    await li.says("/start v_liuwan")
    li.hears("柳湾村", "海报", "请说您的事")


async def test_an_unknown_poster_asks_for_the_village(li: Actor) -> None:
    await li.says("/start v_nowhere")
    for choice in ("lang:zh", "consent:yes"):
        await li.presses(choice)
    li.hears("选语言")
    li.hears("同意我们")
    li.hears("没查到", "不要紧")
    li.hears("哪个村", choices=["village:skip"])
    await li.says("东坡村")
    li.hears("记下了：东坡村")
    li.hears("请说您的事")


async def test_a_question_asked_before_comes_after_the_village(li: Actor) -> None:
    await li.says("/start v_dongpo")
    await li.says("老板拖欠工资不给怎么办")
    await li.presses("consent:yes")
    noted, answer = li.hears_all()[-2:]
    assert "记下了：东坡村" in noted.text
    assert "《保障农民工工资支付条例》" in answer.text


async def test_a_refusal_taken_back_still_tells_of_the_village(li: Actor) -> None:
    await li.says("/start v_dongpo")
    for choice in ("lang:zh", "consent:no", "consent:yes"):
        await li.presses(choice)
    assert "记下了：东坡村" in li.hears_all()[-1].text


async def test_a_village_of_ones_own_choice_beats_the_poster(li: Actor) -> None:
    await li.says("/start v_dongpo")
    await li.presses("village:liuwan")
    await li.presses("consent:yes")
    said = [row.text for row in li.hears_all()]
    assert not [text for text in said if "东坡村" in text]


async def test_an_emergency_before_consent_goes_to_the_posters_village(stage: Stage, li: Actor) -> None:
    wang = await stage.adviser("王海", villages=("dongpo",))
    await li.says("/start v_dongpo")
    await li.says("他在打我")
    li.hears_all()
    wang.hears("东坡村", "紧急")


async def test_a_mistyped_village_is_not_taken_for_a_question(li: Actor) -> None:
    await li.says("/start")
    for choice in ("lang:zh", "consent:yes"):
        await li.presses(choice)
    li.hears_all()
    await li.says("火星村")
    assert "记下" not in li.hears("没找到这个村").text
    await li.says("东坡村")
    li.hears("记下了：东坡村")
    li.hears("请说您的事")
    li.hears_nothing()
