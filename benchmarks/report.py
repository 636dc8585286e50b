"""Results → a table in the terminal, ``results/<id>.json``, and ``docs/performance.md`` with its
plots.
"""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.rounds import Claim, Curve, Line, Ratio, Result, Series

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
PLOTS = PAGE.parent / "performance"

HEAD = """# Performance

Every figure below is measured beside its peer or its limit **in the same run, in turn**
(A B A B …), and what counts is the ratio: absolute figures are those of one small machine. Each
row shows the median and, in brackets, the least and the greatest round; a ratio is taken within
each round. Peers get the same durability: persistent messages, publisher confirms, quorum queues,
PostgreSQL with fsync (what our relay notes of a message that it has sent waits for no disk: a crash
of PostgreSQL only sends that again). Where we lose, the table says so.

This page is written by `make bench` from `benchmarks/results/`. To repeat: `make bench` (all),
`make bench ONLY=b3` (one), `ROUNDS=9` for more rounds. The suite installs its peers by itself, in
`.reelay/bench`, and compiles our own sources first. Leave the machine alone meanwhile.
"""


def save(result: Result, results: Path = RESULTS, pictures: Path = PLOTS) -> None:
    """With its plots."""
    results.mkdir(exist_ok=True)
    text = json.dumps(asdict(result), indent=1, ensure_ascii=False)
    (results / f"{result.id}.json").write_text(text + "\n")
    for curve, file in zip(result.curves, plots(result, pictures), strict=True):
        draw(result, curve, file)


def load(path: Path) -> Result:
    raw: dict[str, Any] = json.loads(path.read_text())
    raw["series"] = [Series(**series) for series in raw["series"]]
    raw["claims"] = [Claim(**claim) for claim in raw["claims"]]
    raw["curves"] = [_curve(curve) for curve in raw.get("curves", ())]
    return Result(**raw)


def _curve(raw: dict[str, Any]) -> Curve:
    return Curve(**{**raw, "lines": [Line(**line) for line in raw["lines"]]})


def write_page() -> None:
    """The page anew, from all results that are kept."""
    results = [load(path) for path in sorted(RESULTS.glob("*.json"))]
    PAGE.write_text("\n".join([HEAD, *(section(result) for result in results)]))


def plots(result: Result, pictures: Path = PLOTS) -> list[Path]:
    """The files of its curves."""
    return [pictures / f"{result.id}-{number}.svg" for number, _ in enumerate(result.curves, 1)]


def draw(result: Result, curve: Curve, file: Path) -> None:
    """Medians as a line, least and greatest as whiskers; in the interpreter of the peers."""
    named = {series.name: series for series in result.series}
    lines: list[dict[str, Any]] = []
    for line in curve.lines:
        points = [
            {"x": x, "y": named[name].median(metric), "spread": named[name].spread(metric)}
            for x, name, metric in line.points
        ]
        lines.append({"name": line.name, "points": points})
    told = {"title": curve.title, "x": curve.x, "y": curve.y, "lines": lines, "file": str(file)}
    file.parent.mkdir(exist_ok=True)
    subprocess.run(
        [peers.python(), peers.HERE / "plot.py"],
        input=json.dumps(told).encode(),
        check=True,
    )


def section(result: Result) -> str:
    """One benchmark in Markdown."""
    lines = [f"## {result.id.upper()}: {result.title}", ""]
    lines += table(result)
    if result.claims:
        lines += ["", *claims_table(result.ratios())]
    for curve, file in zip(result.curves, plots(result), strict=True):
        lines += ["", f"![{curve.title}]({file.relative_to(PAGE.parent)})"]
    lines += ["", *(f"- {note}" for note in result.notes)]
    about = ", ".join(f"{name} {value}" for name, value in result.about.items())
    return "\n".join([*lines, "", f"*{about}*", ""])


def table(result: Result) -> list[str]:
    names = list(result.columns.values())
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for series in result.series:
        cells = [_cell(series, metric) for metric in result.columns]
        lines.append(f"| {series.name} | " + " | ".join(cells) + " |")
    return lines


def claims_table(ratios: Sequence[Ratio]) -> list[str]:
    lines = ["| ratio | measured | bar | aim | |", "|---|---|---|---|---|"]
    for ratio in ratios:
        claim = ratio.claim
        sign = "≥" if claim.above else "≤"
        wanted = [
            f"{sign} {value:g}" if value is not None else "" for value in (claim.bar, claim.aim)
        ]
        verdict = {True: "met", False: "**not met**", None: ""}[ratio.holds]
        measured = f"**{ratio.median:.2f}** ({ratio.low:.2f} to {ratio.high:.2f})"
        lines.append(f"| {claim.text} | {measured} | {wanted[0]} | {wanted[1]} | {verdict} |")
    return lines


def _cell(series: Series, metric: str) -> str:
    middle = series.median(metric)
    if middle is None:
        return ""
    low, high = series.spread(metric)
    return f"{number(middle)} ({number(low)} to {number(high)})"


def number(value: float) -> str:
    """Three significant digits, and no more than a reader can use."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
