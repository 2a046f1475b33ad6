"""Makes customers: who calls support often and pays monthly tends to leave."""

import csv
import json
import os
import pathlib
import random

REGIONS = ["north", "south", "islands"]


def customer(number: int, chance: random.Random) -> dict:
    calls = chance.randrange(8)
    monthly = chance.randrange(2)
    leaves = chance.random() < 0.05 + 0.08 * calls + 0.25 * monthly
    return {
        "id": number,
        "region": REGIONS[number % len(REGIONS)],
        "calls": calls,
        "monthly": monthly,
        "left": int(leaves),
    }


def main() -> None:
    chance = random.Random(7)
    rows = [customer(number, chance) for number in range(int(os.environ["CUSTOMERS"]))]
    with open(os.environ["WRITES_CUSTOMERS_CSV"], "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]) if rows else ["id"])
        writer.writeheader()
        writer.writerows(rows)
    pathlib.Path(os.environ["EMITS_ROWS"]).write_text(str(len(rows)))
    pathlib.Path(os.environ["EMITS_REGIONS"]).write_text(json.dumps(REGIONS))


if __name__ == "__main__":
    main()
