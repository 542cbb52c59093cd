import type { Block, Look, PageMessage, TappedTrack } from './page-messages.js';

export interface TapOptions {
  /** Name of the function by which the page reaches Node. */
  readonly binding: string;
  /** Source of the audio thread's code. */
  readonly worklet: string;
  readonly lookIntervalMs: number;
  readonly maxPendingMessages: number;
}

/**
 * Runs in the meeting's page before anything of its own, as text: it may use nothing from outside of
 * itself. Whatever WebRTC connection the page opens, each remote audio track is heard by a worklet of
 * its own, and `look` is asked again and again who is in the meeting.
 */
export function tapTracks(
  { binding, worklet, lookIntervalMs, maxPendingMessages }: TapOptions,
  look: (tracks: TappedTrack[]) => Look,
): void {
  interface Tap extends TappedTrack {
    readonly connection: RTCPeerConnection;
    readonly transceiver: RTCRtpTransceiver;
    close(): void;
  }
  const Native = globalThis.RTCPeerConnection;
  if (!Native) return;
  const page = `${Date.now()}-${Math.random()}`;
  const taps = new Map<MediaStreamTrack, Tap>();
  let count = 0;
  let audio: Promise<AudioContext> | undefined;
  let blocks: Block[] = [];
  let pending = 0;

  function say(message: PageMessage): void {
    const send = (globalThis as unknown as Record<string, (it: PageMessage) => Promise<void>>)[
      binding
    ];
    if (!send || pending >= maxPendingMessages) return;
    pending++;
    const settled = () => {
      pending--;
    };
    send(message).then(settled, settled);
  }

  async function openAudio(): Promise<AudioContext> {
    // Nothing is to be played, so no loudspeaker is needed either.
    const options = { sampleRate: 16_000, sinkId: { type: 'none' } } as AudioContextOptions;
    const context = new AudioContext(options);
    const url = URL.createObjectURL(new Blob([worklet], { type: 'text/javascript' }));
    await context.audioWorklet.addModule(url);
    URL.revokeObjectURL(url);
    await context.resume();
    return context;
  }

  async function tap(connection: RTCPeerConnection, event: RTCTrackEvent): Promise<void> {
    const { track, transceiver } = event;
    if (track.kind !== 'audio' || taps.has(track)) return;
    const key = `${page}-${++count}`;
    const stream = new MediaStream([track]);
    // Chromium decodes a remote track for nobody unless an element plays it.
    const element = new Audio();
    element.muted = true;
    element.srcObject = stream;
    element.play().catch(() => {});
    let closed = false;
    let close = () => {
      closed = true;
      element.srcObject = null;
    };
    taps.set(track, {
      key,
      track,
      streamId: event.streams[0]?.id ?? null,
      connection,
      transceiver,
      close: () => close(),
    });
    audio ??= openAudio();
    const context = await audio;
    if (closed) return;
    const source = context.createMediaStreamSource(stream);
    const node = new AudioWorkletNode(context, 'pcm-blocks', {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: 'explicit',
    });
    source.connect(node);
    node.port.onmessage = ({ data }) => {
      // The other tracks' blocks come at the same moment: all of them make one message.
      if (blocks.length === 0) setTimeout(sendBlocks, 10);
      blocks.push({ key, frame: data.frame, wallMs: data.wallMs, pcm: toBase64(data.pcm) });
    };
    close = () => {
      source.disconnect();
      node.port.onmessage = null;
      // What is only disconnected goes on to be run.
      node.port.postMessage('end');
      element.srcObject = null;
    };
  }

  function sendBlocks(): void {
    say({ type: 'audio', page, blocks });
    blocks = [];
  }

  function toBase64(pcm: ArrayBuffer): string {
    return btoa(String.fromCharCode(...new Uint8Array(pcm)));
  }

  /** Not every way in which a track ends has an event. */
  function isOver({ track, connection, transceiver }: Tap): boolean {
    const direction = transceiver.currentDirection;
    return (
      track.readyState === 'ended' ||
      connection.signalingState === 'closed' ||
      (direction !== null && direction !== 'recvonly' && direction !== 'sendrecv')
    );
  }

  const sayAgainMs = 2_000;
  let last = '';
  let lastSaidAt = 0;
  function lookAround(): void {
    for (const [track, each] of taps) {
      if (!isOver(each)) continue;
      each.close();
      taps.delete(track);
    }
    let found: Look;
    try {
      found = look([...taps.values()]);
    } catch {
      // A page that is still being built has not what is looked for.
      return;
    }
    const text = JSON.stringify(found);
    // Said again where nothing is new: a page that says nothing any more is gone.
    if (text === last && Date.now() - lastSaidAt < sayAgainMs) return;
    last = text;
    lastSaidAt = Date.now();
    say({ type: 'look', page, ...found });
  }

  const Tapped = class RTCPeerConnection extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener('track', (event) => void tap(this, event));
    }
  };
  const target = globalThis as unknown as Record<string, unknown>;
  target.RTCPeerConnection = Tapped;
  target.webkitRTCPeerConnection = Tapped;
  setInterval(lookAround, lookIntervalMs);
}
