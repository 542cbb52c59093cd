import type { Capture, CaptureListener } from './capture.js';

/** How much one piece of a recording holds. */
const pieceMs = 250;
const levelIntervalMs = 50;
const containers = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4'];

/** Encoded audio by MediaRecorder, for browsers without AudioWorklet. */
export function captureRecorded(stream: MediaStream, listener: CaptureListener): Capture {
  const mimeType = containers.find((type) => MediaRecorder.isTypeSupported(type));
  const meter = measureLevel(stream, listener);
  let { recorder, ended } = record();

  function record(): { recorder: MediaRecorder; ended: Promise<void> } {
    const own = new MediaRecorder(stream, {
      ...(mimeType && { mimeType }),
      audioBitsPerSecond: 48_000,
    });
    // Reading a piece takes a moment, and the next one must not overtake it.
    let before = Promise.resolve();
    own.ondataavailable = ({ data }) => {
      before = before.then(async () => {
        const bytes = new Uint8Array(await data.arrayBuffer());
        // What is left of a recording that was begun anew belongs to no session.
        if (own === recorder) listener.audio(bytes);
      });
    };
    const ended = new Promise<void>((resolve) => {
      own.onstop = () => resolve(before.catch(() => {}));
    });
    own.start(pieceMs);
    return { recorder: own, ended };
  }

  return {
    format: { format: 'auto' },
    restart() {
      const old = recorder;
      ({ recorder, ended } = record());
      old.stop();
    },
    close() {
      if (recorder.state !== 'inactive') recorder.stop();
      meter.close();
      return ended;
    },
  };
}

function measureLevel(stream: MediaStream, listener: CaptureListener): { close(): void } {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    listener.level(Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length));
  }, levelIntervalMs);
  return {
    close() {
      clearInterval(timer);
      void context.close();
    },
  };
}
