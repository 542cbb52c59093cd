/**
 * Records the microphone as any page would, streams the pieces as they come, and returns them too.
 * Runs in the page; the test calls it.
 */
async function recordAndStream(url, seconds) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`);
  const finals = [];
  const failures = [];
  const closed = new Promise((resolve) => {
    socket.onclose = (event) => resolve(event.code);
  });
  const started = new Promise((resolve, reject) => {
    void closed.then((code) => reject(new Error(`closed with ${code} before it began`)));
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.type === 'transcription_started') resolve();
      if (event.type === 'final') finals.push(event.text);
      if (event.type === 'transcription_failed') failures.push(event.code);
    };
  });
  socket.onopen = () => {
    socket.send(JSON.stringify({ type: 'start_transcription', language: 'en' }));
  };
  await started;
  const recorder = new MediaRecorder(stream);
  const pieces = [];
  recorder.ondataavailable = ({ data }) => {
    pieces.push(data);
    socket.send(data);
  };
  const recorded = new Promise((resolve) => {
    recorder.onstop = resolve;
  });
  recorder.start(250);
  setTimeout(() => recorder.stop(), seconds * 1000);
  await recorded;
  socket.send(JSON.stringify({ type: 'stop_transcription' }));
  const recording = Array.from(new Uint8Array(await new Blob(pieces).arrayBuffer()));
  return { mimeType: recorder.mimeType, recording, finals, failures, closed: await closed };
}
globalThis.recordAndStream = recordAndStream;
