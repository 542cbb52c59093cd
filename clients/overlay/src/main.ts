import { createClient } from '../../js/src/index.js';
import './overlay.css';
import './page.css';
import { Overlay } from './overlay.js';
import { type OverlayParameter, overlayParameters, parseOptions } from './overlay-parameters.js';

/** How long it is said that something in the address is not understood. */
const hintMs = 10_000;
const remedy = 'The settings at /#/overlay make an address.';

/** Why the gateway does not let the page in, until whoever looks after the screen mends it. */
const refusals: Readonly<Record<string, string>> = {
  invalid_api_key: `The token in the address is missing, wrong or expired. ${remedy}`,
  insufficient_scope: `The token in the address may not watch rooms. ${remedy}`,
  room_not_allowed: `The token in the address is for another room. ${remedy}`,
  origin_not_allowed: 'The gateway lets no pages of this site in: see ALLOWED_ORIGINS.',
  bad_field: explain('room'),
};

const { options, wrong } = parseOptions(new URLSearchParams(location.search));
// Behind the `#`, where no server and no log sees it: a token of this room, or a key.
const hash = new URLSearchParams(location.hash.slice(1));
const token = hash.get('token') ?? hash.get('key') ?? '';

const stage = document.getElementById('overlay') as HTMLElement;
const hint = document.getElementById('hint') as HTMLElement;
let misread = wrong.map(explain).join(' ');
let refusal = '';

if (options.room === '') {
  const missing = wrong.includes('room') ? '' : 'Add ?room=NAME to the address.';
  misread = [missing, misread, remedy].filter(Boolean).join(' ');
} else {
  setTimeout(() => {
    misread = '';
    showHint();
  }, hintMs);
  watch();
}
showHint();

function watch(): void {
  document.title = `${options.room} · captions`;
  const overlay = new Overlay(stage, options);
  const viewer = createClient({ url: location.origin, token, streamUrl: 'ask' }).watch(
    options.room,
  );
  viewer.on('snapshot', (snapshot) => overlay.snapshot(snapshot));
  viewer.on('event', (event) => overlay.event(event));
  // For whoever looks after the screen; while there are captions the audience is shown nothing else.
  viewer.on('connection', (error) => {
    document.title = `${error ? '… ' : ''}${options.room} · captions`;
    refusal = (error && refusals[error.code]) ?? '';
    showHint();
  });
}

function showHint(): void {
  hint.textContent = `${refusal} ${misread}`.trim();
  hint.hidden = hint.textContent === '';
}

function explain(name: OverlayParameter): string {
  return `${name} is not understood: ${overlayParameters[name].values.replaceAll('`', '')}.`;
}
