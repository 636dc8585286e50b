"""B6's timeline as one MoviePy composition. The sound is a copy.

render_moviepy.py timeline.json sound.m4a out.mp4
"""

import json
import sys
from pathlib import Path

import moviepy

told, sound, out = sys.argv[1:]
with open(told) as file:
    plan = json.load(file)
size = plan["width"], plan["height"]

layers = []
for number, scene in enumerate(plan["scenes"]):
    seconds = scene["seconds"]
    still = moviepy.ImageClip(scene["file"]).resized(size).with_duration(seconds)
    zoomed = still.resized(lambda t, of=seconds: 1 + plan["zoom"] * t / of)
    clip = moviepy.CompositeVideoClip([zoomed.with_position("center")], size=size)
    clip = clip.with_duration(seconds).with_start(scene["start"])
    layers.append(clip.with_effects([moviepy.vfx.CrossFadeIn(plan["fade"])]) if number else clip)
for caption in plan["captions"]:
    picture = moviepy.ImageClip(caption["file"]).with_start(caption["start"])
    layers.append(picture.with_end(caption["end"]).with_position((caption["x"], caption["y"])))
video = moviepy.CompositeVideoClip(layers, size=size).with_duration(plan["frames"] / plan["fps"])
video.with_audio(moviepy.AudioFileClip(sound)).write_videofile(
    out,
    fps=plan["fps"],
    codec="libx264",
    audio_codec="aac",
    preset="veryfast",
    threads=2,
    logger=None,
    temp_audiofile_path=str(Path(out).parent),
    ffmpeg_params=["-crf", "23", "-pix_fmt", "yuv420p"],
)
