import { signal } from '@preact/signals';

/** What is shown, where a page says more than its own name. */
export const pageTitle = signal<string | null>(null);
