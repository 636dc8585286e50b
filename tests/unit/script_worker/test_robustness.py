"""Whatever is pasted becomes a script within the contract, or a clear error."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.errors import StageError
from shared.messages.script import Script

ANY = st.text(min_size=1, max_size=400)
MIXED = st.text(
    "一二的了但它。，、！？“”：；…abThe It 0123.,%$ \r\n\t#->*|\"'😀éمر", min_size=1, max_size=600
)
HARD = [
    pytest.param("字" * 20_000, id="one sentence without marks"),
    pytest.param("word " * 4_000, id="one english sentence"),
    pytest.param("a" * 20_000, id="one word"),
    pytest.param("好", id="one hanzi"),
    pytest.param("1 2 3. " * 2_800, id="only numbers"),
    pytest.param("好。\n" * 6_600, id="thousands of paragraphs"),
    pytest.param("It. " * 5_000, id="only pronouns"),
    pytest.param("# a\n" * 5_000, id="thousands of headings"),
    pytest.param("> q\n" * 5_000, id="one endless quote"),
    pytest.param("- x y\n" * 3_333, id="thousands of points"),
    pytest.param("| a | b |\n" * 2_000, id="a table"),
    pytest.param("مرحبا بالعالم. " * 1_000, id="right to left"),
    pytest.param("<p>Hi</p><b>yes</b> &amp; no" * 500, id="html"),
    pytest.param("\r\n".join(["行一。行二。"] * 300), id="windows lines"),
    pytest.param("“" * 10_000 + "好", id="unclosed quotes"),
    pytest.param("`" * 10_000 + "*" * 9_000 + "x", id="marks"),
    pytest.param("👩‍👩‍👧 family! " * 1_000, id="emoji"),
]


def kept(script: Script) -> bool:
    """Building a ``Script`` checks the limits; this is what it can't check."""
    return all(any(c.isalnum() for c in scene.narration) for scene in script.scenes)


@pytest.mark.parametrize("kind", ["article", "outline", "topic"])
@pytest.mark.parametrize("text", HARD)
async def test_hard_texts_become_scripts(kind, text, write):
    script = await write(kind, text[-500:] if kind == "topic" else text)

    assert kept(script)


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(["article", "outline", "topic"]),
    text=ANY | MIXED,
    language=st.sampled_from(["zh-CN", "en"]),
    seconds=st.sampled_from([5, 60, 1_800]),
)
async def test_any_text_becomes_a_script_or_a_clear_error(kind, text, language, seconds, write):
    with suppress(StageError):  # nothing but tags or marks is left of some texts
        script = await write(kind, text[:500], language=language, seconds=seconds)

        assert kept(script)
        assert script == await write(kind, text[:500], language=language, seconds=seconds)
