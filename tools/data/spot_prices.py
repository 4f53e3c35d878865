#!/usr/bin/env python3
"""Reduces raw Spot price histories to the types that scenarios use.

usage: spot_prices.py RAW/us-east-1abce_2021-03_2021-04.csv.gz
       spot_prices.py RAW/us-east-1ab_2015-03_2015-08.csv.gz

Rows that repeat a pool's price are dropped: a price holds until the pool's next row.
"""

import pathlib
import sys

import common

# By the name of the raw file: where the set goes, and the types that are kept.
SETS = {
    "us-east-1abce_2021-03_2021-04.csv.gz": (
        "spot-prices-us-east-1-2021/prices.csv",
        {"c5.xlarge", "c5.2xlarge", "c5.4xlarge", "c5n.2xlarge", "m5.xlarge", "m5.2xlarge", "r5.2xlarge"},
    ),
    "us-east-1ab_2015-03_2015-08.csv.gz": ("spot-prices-us-east-1-2015/prices.csv.gz", {"r3.large"}),
}
COLUMNS = ["timestamp_utc", "az", "instance_type", "price_usd_per_hour"]


def main():
    (raw,) = sys.argv[1:]
    target, types = SETS[pathlib.Path(raw).name]
    price_of = {}
    kept = []
    for row in sorted(common.rows(raw), key=lambda r: r["timestamp_utc"]):
        pool = (row["az"], row["instance_type"])
        if row["instance_type"] in types and price_of.get(pool) != float(row["price_usd_per_hour"]):
            price_of[pool] = float(row["price_usd_per_hour"])
            kept.append([row[c] for c in COLUMNS])
    common.write("no-stated-licence/" + target, COLUMNS, kept)


main()
