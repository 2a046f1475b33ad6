"""The customers of one region who are likely to leave."""

import csv
import json
import math
import os
import pathlib


def main() -> None:
    weights = json.loads(pathlib.Path(os.environ["READS_CHURN_MODEL"]).read_text())["weights"]
    at_risk = []
    with open(os.environ["READS_CUSTOMERS_CSV"], newline="") as file:
        for row in csv.DictReader(file):
            x = [1.0, int(row["calls"]) / 8, float(row["monthly"])]
            chance = 1 / (1 + math.exp(-sum(w * value for w, value in zip(weights, x))))
            if row["region"] == os.environ["EACH_REGION"] and chance >= 0.5:
                at_risk.append((row["id"], round(chance, 4)))
    with open(os.environ["WRITES_SCORES"], "w", newline="") as file:
        csv.writer(file).writerows([("id", "chance"), *at_risk])
    pathlib.Path(os.environ["EMITS_AT_RISK"]).write_text(str(len(at_risk)))


if __name__ == "__main__":
    main()
