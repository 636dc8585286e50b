"""A scene told in fewer of its own sentences."""

from typing import Final

from script_worker.writers.paragraphs import Paragraph
from script_worker.writers.plan import SceneDraft
from script_worker.writers.ranking import ranked
from script_worker.writers.scenes import narration
from script_worker.writers.selection import chosen
from script_worker.writers.sentences import split
from shared.errors import StageError
from shared.messages.script import Scene

SHARE: Final = 0.65  # of the spoken time that is wished to stay


def shortened_scene(scene: Scene) -> SceneDraft:
    """The scene without its lesser sentences, about two thirds as long; heading and card stay.

    Raises StageError ``nothing_to_shorten`` where it is a single sentence.
    """
    parts = [Paragraph(sentences=tuple(split(scene.narration)))]
    sentences = ranked(parts)
    if len(sentences) < 2:
        raise StageError("nothing_to_shorten", "the scene is one sentence", retryable=False)
    whole = sum(sentence.seconds for sentence in sentences)
    places = chosen(
        sentences, SHARE * whole, lambda picked: sum(sentences[at].seconds for at in picked)
    )
    if len(places) == len(sentences):
        least = min(places, key=lambda at: (sentences[at].score, -at))
        places = [at for at in places if at != least]
    return SceneDraft(
        narration=narration(sentences, places), heading=scene.heading, card=scene.card
    )
