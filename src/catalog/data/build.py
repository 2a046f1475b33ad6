#!/usr/bin/env python3
"""Makes the catalogue's files from collected price lists: build.py SOURCE_DIR

A developer's tool; nobody needs it to build or use the compiler. SOURCE_DIR holds {aws,azure,gcp}.csv.gz,
aws_spot_risk.csv.gz, egress.csv, regions.csv and prices_other.csv as README.md describes them. The same source
gives the same bytes. countries.csv, blocs.csv, accelerators.csv, bases.csv and interruptions.csv are kept by hand.
"""

import csv
import gzip
import sys
from pathlib import Path

PROVIDERS = ["aws", "azure", "gcp"]
HERE = Path(__file__).parent

# Ids of bases.csv for a source's `price_basis`: of the on-demand price and of the spot price beside it.
BASES = {
    ("aws", "list-2025-03"): ("a", "s"),
    ("aws", "list-2026-07"): ("b", "s"),
    ("aws", "scaled"): ("c", "s"),
    ("aws", "imputed"): ("i", "s"),
    ("azure", "list-2026-05"): ("m", "m"),
    ("gcp", "list-2026-05"): ("m", "m"),
    ("gcp", "list-2026-08"): ("g", "g"),
}

# One chip under two names: the machine type (a3-megagpu-8g) already tells the network apart.
SAME_CHIP = {"H100-MEGA": "H100"}


def rows(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def number(text):
    """The shortest decimal of a price or size: 2.7360 -> 2.736."""
    return f"{float(text):.6f}".rstrip("0").rstrip(".") if text else ""


def write(name, header, table):
    with open(HERE / name, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(table)


def sellable(row):
    # Hosts of TPU slices are listed at the bare host's price but are not sold without their TPUs.
    return not row["instance_type"].endswith("-tpu")


def machines(offers):
    shapes = set()
    for row in offers:
        accelerator = SAME_CHIP.get(row["accelerator_name"], row["accelerator_name"])
        shapes.add((row["cloud"], row["instance_type"], number(row["vcpus"]), number(row["memory_gib"]),
                    accelerator, number(row["accelerator_count"]), number(row["gpu_memory_gib"])))
    header = ["cloud", "machine", "cores", "memory_gib", "accelerator", "count", "accelerator_memory_gib"]
    write("machines.csv", header, sorted(shapes))


def prices(provider, offers, bands):
    """One section a region, so that a reader can skip the regions it was not asked for."""
    lines, region = [], None
    for row in sorted(offers, key=lambda row: (row["region"], row["instance_type"])):
        if row["region"] != region:
            region = row["region"]
            lines.append(f"[{region}]")
        spot = number(row["spot_price_usd_per_hour"])
        basis, spot_basis = BASES[provider, row["price_basis"]]
        band = bands.get((region, row["instance_type"]), "p") if spot else ""
        cells = [row["instance_type"], number(row["price_usd_per_hour"]), basis]
        lines.append(",".join(cells + ([spot, spot_basis, band] if spot else [])))
    (HERE / f"prices-{provider}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(source):
    bands = {(r["region"], r["instance_type"]): r["interruption_band"] for r in rows(source / "aws_spot_risk.csv.gz")}
    everything = []
    for provider in PROVIDERS:
        offers = [row for row in rows(source / f"{provider}.csv.gz") if sellable(row)]
        prices(provider, offers, bands if provider == "aws" else {})
        everything += offers
    machines(everything)

    columns = ["cloud", "region", "city", "country", "latitude", "longitude", "zones", "grid_g_co2_per_kwh",
               "carbon_basis", "location_basis"]
    regions = sorted(rows(source / "regions.csv"), key=lambda row: (row["cloud"], row["region"]))
    write("regions.csv", columns, [[row[column] for column in columns] for row in regions])

    columns = ["cloud", "region", "item", "unit", "price_usd", "basis", "as_of"]
    items = sorted(rows(source / "prices_other.csv"), key=lambda row: (row["cloud"], row["item"], row["region"]))
    write("items.csv", columns, [[row[column] for column in columns] for row in items])

    columns = ["cloud", "from_gb", "to_gb", "usd_per_gb"]
    tiers = [row for row in rows(source / "egress.csv") if row["cloud"] in PROVIDERS]
    write("egress.csv", columns, [[row[column] for column in columns] for row in tiers])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
