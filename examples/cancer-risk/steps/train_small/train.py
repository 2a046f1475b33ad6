"""Fits a logistic regression and stores it as a Triton model repository. For days with little data.

Reads   READS_FEATURE_TABLE  one row per patient, `label` is what is predicted
Writes  WRITES_RISK_MODEL    Triton repository: risk/config.pbtxt, risk/1/model.onnx (ONNX Runtime backend)
Emits   EMITS_AUC            area under the ROC curve on patients held out
"""

import os
from pathlib import Path

import pyarrow.dataset as dataset
from pyarrow import fs
from skl2onnx import to_onnx
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

CONFIG = """\
name: "risk"
backend: "onnxruntime"
max_batch_size: 4096
dynamic_batching { max_queue_delay_microseconds: 2000 }
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

    model = make_pipeline(
        SimpleImputer(keep_empty_features=True), StandardScaler(), LogisticRegression(max_iter=500)
    )
    model.fit(seen, seen_label)
    auc = roc_auc_score(unseen_label, model.predict_proba(unseen)[:, 1])

    # Plain arrays of probabilities: Triton knows no maps.
    onnx = to_onnx(model, seen[:1], options={"zipmap": False})
    files, root = fs.FileSystem.from_uri(os.environ["WRITES_RISK_MODEL"])
    put(files, f"{root}/risk/1/model.onnx", onnx.SerializeToString())
    put(files, f"{root}/risk/config.pbtxt", CONFIG.encode())
    Path(os.environ["EMITS_AUC"]).write_text(f"{auc:.6f}")


if __name__ == "__main__":
    main()
