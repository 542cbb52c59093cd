"""WhisperLive as its own run_server.py starts it with a custom model: one model for all clients.

    python whisper_live_server.py PORT MODEL_FOLDER

Limits of clients and of time are raised, so that they do not end a measurement.
"""

import sys

from whisper_live.server import TranscriptionServer

TranscriptionServer().run(
    "127.0.0.1",
    port=int(sys.argv[1]),
    backend="faster_whisper",
    faster_whisper_custom_model_path=sys.argv[2],
    single_model=True,
    max_clients=1_000,
    max_connection_time=86_400,
)
