import { signal } from '@preact/signals';

/** What stands after the `#`: the path of a page, and what of it is shown. */
export const address = signal(read());

addEventListener('hashchange', () => {
  address.value = read();
});

function read(): string {
  return location.hash.slice(1).split('?')[0] ?? '';
}
