"""How many are at risk, by region."""

import json
import os
import pathlib


def main() -> None:
    scores = pathlib.Path(os.environ["READS_SCORES"])
    counted = {path.name: len(path.read_text().splitlines()) - 1 for path in sorted(scores.iterdir())}
    pathlib.Path(os.environ["WRITES_SUMMARY"]).write_text(json.dumps(counted, indent=2) + "\n")


if __name__ == "__main__":
    main()
