"""When each word (Chinese: each character) of the recordings is spoken, by forced alignment.

    python align.py english|chinese AUDIO_FOLDER OUTPUT.json

Pocketsphinx finds the best path of its English acoustic model through the words of the reference,
with silence allowed between them, in frames of 10 ms. A last phone often swallows the silence behind
it, so a word ends with its last frame within 30 dB of its loudest one.

English words that its dictionary lacks have their pronunciation in pronunciations.txt. Chinese
characters are pronounced as pypinyin reads them, with the English phones that come closest to it
(pinyin-phones.txt): rougher, but every syllable has an onset to hold on to. What cannot be aligned is
left out, and named.
"""

import array
import json
import math
import re
import subprocess
import sys
from pathlib import Path

from pocketsphinx import Decoder, get_model_path

HERE = Path(__file__).parent
FOLDERS = {
    "english": ("librispeech-test-other/", "ljspeech/", "jfk/", "librivox-sonnets/"),
    "chinese": ("aishell/",),
}
FRAME_MS = 10
FRAME_SAMPLES = 160
SILENT_DB = 30
# With wider beams scores underflow and the last word gets lost; with narrower ones the path does.
BEAMS = (1e-40, 1e-30, 1e-48, 1e-60, 1e-20, 1e-80, 1e-100)


def main(language, audio, output):
    decoders = [open_decoder(beam) for beam in BEAMS]
    utterances, left_out = {}, {}
    for entry in read_manifest(audio, FOLDERS[language]):
        name = Path(entry["file"]).stem
        shown = words_of(entry["text"]) if language == "english" else list(entry["text"].replace(" ", ""))
        words = shown if language == "english" else syllables_of(entry["text"], decoders)
        unknown = [word for word in words if decoders[0].lookup_word(word) is None]
        if unknown:
            left_out[name] = f"no pronunciation of {', '.join(unknown)}"
            continue
        pcm = decode(audio / entry["file"])
        segments = next(filter(None, (path_through(decoder, pcm, words) for decoder in decoders)), None)
        if segments is None:
            left_out[name] = "no path through all of its words"
            continue
        loudness = loudness_of(pcm)
        utterances[name] = {
            "text": " ".join(shown),
            "startsMs": [segment.start_frame * FRAME_MS for segment in segments],
            "endsMs": [end_of(segment, loudness) * FRAME_MS for segment in segments],
        }
    for name, reason in left_out.items():
        print(f"left out {name}: {reason}", file=sys.stderr)
    document = {"method": METHODS[language], "utterances": utterances}
    output.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(utterances)} utterances in {output}")


METHODS = {
    "english": "forced alignment with pocketsphinx 5.1.1 (en-us), frames of 10 ms",
    "chinese": "forced alignment of pinyin in English phones with pocketsphinx 5.1.1 (en-us); rough",
}


def open_decoder(beam):
    model = Path(get_model_path()) / "en-us"
    decoder = Decoder(
        hmm=str(model / "en-us"),
        dict=str(model / "cmudict-en-us.dict"),
        lm=None,
        samprate=16000,
        beam=beam,
        wbeam=beam,
        pbeam=beam,
        loglevel="ERROR",
    )
    for word, phones in read_table("pronunciations.txt").items():
        decoder.add_word(word, phones, False)
    return decoder


def read_table(name):
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines)


def read_manifest(audio, folders):
    lines = (audio / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    return [entry for entry in entries if entry["file"].startswith(folders) and entry["text"]]


def words_of(text):
    """Words as the dictionary spells them; a hyphen or a dash parts words."""
    pieces = re.split(r"[\s\-\u2013\u2014]+", text.lower().replace("\u2019", "'"))
    words = [re.sub(r"[^a-z']", "", piece).strip("'") for piece in pieces]
    return [word for word in words if word]


def syllables_of(text, decoders):
    """Words of one syllable, one for each character, that the decoders know afterwards."""
    from pypinyin import Style, pinyin

    phones = read_table("pinyin-phones.txt")
    text = text.replace(" ", "")
    syllables = []
    for (initial,), (final,) in zip(pinyin(text, style=Style.INITIALS), pinyin(text, style=Style.FINALS)):
        # After these it is a vowel of its own, spelled with the same letter.
        final = "-i" if final == "i" and initial in ("z", "c", "s", "zh", "ch", "sh", "r") else final
        syllables.append(f"{initial}{final}_")
        for decoder in decoders:
            if final in phones and decoder.lookup_word(syllables[-1]) is None:
                onset = f"{phones[initial]} " if initial else ""
                decoder.add_word(syllables[-1], onset + phones[final], True)
    return syllables


def decode(path):
    """16 kHz mono s16 bytes."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-ar", "16000", "-ac", "1", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def path_through(decoder, pcm, words):
    """The segments of the words in order; None where the best path does not take all of them."""
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    # Silence and noise stand in <> and []; the second pronunciation of a word is called word(2).
    segments = [segment for segment in decoder.seg() or () if segment.word[0] not in "<[+"]
    found = [re.sub(r"\(\d+\)$", "", segment.word) for segment in segments]
    return segments if found == words else None


def loudness_of(pcm):
    """Decibels of each frame, over a window of three frames."""
    samples = array.array("h", pcm)
    powers = [
        sum(sample * sample for sample in samples[start : start + FRAME_SAMPLES]) + 1
        for start in range(0, len(samples), FRAME_SAMPLES)
    ]
    return [10 * math.log10(sum(powers[max(0, i - 1) : i + 2])) for i in range(len(powers))]


def end_of(segment, loudness):
    """The frame after the last one that is not silent."""
    frames = loudness[segment.start_frame : segment.end_frame + 1]
    audible = [i for i, level in enumerate(frames) if level > max(frames) - SILENT_DB]
    return segment.start_frame + audible[-1] + 1


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
