"""Logistic regression by gradient descent, on all customers but every fifth, which judge it."""

import csv
import json
import math
import os
import pathlib


def chance(weights: list[float], row: list[float]) -> float:
    return 1 / (1 + math.exp(-sum(w * x for w, x in zip(weights, row))))


def main() -> None:
    with open(os.environ["READS_CUSTOMERS_CSV"], newline="") as file:
        rows = [([1.0, int(row["calls"]) / 8, float(row["monthly"])], int(row["left"])) for row in csv.DictReader(file)]
    train = [row for number, row in enumerate(rows) if number % 5]
    judge = rows[::5]
    weights = [0.0, 0.0, 0.0]
    for _ in range(60):
        slope = [0.0, 0.0, 0.0]
        for x, left in train:
            error = chance(weights, x) - left
            slope = [s + error * value for s, value in zip(slope, x)]
        weights = [w - 4 * s / len(train) for w, s in zip(weights, slope)]
    right = sum((chance(weights, x) >= 0.5) == bool(left) for x, left in judge)
    pathlib.Path(os.environ["WRITES_CHURN_MODEL"]).write_text(json.dumps({"weights": weights}))
    pathlib.Path(os.environ["EMITS_ACCURACY"]).write_text(str(right / len(judge)))


if __name__ == "__main__":
    main()
