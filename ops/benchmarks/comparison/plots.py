"""Draws SVG files from the data on standard input: `plots.py FOLDER`. A program of its own, since it alone needs
matplotlib, which the environment has that `compare` makes."""

import json
import pathlib
import sys

import matplotlib

matplotlib.use("svg")
# Text stays text, and the same data gives the same file.
matplotlib.rcParams.update({
    "svg.fonttype": "none", "svg.hashsalt": "party-sockets", "font.family": "sans-serif", "font.size": 10,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": "#e4e4e4",
    "axes.axisbelow": True, "figure.facecolor": "white", "legend.frameon": False,
})
from matplotlib import pyplot  # noqa: E402
from matplotlib.ticker import FuncFormatter, NullFormatter  # noqa: E402

COLORS = {"relay": "#1769aa", "bun": "#c4561a", "python": "#6a8a22"}


def grouped(value, _):
    return f"{value:,.0f}" if value >= 1 else f"{value:.2g}"


def save(figure, path):
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)


def draw_curve(curve, folder):
    figure, axes = pyplot.subplots(figsize=(7, 3.8))
    for line in curve["lines"]:
        if not line["points"]:
            continue
        x, median, low, high = zip(*line["points"])
        color = COLORS[line["name"]]
        axes.fill_between(x, low, high, color=color, alpha=0.18, linewidth=0)
        axes.plot(x, median, color=color, marker="o", markersize=3.5, linewidth=1.6, label=line["label"])
    if curve["is_logarithmic"]:
        axes.set_xscale("log")
        axes.set_yscale("log")
        bottom, top = axes.get_ylim()
        # Within one decade only minor ticks have values to label.
        axes.yaxis.set_minor_formatter(FuncFormatter(grouped) if top < 12 * bottom else NullFormatter())
        axes.set_xticks([point[0] for point in curve["lines"][0]["points"]])
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_tick_params(which="minor", bottom=False)
    else:
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter(FuncFormatter(grouped))
    axes.yaxis.set_major_formatter(FuncFormatter(grouped))
    axes.tick_params(axis="x", labelsize=8)
    axes.set_xlabel(curve["axis"])
    axes.set_ylabel(curve["value"])
    axes.set_title(curve["title"], loc="left")
    if axes.get_legend_handles_labels()[0]:
        axes.legend()
    save(figure, folder / f"{curve['name']}.svg")


def draw_targets(rows, folder):
    figure, axes = pyplot.subplots(figsize=(7, 0.6 + 0.38 * max(len(rows), 1)))
    for height, row in enumerate(reversed(rows)):
        color = "#1769aa" if row["median"] >= 1 else "#b3261e"
        axes.plot(row["rounds"], [height] * len(row["rounds"]), "o", color=color, alpha=0.35, markersize=5, linewidth=0)
        axes.plot([row["median"]] * 2, [height - 0.28, height + 0.28], color=color, linewidth=2.2)
    axes.axvline(1, color="#333333", linewidth=1)
    axes.set_xscale("log")
    axes.set_yticks(range(len(rows)), [row["label"] for row in reversed(rows)])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.tick_params(axis="x", which="both", labelsize=8)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("how many times the target is reached: dots are rounds, bars their medians")
    save(figure, folder / "targets.svg")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    data = json.load(sys.stdin)
    draw_targets(data["targets"], folder)
    for curve in data["curves"]:
        draw_curve(curve, folder)


main()
