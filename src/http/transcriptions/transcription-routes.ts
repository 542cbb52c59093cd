import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access, Caller } from '../../access/index.js';
import {
  type PostProcessor,
  postProcessTranscript,
  segmentProcessing,
} from '../../post-processing/index.js';
import {
  type AdmittedRecording,
  collectTranscript,
  type RecordingEvent,
  type RecordingRequest,
} from '../../recording/index.js';
import { callerOf } from '../access/index.js';
import { endStalled } from '../end-stalled.js';
import type { RequestNames } from '../request-names.js';
import { limitsFor } from '../uploads/limits-for.js';
import { leaveBodiesUnread } from '../uploads/unread-bodies.js';
import { answer } from './answer.js';
import { receiveUpload, type UploadLimits } from './receive-upload.js';
import { transcriptionEvents } from './transcription-events.js';
import {
  parseTranscriptionForm,
  parseTranslationForm,
  type TranscriptionForm,
} from './transcription-form.js';
import { transcriptionOperation, translationOperation } from './transcription-operations.js';

/** What transcribes. */
export interface TranscriptionSource {
  /** @throws GatewayError where there is no room. */
  admit(left: AbortSignal): AdmittedRecording;
}

/** What these routes work with. */
export interface TranscriptionParts {
  readonly source: TranscriptionSource;
  readonly names: RequestNames;
  readonly limits: UploadLimits;
  readonly access: Pick<Access, 'requireAudio' | 'heard'>;
}

type Task = RecordingRequest['task'];

/** Events that wait for a slow reader: more than the text of the longest audio. */
const maxUnreadBytes = 16 * 1024 * 1024;

/** `POST /v1/audio/transcriptions` and `POST /v1/audio/translations`, as OpenAI has them. */
export function transcriptionRoutes(app: FastifyInstance, parts: TranscriptionParts): void {
  app.register((scope, _options, registered) => {
    leaveBodiesUnread(scope);
    const serve = (task: Task) => (request: FastifyRequest, reply: FastifyReply) =>
      transcribe({ ...parts, task, request, reply });
    scope.post('/v1/audio/transcriptions', transcriptionOperation, serve('transcribe'));
    scope.post('/v1/audio/translations', translationOperation, serve('translate'));
    registered();
  });
}

interface Call extends TranscriptionParts {
  readonly task: Task;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function transcribe(call: Call): Promise<FastifyReply> {
  const { task, reply, limits } = call;
  const { form, events, processor } = await begin(call);
  if (form.stream) {
    const process = processor.active ? segmentProcessing(processor, task) : null;
    return await sendEvents(reply, transcriptionEvents(events, form, process), limits);
  }
  const transcript = await collectTranscript(events, { language: form.language, task });
  const { contentType, body } = answer(postProcessTranscript(transcript, processor), form);
  return reply.type(contentType).send(body);
}

interface Begun {
  readonly form: TranscriptionForm;
  readonly events: AsyncIterable<RecordingEvent>;
  readonly processor: PostProcessor;
}

/** Lets a request in, reads it, and begins what it asks for. */
async function begin(call: Call): Promise<Begun> {
  const { task, request, reply, source, names, access } = call;
  const caller = callerOf(request);
  access.requireAudio(caller);
  const limits = limitsFor(caller, call.limits);
  const left = new AbortController();
  reply.raw.once('close', () => left.abort());
  const admitted = source.admit(left.signal);
  try {
    const { file, fields } = await receiveUpload(request.raw, limits, admitted.signal);
    try {
      const form =
        task === 'translate' ? parseTranslationForm(fields) : parseTranscriptionForm(fields);
      await names.assertModel(form.model);
      const processor = names.postProcessing.choose(form.post_processing);
      const asked = { ...toRequest(form, task), tenant: caller.id };
      return { form, events: metered(admitted.transcribe(file, asked), caller, access), processor };
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    admitted.leave();
    throw error;
  }
}

/** Writes down how much was heard, however it ends. */
async function* metered(
  events: AsyncIterable<RecordingEvent>,
  caller: Caller,
  access: Pick<Access, 'heard'>,
): AsyncGenerator<RecordingEvent> {
  let heardMs = 0;
  try {
    for await (const event of events) {
      heardMs = Math.max(heardMs, event.kind === 'end' ? event.durationMs : event.endMs);
      yield event;
    }
  } finally {
    access.heard(caller, heardMs);
  }
}

function toRequest(form: TranscriptionForm, task: Task): RecordingRequest {
  const { model, language, prompt, channels, chunking_strategy: chunking } = form;
  const speechThreshold = typeof chunking === 'object' ? chunking.threshold : undefined;
  return { model, language, task, prompt, channels, speechThreshold };
}

/** What fails before the first event still has a status of its own. */
async function sendEvents(
  reply: FastifyReply,
  lines: AsyncGenerator<string>,
  { uploadStallMs }: UploadLimits,
): Promise<FastifyReply> {
  const first = await lines.next();
  async function* all() {
    if (!first.done) yield first.value;
    yield* lines;
    // From here on nothing keeps a client that does not read.
    endStalled(reply, uploadStallMs);
  }
  return reply
    .type('text/event-stream; charset=utf-8')
    .headers({ 'cache-control': 'no-cache', 'x-accel-buffering': 'no' })
    .send(Readable.from(all(), { objectMode: false, highWaterMark: maxUnreadBytes }));
}
