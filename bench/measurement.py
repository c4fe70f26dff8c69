# SPDX-License-Identifier: Apache-2.0
"""Timing, ratios, JSON lines, the table at the end."""

import json
import statistics
import time


def seconds(action):
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def alternate(actions, times):
    """{name: best time} of actions that take turns, so that a slow minute hits all of them."""
    measured = {name: [] for name in actions}
    for _ in range(times):
        for name, action in actions.items():
            measured[name].append(seconds(action))
    return {name: min(values) for name, values in measured.items()}


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def summary(values):
    """Milliseconds of a list of seconds."""
    return {"median_ms": round(1000 * statistics.median(values), 2), "p99_ms": round(1000 * percentile(values, 0.99), 2)}


class Report:
    def __init__(self, machine):
        self._machine = machine
        self._rows = []

    def add(self, area, name, figure, reference, ratio=None, bar=None, met=None, **more):
        """`figure` and `reference` are texts with units; `ratio` is above 1 where Tarn is better."""
        self._rows.append((area, name, figure, reference, "" if ratio is None else f"{ratio:.2f}", bar or "",
                           {True: "met", False: "missed", None: ""}[met]))
        print(json.dumps({"area": area, "name": name, "figure": figure, "reference": reference, "ratio": ratio,
                          "bar": bar, "met": met, **more, "machine": self._machine}), flush=True)

    def print_table(self):
        header = ("area", "measurement", "tarn", "compared with", "ratio", "bar", "")
        widths = [max(len(row[i]) for row in [header, *self._rows]) for i in range(len(header))]
        print()
        for row in [header, tuple("-" * width for width in widths), *self._rows]:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
        print("\n" + ", ".join(f"{key} {value}" for key, value in self._machine.items()))
