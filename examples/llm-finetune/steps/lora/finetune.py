"""Fits LoRA adapters on chats; started by torchrun, one process per accelerator.

Reads   /models/base, /data          base weights and JSON lines (mounted)
Writes  WRITES_…                     the adapter; the template's user chooses its name
Emits   EMITS_EVAL_LOSS              loss on one example in fifty, not trained on
Saves   CHECKPOINT                   every 15 minutes, resumed from after a retry
"""

import argparse
import os
import time
from pathlib import Path

from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from pyarrow import fs
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)
from transformers.trainer_utils import get_last_checkpoint

BASE = "/models/base"
SEQUENCE = 4096
CHECKPOINT_SECONDS = 15 * 60


class SaveByTheClock(TrainerCallback):
    """A retry costs at most a quarter of an hour, whatever a step takes."""

    def __init__(self) -> None:
        self.saved = time.monotonic()

    def on_step_end(self, args, state, control, **_):
        if time.monotonic() - self.saved >= CHECKPOINT_SECONDS:
            self.saved = time.monotonic()
            control.should_save = True
        return control


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--method", choices=["lora"], required=True)
    parser.add_argument("--rank", type=int, required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    return parser.parse_args()


def examples(tokenizer):
    """Chats as token ids, cut to the sequence length, split 98 : 2."""
    chats = load_dataset("json", data_files="/data/*.jsonl", split="train")

    def tokens(row):
        return {"input_ids": tokenizer.apply_chat_template(row["messages"], return_dict=False)[:SEQUENCE]}

    return chats.map(tokens, remove_columns=chats.column_names).train_test_split(test_size=0.02, seed=0)


def publish(folder: Path) -> None:
    """Copies the adapter to the one data set this step writes."""
    (uri,) = (value for name, value in os.environ.items() if name.startswith("WRITES_"))
    files, root = fs.FileSystem.from_uri(uri)
    files.create_dir(root, recursive=True)
    fs.copy_files(str(folder), root, destination_filesystem=files)


def main() -> None:
    options = arguments()
    tokenizer = AutoTokenizer.from_pretrained(BASE)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    model = get_peft_model(
        AutoModelForCausalLM.from_pretrained(BASE, dtype="bfloat16"),
        LoraConfig(r=options.rank, target_modules="all-linear", task_type="CAUSAL_LM"),
    )
    data = examples(tokenizer)
    checkpoint = os.environ["CHECKPOINT"]
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=checkpoint,
            learning_rate=options.learning_rate,
            bf16=True,
            gradient_checkpointing=True,
            per_device_train_batch_size=2,
            gradient_accumulation_steps=8,
            num_train_epochs=1,
            fsdp="full_shard auto_wrap",
            save_strategy="no",
            save_total_limit=2,
            seed=0,
        ),
        train_dataset=data["train"],
        eval_dataset=data["test"],
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
        callbacks=[SaveByTheClock()],
    )
    trainer.train(resume_from_checkpoint=get_last_checkpoint(checkpoint))

    loss = trainer.evaluate()["eval_loss"]
    adapter = Path("/scratch/adapter")
    trainer.save_model(str(adapter))
    if trainer.is_world_process_zero():
        publish(adapter)
        Path(os.environ["EMITS_EVAL_LOSS"]).write_text(f"{loss:.6f}")


if __name__ == "__main__":
    main()
