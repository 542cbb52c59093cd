import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import type { TextKey } from '../i18n/index.js';
import { LivePage } from '../live/live-page.js';

export interface Route {
  /** After the `#`. */
  readonly path: string;
  readonly name: TextKey;
  readonly page: ComponentType;
}

const live: Route = { path: '/live', name: 'live', page: LivePage };

/** Every page there is; the first is where one arrives. */
export const routes: readonly Route[] = [live];

export const route = signal(current());

addEventListener('hashchange', () => {
  route.value = current();
});

function current(): Route {
  const path = location.hash.slice(1).split('?')[0];
  return routes.find((each) => each.path === path) ?? live;
}
