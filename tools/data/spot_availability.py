#!/usr/bin/env python3
"""Reduces raw Spot availability sets to availability.csv (changes of a pool's count) and pools.csv (its pools).

usage: spot_availability.py RAW/pools.csv RAW/<dataset>.csv...
"""

import pathlib
import sys

import common

# Data sets whose source states no licence; the others are MIT.
WITHOUT_LICENCE = ("sky-", "hedge-")
POOL_COLUMNS = ["pool", "az", "instance_type", "kind", "start_utc", "tick_s", "end_s", "probe_size"]


def full_time(text):
    """The source gives a month, a date or a minute; the missing part counts as the first instant."""
    missing = "0000-01-01T00:00:00"[len(text):]
    return text + missing + "Z"


def main():
    pool_file, *sets = sys.argv[1:]
    pools = list(common.rows(pool_file))
    for path in sets:
        name = pathlib.Path(path).stem
        folder = ("no-stated-licence/" if name.startswith(WITHOUT_LICENCE) else "spot-availability/") + name
        ours = [dict(p, start_utc=full_time(p["start_utc"])) for p in pools if p["dataset"] == name]
        common.write(f"{folder}/pools.csv", POOL_COLUMNS, ([p[c] for c in POOL_COLUMNS] for p in ours))
        end_s = {p["pool"]: int(p["end_s"]) for p in ours}
        # A change at the very end of a trace would hold for no time.
        changes = ([r["pool"], r["t_s"], r["count"]] for r in common.rows(path) if int(r["t_s"]) < end_s[r["pool"]])
        common.write(f"{folder}/availability.csv", ["pool", "t_s", "count"], changes)


main()
