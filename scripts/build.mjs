// npm run build: compiles src/ into dist/, the client library and the meeting bot, and bundles the web app, where they are not up to
// date. Exits as tsc does; 2 means that the output was written although types are wrong.
import { clientPackage } from './prepare/client-package.mjs';
import { compile, compiledSources } from './prepare/compiled-sources.mjs';
import { dependencies } from './prepare/dependencies.mjs';
import { meetingBot } from './prepare/meeting-bot.mjs';
import { exclusively, prepare } from './prepare/prepare.mjs';
import { webApp } from './prepare/web-app.mjs';

await prepare([dependencies]);
if (!compiledSources.isReady()) {
  process.exitCode = await exclusively(
    async () => (compiledSources.isReady() ? 0 : compile()),
    compiledSources.name,
  );
}
await prepare([webApp, clientPackage, meetingBot]);
