"""Cuts ninety days of support chats into training and held-out examples.

Reads   READS_CHATS           JSON lines: {"id", "day", "turns": [{"role", "text"}], "resolved"}
Writes  WRITES_CHATS_TRAIN    JSON lines: {"messages": [{"role", "content"}]}
        WRITES_CHATS_HELDOUT  the same, one chat in thirty
Emits   EMITS_EXAMPLES        number of training examples
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from pyarrow import fs

MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
NUMBER = re.compile(r"\+?\d[\d ()/-]{7,}\d")


def redacted(text: str) -> str:
    """Addresses and numbers of customers do not belong into a model."""
    return NUMBER.sub("<number>", MAIL.sub("<mail>", text))


def chats(uri: str) -> Iterator[dict]:
    """All resolved chats below `uri`, in the order of file names."""
    files, root = fs.FileSystem.from_uri(uri)
    infos = files.get_file_info(fs.FileSelector(root, recursive=True))
    for info in sorted((info for info in infos if info.is_file), key=lambda info: info.path):
        with files.open_input_stream(info.path) as stream:
            for line in stream.read().splitlines():
                chat = json.loads(line)
                if chat["resolved"]:
                    yield chat


def held_out(chat: dict) -> bool:
    """By hash of the id, so that a chat stays on its side from week to week."""
    return hashlib.sha256(chat["id"].encode()).digest()[0] < 256 // 30


def main() -> None:
    outputs = {}
    for held, name in [(False, "WRITES_CHATS_TRAIN"), (True, "WRITES_CHATS_HELDOUT")]:
        files, root = fs.FileSystem.from_uri(os.environ[name])
        files.create_dir(root, recursive=True)
        outputs[held] = files.open_output_stream(f"{root}/part-0.jsonl")

    examples = 0
    for chat in chats(os.environ["READS_CHATS"]):
        messages = [{"role": turn["role"], "content": redacted(turn["text"])} for turn in chat["turns"]]
        held = held_out(chat)
        outputs[held].write(json.dumps({"messages": messages}).encode() + b"\n")
        examples += not held
    for output in outputs.values():
        output.close()
    Path(os.environ["EMITS_EXAMPLES"]).write_text(str(examples))


if __name__ == "__main__":
    main()
