"""B6's timeline as one ffmpeg filter graph: zoompan, xfade, overlays. The sound is a copy.

render_graph.py timeline.json sound.m4a out.mp4
"""

import json
import subprocess
import sys

import imageio_ffmpeg

told, sound, out = sys.argv[1:]
with open(told) as file:
    plan = json.load(file)
width, height, fps, fade = plan["width"], plan["height"], plan["fps"], plan["fade"]

inputs, graph = [], []
for number, scene in enumerate(plan["scenes"]):
    inputs += ["-i", scene["file"]]
    frames = round(scene["seconds"] * fps)
    # zoompan moves by whole pixels: on a picture twice as large its steps can't be seen.
    graph.append(
        f"[{number}:v]scale={2 * width}:{2 * height}:flags=lanczos:out_color_matrix=bt709,"
        f"format=yuv420p,zoompan=z='1+{plan['zoom']}*on/{frames - 1}'"
        f":x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2':d={frames}:s={width}x{height}:fps={fps},"
        f"setsar=1[v{number}]"
    )
last = "v0"
for number, scene in enumerate(plan["scenes"][1:], 1):
    offset = scene["start"]
    graph.append(f"[{last}][v{number}]xfade=duration={fade}:offset={offset:.4f}[x{number}]")
    last = f"x{number}"
for number, caption in enumerate(plan["captions"]):
    inputs += ["-i", caption["file"]]
    graph.append(
        f"[{last}][{len(plan['scenes']) + number}:v]overlay={caption['x']}:{caption['y']}"
        f":enable='between(t,{caption['start']:.3f},{caption['end']:.3f})'[c{number}]"
    )
    last = f"c{number}"
inputs += ["-i", sound]
audio = len(plan["scenes"]) + len(plan["captions"])
command = [
    imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *inputs,
    "-filter_complex", ";".join(graph), "-map", f"[{last}]", "-map", f"{audio}:a",
    "-frames:v", str(plan["frames"]), "-c:v", "libx264", "-preset", "veryfast", "-crf", "23",
    "-pix_fmt", "yuv420p", "-c:a", "copy", "-movflags", "+faststart", out,
]  # fmt: skip
sys.exit(subprocess.run(command, check=False).returncode)
