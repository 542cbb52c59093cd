"""Transcribes one English file with faster-whisper as its README does, and prints the text.

    python faster_whisper_file.py MODEL_FOLDER THREADS FILE

Five beams and text that came before are its own defaults; int8 are weights of the size that the gateway's have.
"""

import sys

from faster_whisper import WhisperModel

model_folder, threads, file = sys.argv[1:]
model = WhisperModel(model_folder, device="cpu", compute_type="int8", cpu_threads=int(threads))
segments, _ = model.transcribe(file, language="en")
for segment in segments:
    print(segment.text.strip(), flush=True)
