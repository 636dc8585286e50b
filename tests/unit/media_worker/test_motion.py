"""The slow zoom over a picture card, measured from frame to frame at shares of a pixel."""

from typing import get_args

import cv2
import numpy as np
import pytest

from media_worker.look import scene
from media_worker.render.gallery import CASES
from media_worker.render.planes import Planes
from shared.messages.base import Aspect
from shared.messages.script import PictureCard

pytestmark = pytest.mark.timeout(60)
PICTURED = next(case for case in CASES if isinstance(case.card, PictureCard))
ASPECTS: tuple[Aspect, ...] = get_args(Aspect)
NEAR = 0.06  # of a pixel; the frames are half as large as a video's


def moved(before: Planes, after: Planes) -> tuple[float, float, float]:
    """Pixels by which the right edge goes outwards and the middle goes right and down."""
    if before is after:
        return 0.0, 0.0, 0.0
    one, other = before[0].astype(np.float32), after[0].astype(np.float32)
    height, width = one.shape
    until = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 50, 1e-7)
    _, found = cv2.findTransformECC(
        one, other, np.eye(2, 3, dtype=np.float32), cv2.MOTION_AFFINE, until, None, 1
    )
    across, down = found @ np.array([width / 2, height / 2, 1]) - (width / 2, height / 2)
    return float((found[0, 0] - 1) * width / 2), float(across), float(down)


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize(("total", "seen"), [(150, 30), (400, 70)], ids=["5 s", "13 s"])
def test_a_picture_moves_evenly_and_never_back(aspect: Aspect, total: int, seen: int) -> None:
    """A picture is held while it would move by less than a quarter of a pixel."""
    shown = scene(PICTURED, "paper", aspect, total=total, scale=0.5)

    steps = [moved(shown.planes(n), shown.planes(n + 1)) for n in range(seen)]

    outwards = np.array([step[0] for step in steps])
    direction = np.sign(outwards.sum())
    assert np.abs([step[1:] for step in steps]).max() < NEAR, "the middle stays where it is"
    assert (outwards * direction).min() >= 0, "never back"
    changed = np.flatnonzero(outwards)
    assert len(changed) >= 5
    assert np.ptp(outwards[changed]) < NEAR, "each step as far as the others"
    assert len(set(np.diff(changed))) == 1, "and after as many frames"
