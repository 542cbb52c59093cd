// A gateway in a process of its own, with the scripted engine. Its settings come as JSON; what it costs is told
// to whoever sends it a message.
import { loadConfig } from '../../dist/config/index.js';
import { ScriptedEngine, spoken } from '../../dist/engine/index.js';
import { createGateway } from '../../dist/gateway/index.js';

const settings = { port: 0, streamPort: 0, logLevel: 'silent', ...JSON.parse(process.argv[2]) };
const gateway = await createGateway(loadConfig(settings, {}), {
  engine: new ScriptedEngine({ script: () => spoken([]) }),
});
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuUs: user + system, rssBytes: process.memoryUsage.rss() });
});
process.on('disconnect', () => void gateway.close().then(() => process.exit()));
process.send({ streamUrl: gateway.streamUrl });
