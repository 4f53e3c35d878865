#!/usr/bin/env python3
"""Reduces a raw demand trace to time_utc,requests without gaps.

usage: demand.py application-server|worldcup98|nab-load-balancer RAW.csv.gz
"""

import sys
from datetime import datetime, timedelta

import common


def application_server(raw):
    """Thirteen whole weeks, from a Sunday to a Sunday, between two changes of the source's clock."""
    series = {common.time_of(row["hour_local"]): row["requests"] for row in common.rows(raw)}
    return common.window(series, datetime(2016, 7, 24), datetime(2016, 10, 23), 3600)


def worldcup98(raw):
    """Thirty days by the minute."""
    series = {common.time_of(row["minute_utc"]): row["requests"] for row in common.rows(raw)}
    return common.window(series, datetime(1998, 5, 1), datetime(1998, 5, 31), 60)


def nab_load_balancer(raw):
    """The whole series; each single missing sample is filled with the mean of its neighbours, rounded down."""
    series = {common.time_of(row["time_utc"]): int(row["requests_per_5min"]) for row in common.rows(raw)}
    step = timedelta(minutes=5)
    first, last = min(series), max(series)
    time = first
    while time < last:
        if time not in series:
            series[time] = (series[time - step] + series[time + step]) // 2
            print(f"filled {common.text_of(time)}")
        time += step
    return common.window(series, first, last + step, 300)


SETS = {
    "application-server": (application_server, "requests.csv"),
    "worldcup98": (worldcup98, "requests.csv.gz"),
    "nab-load-balancer": (nab_load_balancer, "requests.csv"),
}


def main():
    name, raw = sys.argv[1:]
    reduce, file = SETS[name]
    common.write(f"demand/{name}/{file}", ["time_utc", "requests"], reduce(raw))


main()
