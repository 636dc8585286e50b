"""Music: made of numbers alone, without a seam, below the voice and quieter while it talks."""

import wave
from pathlib import Path

import av
import numpy as np
import pytest

from media_worker.render import bed, music
from media_worker.render.bed import DUCK_DB, FADE_IN_S, FADE_OUT_S, UNDER_DB, ducked, gains, loop
from media_worker.render.music import MOODS, RATE
from shared.errors import StageError
from shared.looks import MUSIC, NO_MUSIC

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def loops() -> dict[str, np.ndarray]:
    return {mood: music.loop(mood, "海绵城市") for mood in MOODS}


def written(path: Path, sound: np.ndarray, rate: int = 24_000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if sound.ndim == 1 else 2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def read(path: Path) -> np.ndarray:
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getframerate()) == (2, RATE)
        body = file.readframes(file.getnframes())
    return np.frombuffer(body, "<i2").reshape(-1, 2) / 32768


def talk(folder: Path, *, seconds: float = 20, words: tuple[tuple[float, float], ...]) -> Path:
    """A voice that talks in the given spans and is silent otherwise."""
    time = np.arange(round(seconds * 24_000)) / 24_000
    sound = np.zeros_like(time)
    for start, end in words:
        inside = (time >= start) & (time < end)
        sound[inside] = 0.4 * np.sin(2 * np.pi * 220 * time[inside])
    return written(folder / "voices.wav", sound)


def test_every_mood_of_the_catalogue_can_be_made() -> None:
    assert {choice.id for choice in MUSIC} - {NO_MUSIC} == set(MOODS)


@pytest.mark.parametrize("mood", sorted(MOODS))
def test_a_bed_is_the_same_for_the_same_seed_and_another_for_another(
    mood: str, loops: dict[str, np.ndarray]
) -> None:
    assert (music.loop(mood, "海绵城市") == loops[mood]).all()
    assert np.abs(music.loop(mood, "别的题目") - loops[mood]).max() > 0.01


@pytest.mark.parametrize("mood", sorted(MOODS))
def test_a_bed_repeats_without_a_click(mood: str, loops: dict[str, np.ndarray]) -> None:
    sound = loops[mood]

    steps = np.abs(np.diff(np.concatenate([sound[-RATE:], sound[:RATE]]), axis=0)).max(axis=1)

    seam = steps[RATE - 3 : RATE + 3].max()
    assert seam <= np.quantile(steps, 0.999)


@pytest.mark.parametrize("mood", sorted(MOODS))
def test_a_bed_is_steady_wide_and_far_from_clipping(
    mood: str, loops: dict[str, np.ndarray]
) -> None:
    sound = loops[mood]

    seconds = sound[: len(sound) // RATE * RATE].reshape(-1, RATE, 2)
    loud = 20 * np.log10(np.sqrt((seconds**2).mean(axis=(1, 2))))
    assert 20 <= len(sound) / RATE <= 40
    assert loud.max() - loud.min() < 12
    assert np.abs(sound).max() <= 0.5
    assert np.abs(sound.mean(axis=0)).max() < 1e-3
    assert np.corrcoef(sound[:, 0], sound[:, 1])[0, 1] < 0.98


def test_the_moods_sound_different(loops: dict[str, np.ndarray]) -> None:
    def brightness(sound: np.ndarray) -> float:
        power = np.abs(np.fft.rfft(sound.mean(axis=1))) ** 2
        return float((power * np.fft.rfftfreq(len(sound), 1 / RATE)).sum() / power.sum())

    found = {mood: brightness(sound) for mood, sound in loops.items()}

    assert found["bright"] > 1.1 * found["calm"]
    assert found["tense"] < found["bright"]


def test_music_gives_way_to_the_voice_and_comes_back(tmp_path: Path) -> None:
    voices = talk(tmp_path, words=((5.0, 10.0),))
    steady = written(tmp_path / "loop.wav", np.full((RATE * 4, 2), 0.25), RATE)

    made = read(ducked(steady, voices, 0.0, tmp_path / "music.wav"))

    def level(start: float, end: float) -> float:
        piece = made[round(start * RATE) : round(end * RATE)]
        return float(20 * np.log10(np.sqrt((piece**2).mean()) / 0.25))

    assert len(made) == pytest.approx(20 * RATE, abs=RATE / 50)
    assert level(2, 4) == pytest.approx(-UNDER_DB, abs=0.2)
    assert level(5, 10.4) == pytest.approx(-UNDER_DB - DUCK_DB, abs=0.3)
    assert level(12, 17) == pytest.approx(-UNDER_DB, abs=0.2)


def test_music_is_already_low_when_a_word_begins_and_never_jumps(tmp_path: Path) -> None:
    curve = gains(talk(tmp_path, words=((5.0, 10.0), (10.6, 12.0))), 0.0)

    low = 10 ** (-(UNDER_DB + DUCK_DB) / 20)
    assert curve[500:1210].max() <= low * 1.02
    steps = np.abs(np.diff(20 * np.log10(curve[150:1750])))
    assert steps.max() <= DUCK_DB / 15


def test_music_fades_in_and_out(tmp_path: Path) -> None:
    curve = gains(talk(tmp_path, words=((8.0, 9.0),)), 0.0)

    assert curve[0] == 0
    assert curve[-1] == pytest.approx(0, abs=1e-4)
    assert (np.diff(curve[: round(FADE_IN_S * 100)]) >= 0).all()
    assert (np.diff(curve[-round(FADE_OUT_S * 100) :]) <= 0).all()


def test_a_voiceless_track_has_music_all_the_way(tmp_path: Path) -> None:
    curve = gains(talk(tmp_path, words=()), 0.0)

    assert curve[200:1700].min() == pytest.approx(10 ** (-UNDER_DB / 20), rel=1e-3)


@pytest.mark.parametrize(("suffix", "codec"), [("mp3", "mp3"), ("flac", "flac"), ("m4a", "aac")])
def test_the_users_own_music_is_repeated_without_a_seam(
    tmp_path: Path, suffix: str, codec: str
) -> None:
    own = encoded(tmp_path / f"own.{suffix}", codec, seconds=6)

    made = read(loop("blob/x", own, "", tmp_path / "loop.wav"))

    assert 3.5 * RATE < len(made) < 6.2 * RATE
    assert np.abs(made).max() > 0.1
    step = np.abs(made[0] - made[-1]).max()
    assert step <= np.abs(np.diff(made, axis=0)).max() * 1.05


def test_very_long_music_is_cut(tmp_path: Path) -> None:
    own = written(tmp_path / "own.wav", np.full((bed._OWN_MOST_S + 20) * 8_000, 0.2), 8_000)

    made = read(loop("blob/x", own, "", tmp_path / "loop.wav"))

    assert len(made) <= bed._OWN_MOST_S * RATE


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not music at all" * 100, id="something else"),
        pytest.param(b"#EXTM3U\nfile:///etc/passwd\n", id="a playlist"),
        pytest.param(b"ffconcat version 1.0\nfile /etc/passwd\n", id="a list of files"),
    ],
)
def test_what_is_no_music_is_refused_for_good(tmp_path: Path, body: bytes) -> None:
    own = tmp_path / "own.mp3"
    own.write_bytes(body)

    with pytest.raises(StageError) as refused:
        loop("blob/x", own, "", tmp_path / "loop.wav")

    assert (refused.value.code, refused.value.retryable) == ("music_unreadable", False)


def test_a_sound_of_less_than_two_seconds_is_no_music(tmp_path: Path) -> None:
    own = encoded(tmp_path / "own.mp3", "mp3", seconds=1)

    with pytest.raises(StageError, match="two seconds"):
        loop("blob/x", own, "", tmp_path / "loop.wav")


def encoded(path: Path, codec: str, *, seconds: int) -> Path:
    rate = 44_100
    time = np.arange(rate) / rate
    one = (0.3 * np.sin(2 * np.pi * 330 * time)).astype(np.float32)
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate, layout="stereo")
        resampler = av.AudioResampler(
            format=stream.codec_context.format, layout="stereo", rate=rate
        )
        for _ in range(seconds):
            frame = av.AudioFrame.from_ndarray(np.stack([one, one]), "fltp", "stereo")
            frame.sample_rate = rate
            for piece in resampler.resample(frame):
                out.mux(stream.encode(piece))
        out.mux(stream.encode())
    return path
