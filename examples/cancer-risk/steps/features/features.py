"""Turns cleaned health records into one row of features per patient.

Reads   READS_EHR_CLEAN       records: patient_id, code (LOINC), value, taken_at, cancer_within_5y
Writes  WRITES_FEATURE_TABLE  one row per patient: ten statistics of each of 31 measurements
Emits   EMITS_FEATURE_COUNT   number of feature columns
"""

import os
from pathlib import Path

import polars as pl

# LOINC codes of blood count, metabolic panel, liver, lipids, inflammation and tumour markers.
MEASUREMENTS = (
    "718-7 6690-2 777-3 789-8 4544-3 787-2 785-6 786-4 788-0 2345-7 2160-0 3094-0 2951-2 2823-3 2075-0 2028-9 "
    "17861-6 2885-2 1751-7 1975-2 6768-6 1920-8 1742-6 4548-4 2093-3 2085-9 2571-8 2857-1 2039-6 10334-1 1988-5"
).split()


def statistics(code: str) -> list[pl.Expr]:
    """Ten statistics of one measurement over a patient's history."""
    is_code = pl.col("code") == code
    value = pl.col("value").filter(is_code)
    by_time = value.sort_by(pl.col("taken_at").filter(is_code))
    return [
        value.count().alias(f"{code}_count"),
        value.mean().alias(f"{code}_mean"),
        value.std().alias(f"{code}_std"),
        value.min().alias(f"{code}_min"),
        value.max().alias(f"{code}_max"),
        value.median().alias(f"{code}_median"),
        value.quantile(0.1).alias(f"{code}_p10"),
        value.quantile(0.9).alias(f"{code}_p90"),
        by_time.first().alias(f"{code}_first"),
        by_time.last().alias(f"{code}_last"),
    ]


def features(records: pl.LazyFrame) -> pl.LazyFrame:
    """One row per patient, features and label."""
    columns = [expression for code in MEASUREMENTS for expression in statistics(code)]
    label = pl.col("cancer_within_5y").max().alias("label")
    return records.group_by("patient_id").agg(*columns, label)


def main() -> None:
    records = pl.scan_parquet(os.environ["READS_EHR_CLEAN"])
    table = features(records)
    # Streams: the records are larger than memory.
    table.sink_parquet(os.environ["WRITES_FEATURE_TABLE"].rstrip("/") + "/part-0.parquet")
    count = len(MEASUREMENTS) * len(statistics("any"))
    Path(os.environ["EMITS_FEATURE_COUNT"]).write_text(str(count))


if __name__ == "__main__":
    main()
