"""An article becomes a script of the wished length, in its own words and order."""

import pytest

from script_worker.writers import spoken
from script_worker.writers.headings import fits
from script_worker.writers.openers import links
from script_worker.writers.paragraphs import paragraphs
from shared.errors import StageError
from shared.messages.script import scene_id

ARTICLES = ["bikes.zh.txt", "sleep.zh.txt", "tea.zh.txt", "gardens.en.txt", "batteries.en.txt"]
WISHES = [30, 45, 60, 90]


def language(name: str) -> str:
    return "zh-CN" if ".zh." in name else "en"


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("name", ARTICLES)
async def test_the_length_is_near_the_wish(name, wish, article, write):
    script = await write("article", article(name), language=language(name), seconds=wish)

    assert spoken.total(scene.narration for scene in script.scenes) == pytest.approx(wish, rel=0.1)


@pytest.mark.parametrize("wish", [60, 90])
@pytest.mark.parametrize("name", ARTICLES)
async def test_every_paragraph_is_heard(name, wish, article, write):
    script = await write("article", article(name), language=language(name), seconds=wish)

    said = " ".join(scene.narration for scene in script.scenes)
    silent = [
        part.sentences[0]
        for part in paragraphs(article(name))
        if not any(sentence[-12:] in said for sentence in part.sentences)
    ]
    assert silent == []


@pytest.mark.parametrize("name", ARTICLES)
async def test_all_words_are_the_article_s_own_and_in_its_order(name, article, write):
    script = await write("article", article(name), language=language(name))

    rest = "".join(article(name).split())
    for scene in script.scenes:
        for part in scene.narration.replace(". ", ".\n").replace("。", "。\n").splitlines():
            tail = "".join(part.split())[1:16]  # a dropped conjunction changes the first letter
            assert tail in rest
            rest = rest[rest.index(tail) + len(tail) :]


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("name", ARTICLES)
async def test_scenes_are_short_and_open_without_a_loose_conjunction(name, wish, article, write):
    script = await write("article", article(name), language=language(name), seconds=wish)

    for scene in script.scenes:
        assert spoken.seconds(scene.narration) + spoken.SCENE_SECONDS >= 3.0
        assert spoken.seconds(scene.narration) <= 20.0
        assert not links(scene.narration)


@pytest.mark.parametrize("name", ARTICLES)
async def test_headings_are_short_and_come_once(name, article, write):
    script = await write("article", article(name), language=language(name), seconds=90)

    headings = [scene.heading for scene in script.scenes]
    assert all(heading and fits(heading) for heading in headings[1:])
    assert len(set(headings)) == len(headings)
    assert all(s.heading != s.narration.strip("。.") for s in script.scenes)


async def test_a_short_article_is_told_whole(write):
    text = "城市在变化。雨水需要出路。\n\n透水铺装能减少40%的径流。"

    script = await write("article", text, seconds=300)

    said = "".join(scene.narration for scene in script.scenes)
    assert said == text.replace("\n", "")
    assert not script.draft


async def test_more_paragraphs_than_time_keeps_the_beginning_and_the_time(write):
    text = "\n\n".join(
        f"第{n}座花园里种着各种各样的蔬菜和水果，邻居们每天都来。" for n in range(60)
    )

    script = await write("article", text, seconds=30)

    assert script.scenes[0].narration.startswith("第0座")
    assert spoken.total(s.narration for s in script.scenes) == pytest.approx(30, rel=0.2)


async def test_half_an_hour_fits_sixty_scenes(write):
    text = "城市的花园里种着蔬菜，邻居们每天清晨都来浇水。" * 800

    script = await write("article", text, seconds=1_800)

    assert len(script.scenes) <= 60
    assert spoken.total(s.narration for s in script.scenes) == pytest.approx(1_800, rel=0.1)


@pytest.mark.parametrize(
    ("title", "expected"), [("我的 标题", "我的 标题"), (None, "共享单车的第二次机会")]
)
async def test_the_first_scene_shows_the_title(title, expected, article, write):
    script = await write("article", article("bikes.zh.txt"), title=title)

    assert script.title == script.scenes[0].heading == expected
    assert script.scenes[0].card.kind == "title"


async def test_a_long_title_stays_within_the_contract(write):
    script = await write("article", "雨水需要出路。", title="长" * 500)

    assert len(script.title) <= 200
    assert len(script.scenes[0].heading) <= 80


async def test_an_article_without_a_title_is_named_after_what_it_is_about(article, write):
    script = await write("article", article("sleep.zh.txt"))

    assert "睡眠" in script.title


async def test_progress_is_told_for_each_scene_as_it_is_done(article, write):
    calls: list[tuple[int, int]] = []

    script = await write("article", article("tea.zh.txt"), calls=calls)

    count = len(script.scenes)
    assert calls == [(number, count) for number in range(1, count + 1)]


async def test_scene_ids_come_from_the_task_and_the_same_again_is_the_same(article, write, task_id):
    first = await write("article", article("tea.zh.txt"))
    again = await write("article", article("tea.zh.txt"))

    assert first == again
    assert [s.id for s in first.scenes] == [
        scene_id(task_id, position) for position in range(len(first.scenes))
    ]


@pytest.mark.parametrize("kind", ["article", "outline", "topic"])
@pytest.mark.parametrize("text", [" ", "\r\n\t", "。。。", "😀😀", "---", "# \n- "])
async def test_nothing_to_say_is_a_clear_error(kind, text, write):
    with pytest.raises(StageError) as caught:
        await write(kind, text)

    assert caught.value.code == "source_empty"
    assert not caught.value.retryable
