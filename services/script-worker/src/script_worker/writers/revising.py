"""One scene in the place of another: what every kind of revision shares."""

from script_worker.writers.plan import SceneDraft
from shared.errors import StageError
from shared.messages.commands import Revision
from shared.messages.script import FootageCard, PictureCard, Scene, Script


def scene_of(revision: Revision) -> Scene:
    """The scene to be done again; raises StageError ``scene_unknown``."""
    for scene in revision.base.scenes:
        if scene.id == revision.scene_id:
            return scene
    raise StageError("scene_unknown", f"no scene {revision.scene_id}", retryable=False)


def revised(revision: Revision, draft: SceneDraft) -> Script:
    """The base script with ``draft`` in the scene's place, under the scene's id. A picture that its
    user chose or asked for stays.
    """
    present = scene_of(revision).card
    own = isinstance(present, FootageCard) or (
        isinstance(present, PictureCard) and (present.picture or present.prompt)
    )
    new = Scene(
        id=revision.scene_id,
        narration=draft.narration,
        heading=draft.heading,
        card=present if own else draft.card,
    )
    scenes = tuple(new if scene.id == new.id else scene for scene in revision.base.scenes)
    return revision.base.model_copy(update={"scenes": scenes})
