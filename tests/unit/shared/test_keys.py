"""Keys: exactly what each artifact depends on. A change makes again only what it touches."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from support.building import a_manifest, opened_production, with_script

from shared.artifacts import keys
from shared.messages.base import CaptionStyle
from shared.messages.commands import ScenePart
from shared.messages.manifest import Blob, Cue, Word
from shared.messages.script import ListCard, PictureCard, Scene
from shared.state import Project, Run

PICTURE = Blob(path=f"blob/{'a' * 64}.png", size=10, media_type="image/png")
VOICE = a_manifest(
    cues=(
        Cue(
            start_ms=0,
            end_ms=2_000,
            text="你好",
            words=(Word(start_ms=0, end_ms=2_000, text="你好"),),
        ),
    )
)
PARTS = tuple(
    ScenePart(scene_id=uuid4(), voice_key=f"voice/{n}", clip_key=f"clip/{n}") for n in "123"
)


def all_keys(project: Project, *, scene: Scene | None = None, parts: Any = PARTS) -> dict[str, str]:
    run: Run = opened_production(project).run
    scene = scene or project.script.scenes[0]
    return {
        "voice": keys.voice_key(project, run, scene),
        "clip": keys.clip_key(project, run, scene, VOICE),
        "video": keys.video_key(project, run, project.script.title, parts),
    }


def changed(one: dict[str, str], two: dict[str, str]) -> set[str]:
    return {kind for kind in one if one[kind] != two[kind]}


@pytest.mark.parametrize(
    ("options", "remade"),
    [
        pytest.param({"theme": "paper"}, {"clip"}, id="a theme: pictures, no voice"),
        pytest.param({"captions": "highlight"}, {"clip"}, id="captions: pictures"),
        pytest.param({"music": "calm"}, {"video"}, id="music: the assembly alone"),
        pytest.param({"music": f"blob/{'b' * 64}.mp3"}, {"video"}, id="the user's own music"),
        pytest.param({"speaker": "another"}, {"voice"}, id="a speaker: voices"),
        pytest.param({"speed": 1.2}, {"voice"}, id="a speed: voices"),
        pytest.param({"aspect": "9:16"}, {"clip", "video"}, id="an aspect: no voice"),
        pytest.param({"target_seconds": 90}, set(), id="a length: the script alone"),
        pytest.param({"style": "vivid", "audience": "all"}, set(), id="a style: the script alone"),
    ],
)
def test_an_option_makes_again_only_what_it_touches(
    options: dict[str, Any], remade: set[str]
) -> None:
    project = with_script()
    other = replace(project, options=replace(project.options, **options))

    assert changed(all_keys(project), all_keys(other)) == remade


@pytest.mark.parametrize(
    ("change", "remade"),
    [
        pytest.param({"narration": "另一句话。"}, {"voice"}, id="words: the voice"),
        pytest.param({"heading": "另一个标题"}, {"clip"}, id="a heading: the picture"),
        pytest.param({"card": ListCard(items=("一",))}, {"clip"}, id="a card: the picture"),
        pytest.param({"card": PictureCard(picture=PICTURE)}, {"clip"}, id="a picture"),
        pytest.param({"id": uuid4()}, set(), id="another scene with the same content"),
    ],
)
def test_an_edit_of_a_scene_makes_again_only_what_it_touches(
    change: dict[str, Any], remade: set[str]
) -> None:
    project = with_script()
    scene = project.script.scenes[0]

    edited = all_keys(project, scene=scene.model_copy(update=change))

    assert changed(all_keys(project), edited) == remade


def test_another_picture_is_another_clip_and_its_bytes_alone_count() -> None:
    project = with_script()
    scene = project.script.scenes[0]

    def with_picture(blob: Blob) -> str:
        card = PictureCard(picture=blob, caption="雨季")
        return all_keys(project, scene=scene.model_copy(update={"card": card}))["clip"]

    other = PICTURE.model_copy(update={"path": f"blob/{'c' * 64}.png"})
    renamed = PICTURE.model_copy(update={"media_type": "image/x-png"})
    assert with_picture(PICTURE) != with_picture(other)
    assert with_picture(PICTURE) == with_picture(renamed)


@pytest.mark.parametrize(
    ("style", "matter"),
    [
        pytest.param("plain", False, id="plain captions"),
        pytest.param("highlight", True, id="lit words"),
    ],
)
def test_word_times_matter_only_where_words_are_lit(style: CaptionStyle, *, matter: bool) -> None:
    project = with_script()
    project = replace(project, options=replace(project.options, captions=style))
    run = opened_production(project).run
    scene = project.script.scenes[0]
    [cue] = VOICE.cues
    later = (Word(start_ms=500, end_ms=2_000, text="你好"),)
    other = VOICE.model_copy(update={"cues": (cue.model_copy(update={"words": later}),)})

    one = keys.clip_key(project, run, scene, VOICE)
    two = keys.clip_key(project, run, scene, other)

    assert (one != two) == matter


def test_captions_texts_and_times_are_in_the_picture() -> None:
    project = with_script()
    run = opened_production(project).run
    scene = project.script.scenes[0]
    [cue] = VOICE.cues

    for change in ({"text": "再见"}, {"start_ms": 100}, {"end_ms": 1_900}):
        other = VOICE.model_copy(update={"cues": (cue.model_copy(update=change),)})
        assert keys.clip_key(project, run, scene, other) != keys.clip_key(
            project, run, scene, VOICE
        )


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(PARTS[::-1], id="another order"),
        pytest.param(PARTS[:2], id="one scene less"),
        pytest.param((*PARTS, PARTS[0]), id="one scene more"),
    ],
)
def test_order_and_number_of_scenes_are_the_assemblys_alone(parts: Any) -> None:
    project = with_script()

    assert changed(all_keys(project), all_keys(project, parts=parts)) == {"video"}


def test_a_scenes_place_is_in_no_voices_and_no_clips_key() -> None:
    project = with_script()
    turned = project.script.model_copy(update={"scenes": project.script.scenes[::-1]})

    one = opened_production(project).run
    two = opened_production(replace(project, script=turned)).run

    voices = [{task.spec_hash for task in run.tasks if task.stage == "voice"} for run in (one, two)]
    assert voices[0] == voices[1]


def test_nothing_is_shared_between_users() -> None:
    project = with_script()

    assert changed(all_keys(project), all_keys(replace(project, user_id="bob"))) == {
        "voice",
        "clip",
        "video",
    }
