import { describe, expect, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../../src/engine/index.js';
import { cutStream } from '../../support/cut-stream.js';
import { jfkAs } from '../../support/jfk.js';
import { startKillable } from '../../support/killable-gateway.js';
import { recordedSpeech } from '../../support/recorded-speech.js';
import { startGateway } from '../../support/start-gateway.js';
import { natsServer, type StartedNats, startNats } from '../../support/start-nats.js';
import { StreamClient } from '../../support/stream-client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { type Seen, watchRoom } from '../../support/watch-room.js';

const pcm = { format: 'pcm_s16le' };
const path = '/v1/rooms/hall%202/captions';
const room = 'hall 2';
const patient = { timeout: 40_000, interval: 50 };

const scripted = () =>
  new ScriptedEngine({
    slots: 2,
    script: (window, index) => spokenThrough(window, `words of window ${index}`),
  });

const start = ({ url }: StartedNats) =>
  startGateway({ natsUrl: url, shutdownTimeoutMs: 5_000 }, { engine: scripted() });

const subtitles = async ({ url }: { url: string }) => (await fetch(`${url}${path}.vtt`)).text();

/** Somebody who has begun to speak, and has said something. */
async function speak({ url }: { url: string }, fields: object = {}) {
  const client = await StreamClient.connect(url);
  await client.start({ audio: pcm, room, ...fields });
  await client.sendAudio(await jfkAs());
  await client.next('final');
  return client;
}

const lastSnapshot = (seen: readonly Seen[]) => seen.findLast(({ type }) => type === 'snapshot');
const textsOf = (seen: Seen | undefined) =>
  seen?.sessions?.flatMap(({ finals }) => finals.map(({ text }) => text)) ?? [];
const finalsOf = (seen: readonly { type: string; text?: string }[]) =>
  seen.flatMap(({ type, text }) => (type === 'final' ? [text] : []));
/** Finals of the last snapshot, and those that came behind it. */
const shownTo = (seen: readonly Seen[]) => {
  const at = seen.findLastIndex(({ type }) => type === 'snapshot');
  return [...textsOf(seen[at]), ...finalsOf(seen.slice(at))];
};
const cuesOf = (vtt: string) => vtt.trimEnd().split('\n\n').slice(1);

describe.skipIf(!natsServer)('a room at two gateways', () => {
  test('a viewer sees who speaks at both, each event once and as it was said', async () => {
    const nats = await startNats();
    const [here, there] = [await start(nats), await start(nats)];
    const viewer = await watchRoom(here.url, path);
    await expect.poll(() => viewer.seen.length, patient).toBe(1);
    const near = await speak(here, { speaker: 'Anna' });
    const far = await speak(there, { speaker: 'Bert', resumable: true });
    await Promise.all([near.stop(), far.stop()]);
    const ends = () => viewer.seen.filter(({ type }) => type === 'transcription_stopped').length;
    await expect.poll(ends, patient).toBe(2);
    const hidden = ['transcription_starting', 'model_loading_started', 'progress', 'pong'];
    for (const [client, speaker] of [
      [near, 'Anna'],
      [far, 'Bert'],
    ] as const) {
      const { started_at, session_id } = await client.next('transcription_started');
      const seen = viewer.seen.filter((event) => event.session_id === session_id);
      const said = client.events.filter(({ type }) => !hidden.includes(type));
      expect(seen).toEqual(
        said.map((event) => {
          const { resume_token: _secret, ...shown } = event as { resume_token?: string };
          return { ...shown, speaker, started_at };
        }),
      );
    }
    expect(viewer.seen.filter(({ type }) => type === 'snapshot')).toHaveLength(1);
  });

  test('who comes late, and a player, are told what was said at the other one', async () => {
    const nats = await startNats();
    const [here, there] = [await start(nats), await start(nats)];
    expect((await fetch(`${here.url}${path}.vtt`)).status).toBe(404);
    const first = await speak(there, { speaker: 'Anna' });
    const { started_at } = await first.next('transcription_started');
    const said = () => first.all('final').map(({ text }) => text);
    // A gateway that has no such room asks those that do.
    await expect.poll(() => subtitles(here), patient).toContain('<v Anna>');
    const viewer = await watchRoom(here.url, path);
    await expect.poll(() => viewer.seen.length, patient).toBeGreaterThan(0);
    await expect.poll(() => shownTo(viewer.seen), patient).toEqual(said());
    expect(lastSnapshot(viewer.seen)).toMatchObject({
      sessions: [{ speaker: 'Anna', started_at, ended: false }],
    });
    // Who comes on speaks on the same clock, wherever that is.
    const second = await speak(here, { speaker: 'Bert' });
    await Promise.all([first.stop(), second.stop()]);
    await expect.poll(() => subtitles(here), patient).toContain('<v Bert>');
    const cues = cuesOf(await subtitles(here));
    expect(cues.filter((cue) => cue.includes('<v Anna>'))).toEqual(
      expect.arrayContaining([expect.stringContaining(said()[0]?.split(' ')[0] as string)]),
    );
    expect(new Set(cues).size).toBe(cues.length);
    // The room is there while somebody watches; whoever asks elsewhere gets the same.
    await expect.poll(() => subtitles(there), patient).toBe(await subtitles(here));
  });

  test('speakers of a gateway that is killed end, and what they said stays', async () => {
    const nats = await startNats();
    const here = await start(nats);
    const settings = [`NATS_URL=${nats.url}`];
    const there = await startKillable(temporaryFolder(), 'scripted', ...settings);
    const viewer = await watchRoom(here.url, path);
    const client = await speak(there, { speaker: 'Anna' });
    await expect.poll(() => finalsOf(viewer.seen).length, patient).toBeGreaterThan(0);
    const before = cuesOf(await subtitles(here));
    await there.kill();
    await expect
      .poll(() => lastSnapshot(viewer.seen)?.sessions, patient)
      .toMatchObject([{ speaker: 'Anna', ended: true, partial: null }]);
    expect(client.closed?.code).toBe(1006);
    expect(before.length).toBeGreaterThan(0);
    expect(cuesOf(await subtitles(here))).toEqual(expect.arrayContaining(before.slice(0, -1)));
  });

  test('a speaker who goes on at another gateway goes on for viewers, and says nothing twice', async () => {
    const nats = await startNats();
    const here = await start(nats);
    const next = () => startKillable(temporaryFolder(), 'scripted', `NATS_URL=${nats.url}`);
    let [present, following] = await Promise.all([next(), next()]);
    const viewer = await watchRoom(here.url, path);
    const moved = await cutStream({
      url: () => present.url,
      lose: async () => {
        await present.kill();
        [present, following] = [following, await next()];
      },
      audio: await recordedSpeech(20),
      fields: { audio: pcm, room, speaker: 'Anna' },
      ...{ bytesPerSecond: 64_000, frame: 3_200, nextCutMs: () => 4_000 },
    });
    expect(moved.cuts).toBe(2);
    await expect.poll(() => viewer.seen.at(-1)?.type, patient).toBe('transcription_stopped');
    const seen = viewer.seen.flatMap(({ seq }) => seq ?? []);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    const finals = finalsOf(moved.events);
    // One whose gateway died before it said it comes by way of the next: as an event, or in a snapshot.
    const snapshots = viewer.seen.filter(({ type }) => type === 'snapshot');
    const shown = [...finalsOf(viewer.seen), ...snapshots.flatMap(textsOf)];
    expect(shown).toEqual(expect.arrayContaining(finals));
    expect(finals.length).toBeGreaterThan(moved.cuts);
    const cues = cuesOf(await subtitles(here));
    expect(cues).toHaveLength(finals.length);
    expect(new Set(cues).size).toBe(cues.length);
  });

  test('while NATS is away its own speakers are seen as ever; the others once it is back', async () => {
    const nats = await startNats();
    const [here, there] = [await start(nats), await start(nats)];
    const viewer = await watchRoom(here.url, path);
    const far = await speak(there, { speaker: 'Bert' });
    await expect.poll(() => finalsOf(viewer.seen).length, patient).toBeGreaterThan(0);
    await nats.kill();
    const near = await speak(here, { speaker: 'Anna' });
    const { length } = far.all('final');
    await far.sendAudio(await jfkAs());
    await far.until(() => far.all('final').length > length);
    await near.stop();
    const { session_id } = await near.next('transcription_started');
    const isFrom = (event: Seen) => event.session_id === session_id;
    await expect
      .poll(() => viewer.seen.findLast(isFrom)?.type, patient)
      .toBe('transcription_stopped');
    expect(finalsOf(viewer.seen.filter(isFrom))).toEqual(finalsOf(near.events));

    await nats.restart();
    const missed = far.all('final').at(-1)?.text;
    await expect.poll(() => textsOf(lastSnapshot(viewer.seen)), patient).toContain(missed);
    // From there on events come again, and none comes twice.
    await far.stop();
    await expect.poll(() => viewer.seen.at(-1)?.type, patient).toBe('transcription_stopped');
    const numbers = viewer.seen.filter((event) => !isFrom(event)).flatMap(({ seq }) => seq ?? []);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    await expect
      .poll(async () => cuesOf(await subtitles(here)).length, patient)
      .toBeGreaterThanOrEqual(far.all('final').length + near.all('final').length);
  });

  test('a gateway that is closed says so: nobody waits for it', async () => {
    const nats = await startNats();
    const [here, there] = [await start(nats), await start(nats)];
    const viewer = await watchRoom(here.url, path);
    const client = await speak(there, { speaker: 'Anna' });
    await there.close();
    expect(client.closed?.code).toBe(1001);
    await expect.poll(() => viewer.seen.at(-1)?.type, patient).toBe('transcription_stopped');
  });
});
