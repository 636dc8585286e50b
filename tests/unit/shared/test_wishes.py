"""What cards ask to have made: a stage of its own, for the scenes that want it and no others."""

from dataclasses import replace
from typing import Any

import pytest
from support.building import (
    NOW,
    a_project,
    a_script,
    opened_production,
    result,
    task_of,
)

from projector.fold import folded
from shared.commanding import command_of
from shared.engines import Engines
from shared.messages.commands import MakeVisual, RenderClip
from shared.messages.manifest import Blob
from shared.messages.script import Card, FootageCard, PictureCard, TitleCard
from shared.pipeline import Outcome, advanced, key_of
from shared.progress import activity, percent_of
from shared.state import Project, ProjectStatus, TaskState
from shared.wishes import missing_of, wish_of

PICTURE = Blob(path=f"blob/{'a' * 64}.png", size=10, media_type="image/png")
ENGINES = Engines(image="image-1:openai/m")
WISH = PictureCard(prompt="雨后的公园")


def project_with(*cards: Card) -> Project:
    script = a_script(len(cards))
    scenes = tuple(
        scene.model_copy(update={"card": card})
        for scene, card in zip(script.scenes, cards, strict=True)
    )
    return a_project(script=script.model_copy(update={"scenes": scenes}), script_version=1, take=1)


def opened(*cards: Card, project: Project | None = None) -> Outcome:
    return opened_production(project or project_with(*cards), engines=ENGINES)


def after(outcome: Outcome, stage: str, position: int = 0) -> Outcome:
    """The outcome with one more task done."""
    task = task_of(outcome.run, stage, position)
    fact = result(outcome.project, outcome.run, task)
    return advanced(outcome.project, folded(outcome.run, [fact], NOW), NOW)


def state(outcome: Outcome, stage: str, position: int = 0) -> TaskState:
    return task_of(outcome.run, stage, position).state


@pytest.mark.parametrize(
    "card",
    [
        pytest.param(TitleCard(), id="another card"),
        pytest.param(PictureCard(), id="an empty picture card"),
        pytest.param(PictureCard(prompt="  "), id="a blank prompt"),
        pytest.param(FootageCard(caption="x", prompt=" "), id="footage of nothing"),
        pytest.param(PictureCard(prompt="x", picture=PICTURE), id="an upload goes before a prompt"),
    ],
)
def test_a_run_without_wishes_has_no_such_stage(card: Card) -> None:
    run = opened(card).run

    assert [task.stage for task in run.tasks] == ["voice", "clip", "assembly"]


def test_only_the_scene_that_asks_waits_for_its_picture() -> None:
    outcome = opened(WISH, TitleCard())

    outcome = after(after(outcome, "voice", 0), "voice", 1)

    assert [task.stage for task in outcome.run.tasks] == [
        *("voice", "visual", "clip"),
        *("voice", "clip", "assembly"),
    ]
    assert state(outcome, "clip", 0) is TaskState.WAITING
    assert state(outcome, "clip", 1) is TaskState.READY
    assert state(after(outcome, "visual"), "clip", 0) is TaskState.READY


def test_a_picture_without_its_voice_is_no_clip_yet() -> None:
    outcome = after(opened(WISH), "visual")

    assert state(outcome, "clip") is TaskState.WAITING


def test_all_voices_are_the_end_of_the_audio_whatever_pictures_do() -> None:
    outcome = after(opened(WISH), "voice")

    assert outcome.project.status is ProjectStatus.GENERATING_VIDEO
    assert activity(outcome.run).code in {"production_queued", "visual_making"}
    started = replace(task_of(outcome.run, "visual"), state=TaskState.RUNNING)
    tasks = tuple(started if t.id == started.id else t for t in outcome.run.tasks)
    note = activity(replace(outcome.run, tasks=tasks))
    assert (note.code, note.params) == ("visual_making", {"done": 0, "total": 1})


def test_a_wait_for_a_picture_weighs_as_long_as_it_takes() -> None:
    run = after(opened(WISH), "voice").run

    visual = task_of(run, "visual")
    assert visual.weight > task_of(run, "clip").weight
    done = replace(visual, percent=100.0)
    assert percent_of([done if t.id == done.id else t for t in run.tasks]) > percent_of(run.tasks)


def test_the_commands_say_what_is_wished_and_what_was_made() -> None:
    outcome = opened(WISH)
    wanted = replace(task_of(outcome.run, "visual"), dispatch=1)

    made = command_of(outcome.project, outcome.run, wanted)
    outcome = after(after(outcome, "voice"), "visual")
    clip = command_of(
        outcome.project, outcome.run, replace(task_of(outcome.run, "clip"), dispatch=1)
    )

    assert isinstance(made, MakeVisual)
    assert (made.kind, made.prompt, made.aspect) == ("image", "雨后的公园", "16:9")
    assert made.engine == ENGINES.image
    assert isinstance(clip, RenderClip)
    assert clip.visual is not None


def key(project: Project, **engines: Any) -> str:
    run = opened_production(project, engines=replace(ENGINES, **engines)).run
    return key_of(project, run, task_of(run, "visual"))


def test_another_one_is_another_take_and_a_retry_is_the_same() -> None:
    project = project_with(WISH)
    again = replace(project, take=7, script_version=3)
    another = project_with(WISH.model_copy(update={"take": 1}))

    assert key(project) == key(again)
    assert key(replace(another, id=project.id)) != key(project)


def test_a_picture_is_its_projects_prompts_makers_and_aspects_own() -> None:
    project = project_with(WISH)
    prompt = project_with(PictureCard(prompt="夜里的公园"))
    caption = project_with(WISH.model_copy(update={"caption": "湿地"}))
    upright = replace(project, options=replace(project.options, aspect="9:16"))

    keys = [
        key(project),
        key(replace(prompt, id=project.id)),
        key(upright),
        key(project, image="image-1:openai/other"),
        key(replace(project, id=prompt.id)),
    ]

    assert len(set(keys)) == len(keys)
    assert key(replace(caption, id=project.id)) == key(project)


def test_a_clip_is_another_one_when_its_picture_is() -> None:
    def clip(card: PictureCard) -> str:
        project = replace(project_with(card), id=project_id)
        outcome = after(after(opened(project=project), "voice"), "visual")
        return task_of(outcome.run, "clip").spec_hash or ""

    project_id = project_with(WISH).id
    assert clip(WISH) != clip(WISH.model_copy(update={"take": 1}))
    assert clip(WISH) == clip(WISH.model_copy(update={"prompt": " 雨后的公园 "}))


def test_what_nobody_can_make_is_known_before_a_run() -> None:
    script = project_with(TitleCard(), WISH).script
    assert script is not None

    assert missing_of(script, Engines()) == "image"
    assert missing_of(script, ENGINES) is None
    film = project_with(FootageCard(prompt="x")).script
    assert film is not None
    assert missing_of(film, ENGINES) == "footage"
    assert wish_of(WISH) is not None


def test_footage_is_a_kind_of_its_own_with_its_own_maker() -> None:
    engines = replace(ENGINES, footage="footage-1:dashscope/m")
    project = project_with(FootageCard(prompt="雨后的公园"), WISH)
    run = opened_production(project, engines=engines).run

    film, picture = task_of(run, "visual", 0), task_of(run, "visual", 1)
    assert (film.spec_hash or "").startswith("footage/")
    assert (picture.spec_hash or "").startswith("image/")
    assert film.weight > picture.weight
    command = command_of(project, run, replace(film, dispatch=1))
    assert isinstance(command, MakeVisual)
    assert (command.kind, command.engine) == ("footage", engines.footage)


def test_how_footage_is_shown_is_no_reason_to_have_it_made_again() -> None:
    def keys(**changes: str) -> tuple[str, str]:
        card = FootageCard.model_validate({"prompt": "x", **changes})
        project = replace(project_with(card), id=project_id)
        outcome = after(after(opened(project=project), "voice"), "visual")
        visual, clip = (task_of(outcome.run, stage).spec_hash for stage in ("visual", "clip"))
        return visual or "", clip or ""

    project_id = project_with(WISH).id
    usual = keys()
    for change in ({"frame": "panel"}, {"ending": "hold"}, {"caption": "湿地"}):
        visual, clip = keys(**change)
        assert visual == usual[0]
        assert clip != usual[1]
