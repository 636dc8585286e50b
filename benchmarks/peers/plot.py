"""Draws a curve: a JSON object on stdin (title, x, y, lines of points with their spread, file)."""

import json
import sys

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "the same each time"
from matplotlib import pyplot as plt  # noqa: E402  (after the backend is chosen)

told = json.load(sys.stdin)
figure, axes = plt.subplots(figsize=(7, 4))
for line in told["lines"]:
    points = line["points"]
    middles = [point["y"] for point in points]
    below = [point["y"] - point["spread"][0] for point in points]
    above = [point["spread"][1] - point["y"] for point in points]
    axes.errorbar([point["x"] for point in points], middles, (below, above),
                  marker="o", capsize=3, label=line["name"])  # fmt: skip
axes.set(title=told["title"], xlabel=told["x"], ylabel=told["y"], xscale="log", yscale="log")
axes.grid(visible=True, which="both", alpha=0.3)
axes.legend()
figure.savefig(told["file"], metadata={"Date": None}, bbox_inches="tight")
