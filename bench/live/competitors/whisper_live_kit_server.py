"""WhisperLiveKit's own server, with weights from local folders.

    python whisper_live_kit_server.py alignatt|localagreement PORT MODELS_FOLDER

`alignatt` is its default: AlignAtt with a CTranslate2 encoder and a PyTorch decoder. Its alignment
heads are known by the model's name only, so they are looked up here for the folder.
"""

import sys
from pathlib import Path

policy, port, models = sys.argv[1], sys.argv[2], Path(sys.argv[3])
options = ["--host", "127.0.0.1", "--port", port, "--pcm-input", "--warmup-file", ""]
if policy == "alignatt":
    from whisperlivekit.whisper import _ALIGNMENT_HEADS

    options += ["--backend-policy", "simulstreaming", "--backend", "faster-whisper"]
    options += ["--encoder-model-path", str(models / "ctranslate2")]
    options += ["--decoder-model-path", str(models / "torch")]
    options += ["--custom-alignment-heads", _ALIGNMENT_HEADS["base"].decode()]
else:
    options += ["--backend-policy", "localagreement", "--backend", "faster-whisper"]
    options += ["--model_dir", str(models / "ctranslate2")]
# The server reads its options while it is imported.
sys.argv[1:] = options

from whisperlivekit.basic_server import main  # noqa: E402

main()
