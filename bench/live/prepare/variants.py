"""The traditional forms of the characters in our Chinese references, which models write at will.

    python variants.py AUDIO_FOLDER OUTPUT.json

From the tables of OpenCC (Apache 2.0), only for characters that can count as correct.
"""

import json
import sys
from pathlib import Path

import opencc


def main(audio, output):
    lines = (audio / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    characters = {character for entry in entries if entry["lang"] == "zh" for character in entry["text"]}
    table = Path(opencc.__file__).parent / "dictionary" / "STCharacters.txt"
    simplified = {}
    for line in table.read_text(encoding="utf-8").splitlines():
        one, others = line.split("\t")
        if one in characters:
            # A form that is a simplified character of its own stays itself.
            simplified |= {other: one for other in others.split() if other not in characters}
    text = json.dumps(dict(sorted(simplified.items())), indent=2, ensure_ascii=False)
    output.write_text(text + "\n", encoding="utf-8")
    print(f"{len(simplified)} characters in {output}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
