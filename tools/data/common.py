"""What the reduction scripts share: reading a raw CSV (plain or gzip) and writing a set under scenarios/data."""

import csv
import gzip
import io
import pathlib
from datetime import datetime, timedelta

DATA = pathlib.Path(__file__).resolve().parents[2] / "scenarios" / "data"


def rows(path):
    """The rows of a CSV file as dictionaries."""
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def write(relative_path, columns, table):
    """Writes `table` (sequences in the order of `columns`) with LF line ends, compressed if the name ends in .gz."""
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\n")
    out.writerow(columns)
    count = 0
    for row in table:
        out.writerow(row)
        count += 1
    data = text.getvalue().encode()
    if relative_path.endswith(".gz"):
        data = gzip.compress(data, compresslevel=9, mtime=0)
    path = DATA / relative_path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    print(f"{path}: {count} rows, {len(data)} bytes")


def time_of(text):
    """ISO 8601 with or without the closing Z."""
    return datetime.fromisoformat(text.rstrip("Z"))


def text_of(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def window(series, first, last, step_s):
    """The values of `series` (time -> value) at every step from `first` up to, not including, `last`.

    Stops at a missing one: a demand trace must have no gap.
    """
    step = timedelta(seconds=step_s)
    time = first
    while time < last:
        if time not in series:
            raise SystemExit(f"no value at {text_of(time)}")
        yield text_of(time), series[time]
        time += step
