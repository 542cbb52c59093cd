// npm run build: compiles src/ into dist/ where that is not up to date. Exits as tsc does; 2 means
// that the output was written although types are wrong.
import { compile, compiledSources } from './prepare/compiled-sources.mjs';
import { dependencies } from './prepare/dependencies.mjs';
import { exclusively, prepare } from './prepare/prepare.mjs';

await prepare([dependencies]);
if (!compiledSources.isReady()) {
  process.exitCode = await exclusively(
    async () => (compiledSources.isReady() ? 0 : compile()),
    compiledSources.name,
  );
}
