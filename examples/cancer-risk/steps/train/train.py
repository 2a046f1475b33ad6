"""Fits boosted trees and stores them as a Triton model repository.

Reads   READS_FEATURE_TABLE  one row per patient, `label` is what is predicted
Writes  WRITES_RISK_MODEL    Triton repository: risk/config.pbtxt, risk/1/xgboost.json (FIL backend)
Emits   EMITS_AUC            area under the ROC curve on patients held out
"""

import os
from pathlib import Path

import pyarrow.dataset as dataset
import xgboost
from pyarrow import fs
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

TREES = 2000
DEPTH = 8

CONFIG = """\
name: "risk"
backend: "fil"
max_batch_size: 4096
input [ {{ name: "input__0" data_type: TYPE_FP32 dims: [ {features} ] }} ]
output [ {{ name: "output__0" data_type: TYPE_FP32 dims: [ 1 ] }} ]
parameters [
  {{ key: "model_type" value: {{ string_value: "xgboost_json" }} }},
  {{ key: "output_class" value: {{ string_value: "false" }} }}
]
dynamic_batching {{ max_queue_delay_microseconds: 2000 }}
"""


def put(files: fs.FileSystem, path: str, content: bytes) -> None:
    """Writes one object; directories are made where the store has them."""
    files.create_dir(path.rsplit("/", 1)[0], recursive=True)
    with files.open_output_stream(path) as stream:
        stream.write(content)


def main() -> None:
    table = dataset.dataset(os.environ["READS_FEATURE_TABLE"], format="parquet").to_table()
    label = table["label"].to_numpy()
    values = table.drop(["patient_id", "label"]).to_pandas().to_numpy("float32")
    seen, unseen, seen_label, unseen_label = train_test_split(
        values, label, test_size=0.2, random_state=0, stratify=label
    )

    gpus = float(os.environ.get("NEEDS_GPUS", "0"))
    model = xgboost.train(
        {
            "objective": "binary:logistic",
            "max_depth": DEPTH,
            "eta": 0.03,
            "tree_method": "hist",
            "device": "cuda" if gpus else "cpu",
            "seed": 0,
        },
        xgboost.QuantileDMatrix(seen, seen_label),
        num_boost_round=TREES,
    )
    auc = roc_auc_score(unseen_label, model.predict(xgboost.DMatrix(unseen)))

    files, root = fs.FileSystem.from_uri(os.environ["WRITES_RISK_MODEL"])
    put(files, f"{root}/risk/1/xgboost.json", bytes(model.save_raw("json")))
    put(files, f"{root}/risk/config.pbtxt", CONFIG.format(features=values.shape[1]).encode())
    Path(os.environ["EMITS_AUC"]).write_text(f"{auc:.6f}")


if __name__ == "__main__":
    main()
