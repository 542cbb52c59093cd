import type { WriteStream } from 'node:tty';
import { Presets, SingleBar } from 'cli-progress';
import { type CatalogModel, describeBytes, type PullEvent } from '../../models/index.js';

/** How much a download has to grow for another line, where lines cannot be written over. */
const plainStepPercent = 10;

export interface PullProgress {
  readonly event: (event: PullEvent) => void;
  readonly end: () => void;
}

/** Shows how far a download is: a bar on a terminal, a few lines elsewhere. */
export function createPullProgress(model: CatalogModel, stream: WriteStream): PullProgress {
  return stream.isTTY ? createBar(model, stream) : createLines(model, stream);
}

function createBar(model: CatalogModel, stream: WriteStream): PullProgress {
  const bar = new SingleBar(
    {
      stream,
      barsize: 24,
      etaBuffer: 100,
      format: '{doing} {name}  {bar} {percentage} %  {done} of {all}, {eta_formatted} left  {note}',
      autopadding: true,
    },
    Presets.shades_classic,
  );
  const all = describeBytes(model.bytes);
  bar.start(model.bytes, 0, { doing: 'Pulling', name: model.name, done: '', all, note: '' });
  return {
    event(event) {
      if ('bytes' in event) {
        const doing = event.type === 'checking' ? 'Checking' : 'Pulling';
        bar.update(event.bytes, { doing, done: describeBytes(event.bytes), note: '' });
      } else {
        bar.update({ note: noteOf(event) });
      }
    },
    end: () => bar.stop(),
  };
}

function createLines(model: CatalogModel, stream: WriteStream): PullProgress {
  let last = '';
  const say = (line: string) => {
    if (line !== last) stream.write(`${line}\n`);
    last = line;
  };
  return {
    event(event) {
      if (event.type === 'checking') return say(`Checking ${model.name}`);
      if (event.type !== 'downloading') return say(noteOf(event));
      const percent = Math.floor((100 * event.bytes) / model.bytes / plainStepPercent);
      say(
        `Pulling ${model.name}: ${percent * plainStepPercent} % of ${describeBytes(model.bytes)}`,
      );
    },
    end() {},
  };
}

function noteOf(event: Extract<PullEvent, { type: 'waiting' | 'retrying' }>): string {
  if (event.type === 'waiting') return 'Another process pulls it already: waiting for that';
  return `Trying again: ${event.reason}`;
}
