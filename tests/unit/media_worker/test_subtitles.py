"""Captions as files."""

from media_worker.render.subtitles import srt, vtt
from shared.messages.manifest import Cue

CUES = (
    Cue(start_ms=0, end_ms=900, text="Point one:\n\n- apples\n \n- pears"),
    Cue(start_ms=900, end_ms=1_500, text="And that is it."),
)


def test_a_blank_line_in_the_narration_ends_no_caption() -> None:
    for whole in (srt(CUES), vtt(CUES).removeprefix("WEBVTT\n\n")):
        first, second = whole.strip().split("\n\n")

        assert first.splitlines()[-1] == "Point one: - apples - pears"
        assert second.splitlines()[-1] == "And that is it."
