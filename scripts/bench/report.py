#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Turn the lines of kmobj_bench.ko in kernel logs into a table on stdout, with
what each row must reach, and into LAB.csv and the plots' data in a folder."""

import argparse
import csv
import fnmatch
import operator
import pathlib
import re
import sys
from dataclasses import dataclass, field

SIDES = ("kmobj", "peer", "floor", "objpool")
TEST = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


# Rows whose samples are mixtures: there the minimum is an accident.
BY_MEDIAN = ("irq-*",)


@dataclass
class Timing:
    """Minimum and median of one side, and the spread in percent."""
    low: float
    median: float
    spread: float


@dataclass
class Row:
    """One line of the result."""
    lab: str
    kernel: str
    name: str
    size: int
    cpus: int
    unit: str
    sides: dict = field(default_factory=dict)

    def figure(self, side):
        """What a side is judged by, or None: the minimum, or for a mixture the median."""
        if side not in self.sides:
            return None
        mixture = any(fnmatch.fnmatch(self.name, name) for name in BY_MEDIAN)
        return self.sides[side].median if mixture else self.sides[side].low

    def quotient(self, over, under):
        """How many times `over` is of `under`, or None."""
        over, under = self.figure(over), self.figure(under)
        return over / under if over is not None and under else None

    def quotient_of_medians(self):
        """The ratio by the medians, or None."""
        if "kmobj" not in self.sides or "peer" not in self.sides:
            return None
        return self.sides["peer"].median / self.sides["kmobj"].median


@dataclass
class Must:
    """A line of the file `must`."""
    labs: str
    rows: str
    sizes: str
    measure: str
    must: str
    goal: str

    def applies(self, row):
        """Is this row meant?"""
        first, last = map(int, self.sizes.split("-"))
        return (first <= row.size <= last and
                any(fnmatch.fnmatch(row.lab, lab) for lab in self.labs.split("|")) and
                any(fnmatch.fnmatch(row.name, name) for name in self.rows.split("|")))


def reached(value, bound):
    """Does a value hold against a bound such as >=3.5?"""
    sign, number = re.fullmatch(r"([<>]=?)(.*)", bound).groups()
    return TEST[sign](value, float(number))


def parse_sides(words):
    """The timings in a line's numbers, three for each side."""
    sides = {}
    for side, three in zip(SIDES, zip(*[iter(words)] * 3)):
        if three[0] != "-":
            sides[side] = Timing(*map(float, three))
    return sides


def read_log(lab, path):
    """The rows of a log, the notes, and the samples of the long-uptime run."""
    rows, notes, uptime, kernel = [], [], [], "?"
    for line in path.read_text(errors="replace").splitlines():
        found = re.search(r"\bbench(-kernel|-note|-error|-uptime)?: (.*)", line)
        if not found:
            continue
        kind, words = found[1], found[2].split()
        if kind == "-kernel":
            kernel = words[0]
        elif kind == "-uptime":
            uptime.append(words)
        elif kind:
            notes.append(f"{lab}: {found[2]}")
        elif len(words) == 4 + 3 * len(SIDES) and words[1].isdigit():
            rows.append(Row(lab, kernel, words[0], int(words[1]), int(words[2]), words[3],
                            parse_sides(words[4:])))
    return rows, notes, uptime


def less_ring(row):
    """The handover without the ring it goes over: that is the row's floor."""
    ring = row.sides["floor"]
    sides = {side: Timing(max(row.sides[side].low - ring.low, 0.01),
                          max(row.sides[side].median - ring.median, 0.01),
                          row.sides[side].spread + ring.spread)
             for side in ("kmobj", "peer")}
    return Row(row.lab, row.kernel, "handover-less-ring", row.size, row.cpus, row.unit, sides)


def objpool_row(row):
    """objpool as the peer, in a line of its own."""
    sides = {"kmobj": row.sides["kmobj"], "peer": row.sides["objpool"]}
    return Row(row.lab, row.kernel, "objpool", row.size, row.cpus, row.unit, sides)


def derived(rows):
    """All rows, each followed by what is computed from it."""
    for row in rows:
        yield row
        if row.name == "handover" and row.sides:
            yield less_ring(row)
        if row.name == "pair" and "objpool" in row.sides:
            yield objpool_row(row)


def scaling(row, rows):
    """kmobj's share of the floor's own scaling from one CPU to this row's."""
    if row.cpus < 2:
        return None
    for one in rows:
        if (one.lab, one.name, one.size, one.cpus) == (row.lab, row.name, row.size, 1):
            if "floor" in one.sides and "floor" in row.sides:
                return (one.figure("kmobj") / row.figure("kmobj")) / (one.figure("floor") / row.figure("floor"))
    return None


def measured(row, measure, rows):
    """The value of a measure, or None where there is none."""
    if not row.sides:
        return None
    return {"ratio": lambda: row.quotient("peer", "kmobj"),
            "share": lambda: row.quotient("kmobj", "peer"),
            "floors": lambda: row.quotient("kmobj", "floor"),
            "value": lambda: row.figure("kmobj"),
            "scaling": lambda: scaling(row, rows)}[measure]()


def verdicts(row, musts, rows):
    """What the row must reach, and whether it does."""
    for must in musts:
        if must.applies(row):
            value = measured(row, must.measure, rows)
            if value is None:
                continue
            said = "not met" if not reached(value, must.must) else \
                "goal" if reached(value, must.goal) else "met"
            yield said, f"{said}: {must.measure} {value:.2f} {must.must}"


def number(value):
    """A number in a few characters."""
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 1000 else f"{value:.2f}"


def cells(row, musts, rows):
    """The row's line of the table."""
    if not row.sides:
        return [row.name, row.size or "", "", "n/a"] + [""] * 7 + ["n/a", ""]
    ratio = row.quotient("peer", "kmobj")
    timings = []
    for side in ("kmobj", "peer"):
        timing = row.sides.get(side)
        timings += [number(timing.low), number(timing.median), f"{timing.spread:.0f}%"] \
            if timing else [""] * 3
    return [row.name, row.size or "", row.cpus, row.unit, *timings, number(row.figure("floor")),
            number(ratio), number(row.quotient_of_medians()),
            "" if ratio is None else "WIN" if ratio > 1 else "LOSS",
            "; ".join(text for _, text in verdicts(row, musts, rows))]


HEAD = ["row", "size", "cpus", "unit", "kmobj", "median", "+-", "peer", "median", "+-", "floor",
        "ratio", "of med.", "", "must"]


def table(rows, musts, out):
    """Print the table, a paragraph for each lab."""
    for lab in dict.fromkeys(row.lab for row in rows):
        mine = [row for row in rows if row.lab == lab]
        lines = [HEAD] + [[str(cell) for cell in cells(row, musts, rows)] for row in mine]
        widths = [max(len(line[i]) for line in lines if i < len(line)) for i in range(len(HEAD) - 1)]
        print(f"\n{lab}, Linux {mine[0].kernel}: the minimum of interleaved repetitions, the median,"
              " the spread of the middle half", file=out)
        for line in lines:
            left, rest = line[0].ljust(widths[0]), zip(line[1:], widths[1:])
            print(left, *(cell.rjust(width) for cell, width in rest), line[-1], file=out)


def summary(rows, musts, whole):
    """How many rows won and lost, and which must lines do not hold or, in a
    whole run, have no row."""
    ratios = [row.quotient("peer", "kmobj") for row in rows]
    ratios = [ratio for ratio in ratios if ratio is not None]
    bad, good = [], 0
    for row in rows:
        for said, text in verdicts(row, musts, rows):
            if said == "not met":
                bad.append(f"  {row.lab} {row.name} {row.size or ''} on {row.cpus}: {text}")
            else:
                good += 1
    lost = sum(ratio <= 1 for ratio in ratios)
    labs = {row.lab for row in rows}
    idle = [must for must in musts
            if whole
            and any(fnmatch.fnmatch(lab, pattern) for lab in labs for pattern in must.labs.split("|"))
            and not any(must.applies(row) and measured(row, must.measure, rows) is not None
                        for row in rows)]
    print(f"\n{len(ratios) - lost} rows won, {lost} lost; musts: {good} met, {len(bad)} not met,"
          f" {len(idle)} without a row")
    print(*bad, *(f"  no row for: {must.rows} {must.sizes} {must.measure}" for must in idle),
          sep="\n")


def write_csv(rows, path):
    """The rows for other programs."""
    with path.open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow("lab,kernel,row,size,cpus,unit,kmobj,peer,floor,ratio".split(","))
        for row in rows:
            values = [row.figure(side) for side in ("kmobj", "peer", "floor")]
            values.append(row.quotient("peer", "kmobj"))
            writer.writerow([row.lab, row.kernel, row.name, row.size or "", row.cpus or "", row.unit,
                             *("" if v is None else f"{v:.3f}" for v in values)])


def write_uptime(samples, path):
    """Memory over time, for the plot: operations, then MiB live and kept."""
    with path.open("w") as out:
        for ops, *sizes in samples:
            print(ops, *(f"{int(size) / (1 << 20):.3f}" for size in sizes), file=out)


def main():
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--must", type=pathlib.Path, required=True, help="what rows must reach")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="FOLDER/LAB, what to write")
    parser.add_argument("--whole", action="store_true", help="every must line has to have a row")
    parser.add_argument("logs", nargs="+", metavar="LAB=LOG", help="a kernel log of that lab")
    args = parser.parse_args()

    musts = [Must(*line.split()) for line in args.must.read_text().splitlines()
             if line and not line.startswith("#")]
    rows, notes, uptime = [], [], []
    for named in args.logs:
        lab, log = named.split("=", 1)
        found = read_log(lab, pathlib.Path(log))
        rows += derived(found[0])
        notes += found[1]
        uptime = uptime or found[2]
    if not rows:
        sys.exit("report.py: no row in the logs")
    table(rows, musts, sys.stdout)
    summary(rows, musts, args.whole)
    if notes:
        print("\nnotes:", *dict.fromkeys(notes), sep="\n  ")
    write_csv(rows, args.out.with_suffix(".csv"))
    write_uptime(uptime, args.out.with_suffix(".uptime"))


if __name__ == "__main__":
    main()
