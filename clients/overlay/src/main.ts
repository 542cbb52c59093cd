import { createClient } from '../../js/src/index.js';
import './overlay.css';
import './page.css';
import { Overlay } from './overlay.js';
import { overlayParameters, parseOptions } from './overlay-parameters.js';

/** How long it is said that something in the address is not understood. */
const hintMs = 10_000;

const { options, wrong } = parseOptions(new URLSearchParams(location.search));
// Behind the `#`, where no server and no log sees it: a token of this room, or a key.
const hash = new URLSearchParams(location.hash.slice(1));
const token = hash.get('token') ?? hash.get('key') ?? '';

const stage = document.getElementById('overlay') as HTMLElement;
const hint = document.getElementById('hint') as HTMLElement;

if (options.room === '') {
  hint.hidden = false;
  hint.textContent = 'Add ?room=NAME to the address. The settings at /#/overlay make one.';
} else {
  if (wrong.length > 0) explainWrong();
  watch();
}

function watch(): void {
  document.title = `${options.room} · captions`;
  const overlay = new Overlay(stage, options);
  const viewer = createClient({ url: location.origin, token, streamUrl: 'ask' }).watch(
    options.room,
  );
  viewer.on('snapshot', (snapshot) => overlay.snapshot(snapshot));
  viewer.on('event', (event) => overlay.event(event));
  // For whoever looks after the screen; the audience is shown captions and nothing else.
  viewer.on('connection', (error) => {
    document.title = `${error ? '… ' : ''}${options.room} · captions`;
  });
}

function explainWrong(): void {
  hint.hidden = false;
  hint.textContent = wrong
    .map(
      (name) => `${name} is not understood: ${overlayParameters[name].values.replaceAll('`', '')}.`,
    )
    .join(' ');
  setTimeout(() => {
    hint.hidden = true;
  }, hintMs);
}
