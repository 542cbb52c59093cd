import { computed } from '@preact/signals';
import type { ComponentType } from 'preact';
import { FilesPage } from '../files/files-page.js';
import type { TextKey } from '../i18n/index.js';
import { LivePage } from '../live/live-page.js';
import { MonitorPage } from '../monitor/monitor-page.js';
import { OverlayPage } from '../overlay/overlay-page.js';
import { address } from './address.js';
import type { PageHelp } from './help-dialog.js';

export interface Route {
  /** After the `#`; what follows it is the page's business. */
  readonly path: string;
  readonly name: TextKey;
  readonly page: ComponentType;
  /** What its help tells, beside the keys that every page has. */
  readonly help?: PageHelp;
}

const live: Route = {
  path: '/live',
  name: 'live',
  page: LivePage,
  help: {
    text: 'help_text',
    shortcuts: [
      ['key_space', 'shortcut_toggle'],
      ['C', 'shortcut_copy'],
      ['E', 'shortcut_export'],
    ],
  },
};

const files: Route = {
  path: '/files',
  name: 'files',
  page: FilesPage,
  help: {
    text: 'files_help',
    shortcuts: [
      ['O', 'shortcut_choose'],
      ['key_space', 'shortcut_play'],
      ['← →', 'shortcut_skip'],
      [', .', 'shortcut_word'],
      ['↑ ↓', 'shortcut_sentence'],
      ['/', 'shortcut_search'],
      ['E', 'shortcut_edit'],
      ['C', 'shortcut_copy_text'],
      ['X', 'shortcut_export'],
    ],
  },
};

const overlay: Route = {
  path: '/overlay',
  name: 'overlay',
  page: OverlayPage,
  help: { text: 'overlay_help', shortcuts: [] },
};

const monitor: Route = {
  path: '/monitor',
  name: 'monitor',
  page: MonitorPage,
  help: { text: 'monitor_help', shortcuts: [] },
};

/** Every page there is; the first is where one arrives. */
export const routes: readonly Route[] = [live, files, overlay, monitor];

export const route = computed(() => {
  const path = address.value;
  return routes.find((each) => path === each.path || path.startsWith(`${each.path}/`)) ?? live;
});
