"""Trains the churn model. Portolan hands over where the data is and where results go as environment variables."""

import os


def main() -> None:
    customers = os.environ["READS_CUSTOMERS"]  # URI of the data set
    model = os.environ["WRITES_CHURN_MODEL"]  # URI to write the model to
    raise SystemExit(f"train on {customers}, write {model}, then write the AUC into the file {os.environ['EMITS_AUC']}")


if __name__ == "__main__":
    main()
