#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Count the KUnit cases in a console log, as the kernel's kunit.py sees them.

kunit.py reads only the first report of a log, and a kernel with KUnit built in
prints an empty one at boot: every report is parsed by itself.  A case whose
parameters were run one by one counts once.  What failed is said again, a line
each: 'FAILED: suite.case', and which expectation.  The last line printed is
'N passed, N failed' and ', N skipped' where some were.
"""

import argparse
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile

TIMESTAMP = re.compile(r"^\[ *\d+\.\d+\] ?(\[[ TC]*\d+\] ?)?")


def reports(log):
    """The KTAP reports of a log, as texts; the empty ones are left out."""
    lines = [TIMESTAMP.sub("", line) for line in log.read_text(errors="replace").splitlines()]
    starts = [i for i, line in enumerate(lines) if re.match(r"K?TAP version 1", line)]
    for start, end in zip(starts, starts[1:] + [len(lines)]):
        if not any(line.startswith("1..0") for line in lines[start:start + 3]):
            yield "\n".join(lines[start:end]) + "\n"


def parse(kunit, report):
    """kunit.py's exit status and its tree of results for one report."""
    with tempfile.NamedTemporaryFile("w", suffix=".ktap") as ktap, \
         tempfile.NamedTemporaryFile(suffix=".json") as result:
        ktap.write(report)
        ktap.flush()
        status = subprocess.run([sys.executable, str(kunit), "parse",
                                 f"--json={result.name}", ktap.name], check=False).returncode
        text = pathlib.Path(result.name).read_text()
        return status, json.loads(text) if text else None


def group_verdict(group):
    """One verdict for a case with parameters."""
    counts = group["misc"]
    if counts["failed"] or counts["crashed"] or counts["errors"]:
        return "FAIL"
    return "SKIP" if counts["skipped"] else "PASS"


def verdicts(tree):
    """The name and verdict of each case; a suite that ran none has one of its own."""
    yield from ((suite["name"], suite["status"]) for suite in tree["test_cases"])
    for suite in tree["sub_groups"]:
        for case in suite["test_cases"]:
            yield f"{suite['name']}.{case['name']}", case["status"]
        for group in suite["sub_groups"]:
            yield f"{suite['name']}.{group['name']}", group_verdict(group)


def words(report, case):
    """What a case said when it failed: KUnit's first expectation, else its own last comment."""
    lines = [line.strip() for line in report.splitlines()]
    for i, line in enumerate(lines):
        if re.match(rf"# {re.escape(case)}: (EXPECTATION|ASSERTION) FAILED", line):
            more = itertools.takewhile(lambda line: not re.match("#|ok|not ok", line),
                                       lines[i + 1:i + 5])
            return " ".join([line.partition(": ")[2], *more])
    for i, line in enumerate(lines):
        if re.match(rf"not ok \d+ (- )?{re.escape(case)}$", line):
            said = itertools.takewhile(lambda line: not re.match("ok|not ok", line),
                                       reversed(lines[:i]))
            return next((line for line in said if line.startswith("#")), "")
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kunit", type=pathlib.Path, required=True, help="the kernel's kunit.py")
    parser.add_argument("--expect", type=int, required=True, help="how many cases there must be")
    parser.add_argument("--no-skips", action="store_true", help="a skipped case has failed")
    parser.add_argument("log", type=pathlib.Path)
    args = parser.parse_args()

    found, failures = [], []
    for report in reports(args.log):
        status, tree = parse(args.kunit, report)
        here = list(verdicts(tree)) if tree else []
        if status and all(verdict in ("PASS", "SKIP") for _, verdict in here):
            here.append(("what kunit.py says of a report", "FAIL"))
        for name, verdict in here:
            if verdict not in ("PASS", "SKIP"):
                failures.append(f"{name}: {words(report, name.rpartition('.')[2])}")
        found += (verdict for _, verdict in here)

    passed, skipped = found.count("PASS"), found.count("SKIP")
    failed = len(found) - passed - skipped
    if args.no_skips and skipped:
        failures.append(f"{skipped} cases were skipped in a lab that must run them all")
        failed, skipped = failed + skipped, 0
    if len(found) != args.expect or not found:
        failures.append(f"{args.expect} cases expected, {len(found)} reported")
        failed += 1
    for failure in failures:
        print(f"FAILED: {args.log.stem}: {failure}")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
