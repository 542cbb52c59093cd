/** What people take for a model, by how it begins. */
const known: readonly (readonly [begins: (head: Buffer) => boolean, what: string])[] = [
  [
    (head) => head.toString('latin1', 0, 4) === 'GGUF',
    'is a GGUF file, as llama.cpp uses it. whisper.cpp does not read that format: get the ggml file ' +
      '(ggml-….bin) of the model, as "whisper-gateway models pull" does.',
  ],
  [
    (head) => head.toString('latin1', 0, 2) === 'PK',
    'is a ZIP archive, as PyTorch writes its checkpoints. Convert it to ggml first, with the ' +
      'convert-pt-to-ggml.py of whisper.cpp.',
  ],
  [
    // A length of eight bytes, then JSON.
    (head) => head.toString('latin1', 8, 10) === '{"',
    'is a safetensors file. Convert the model to ggml first, with the convert-h5-to-ggml.py of ' +
      'whisper.cpp.',
  ],
  [
    (head) => head.toString('latin1').startsWith('version https://git-lfs'),
    'is a pointer that Git LFS left in the place of the file. Get the file itself with "git lfs pull".',
  ],
  [
    (head) => /^\s*</.test(head.toString('latin1')),
    'is a web page, as a download that went wrong leaves it.',
  ],
];

/** The rest of a sentence about a file that is no ggml model, from its first bytes. */
export function recognize(head: Buffer): string {
  if (head.length === 0) return 'is empty.';
  return known.find(([begins]) => begins(head))?.[1] ?? 'is not a model in the ggml format.';
}
