#!/usr/bin/env python3
"""Reduces the raw instance and price tables to scenarios/data/catalogue and its companions.

usage: catalogue.py RAW/instances.csv RAW/prices.csv RAW/ebs_prices.csv RAW/burstable.csv

The tables are sorted bytewise by their key columns, so that the program finds a row by binary search in the text.
"""

import sys

import common

INSTANCE_COLUMNS = [
    "instance_type", "vcpus", "memory_gib", "arch", "network_baseline_gbps", "network_burst_gbps",
    "ebs_baseline_mb_per_s", "ebs_max_mb_per_s", "ebs_baseline_iops", "ebs_max_iops", "ebs_optimized",
    "max_ebs_attachments", "ebs_attachment_limit", "instance_store_gb", "instance_store_disks", "instance_store_type",
    "nitro", "bare_metal", "burstable", "current_generation", "spot_supported", "gpus", "as_of",
]
PRICE_COLUMNS = [
    "region", "instance_type", "os", "on_demand_usd_per_hour", "ri_1y_no_upfront_usd_per_hour",
    "ri_3y_no_upfront_usd_per_hour", "az_ids", "source",
]
EBS_PRICE_COLUMNS = [
    "region", "gp2_gb_month", "gp3_gb_month", "gp3_iops_month", "gp3_mibps_month", "io1_gb_month", "io1_iops_month",
    "io2_gb_month", "io2_iops_tier1_month", "io2_iops_tier2_month", "io2_iops_tier3_month", "st1_gb_month",
    "sc1_gb_month", "standard_gb_month", "standard_per_million_io", "snapshot_gb_month", "fsr_dsu_hour",
]
BURSTABLE_COLUMNS = [
    "instance_type", "cpu_credits_per_hour", "max_accrued_credits", "vcpus", "baseline_pct_per_vcpu",
]


def selected(table, columns, keys):
    # The separator takes part in the order, because the program compares whole key texts such as "us-east-1,m5.large,".
    return sorted(([row[c] for c in columns] for row in table), key=lambda r: ",".join(r[:keys]) + ",")


def main():
    instances, prices, ebs_prices, burstable = sys.argv[1:]
    common.write("catalogue/instances.csv", INSTANCE_COLUMNS, selected(common.rows(instances), INSTANCE_COLUMNS, 1))
    common.write("catalogue/ebs_prices.csv", EBS_PRICE_COLUMNS, selected(common.rows(ebs_prices), EBS_PRICE_COLUMNS, 1))
    common.write("catalogue/burstable.csv", BURSTABLE_COLUMNS, selected(common.rows(burstable), BURSTABLE_COLUMNS, 1))
    licensed, unlicensed = [], []
    for row in common.rows(prices):
        (unlicensed if row["source"] == "C" else licensed).append(row)
    common.write("catalogue/prices.csv", PRICE_COLUMNS, selected(licensed, PRICE_COLUMNS, 3))
    common.write("no-stated-licence/windows-rhel-suse-2018/prices.csv", PRICE_COLUMNS,
                 selected(unlicensed, PRICE_COLUMNS, 3))


main()
