/** The addon, compiled from `native/`. The work itself is in `scripts/native`. */
export const nativeAddon = {
  name: lockOf(backend()),
  doing: 'Building the native engine (once, and after each change of native/; takes minutes)',

  async isReady() {
    const { isUpToDate } = await builder();
    return isUpToDate(backend());
  },

  async make() {
    const { buildNative } = await builder();
    await buildNative({ backend: backend() });
  },
};

/** Builds of different kinds lie in folders of their own, and need not wait for each other. */
export function lockOf(kind) {
  return `native-${kind}`;
}

// Loaded late: it uses packages that may not be installed yet when this file is.
function builder() {
  return import('../native/build.mjs');
}

/** As `src/config` reads it, which also refuses other values. */
function backend() {
  return process.env.BACKEND === 'cuda' ? 'cuda' : 'cpu';
}
