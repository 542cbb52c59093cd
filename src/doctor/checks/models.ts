import { GatewayError } from '../../errors/index.js';
import {
  checkModel,
  describeBytes,
  embeddedModel,
  embeddedPath,
  embeddedProblem,
  embeddedVoiceActivityModel,
  findInCatalog,
  type KnownModel,
  type ListedModel,
  listFurtherModels,
  type PullEvent,
  pullModel,
  resolveModel,
  restoreEmbedded,
} from '../../models/index.js';
import {
  type Check,
  error,
  type Outcome,
  ok,
  type Patient,
  type Repair,
  warning,
} from '../check.js';

export const embeddedSpeech = embedded('embedded_model', 'Embedded model', embeddedModel);
export const voiceActivity = embedded(
  'voice_activity_model',
  'Voice activity',
  embeddedVoiceActivityModel,
);

function embedded(id: string, title: string, model: KnownModel): Check {
  return {
    id,
    group: 'Models',
    title,
    async run({ modelsDir }) {
      const path = await embeddedPath(model, modelsDir);
      const problem = await embeddedProblem(model, path);
      if (!problem) return ok(`${model.name}, and its checksum is right`);
      return error(
        `${path} ${problem}`,
        `Restore it from git: git checkout -- models/${model.file}`,
        { does: `Restores ${model.file} from git`, run: () => restoreEmbedded(model, path) },
      );
    },
  };
}

/** The model that the gateway starts with. */
export const configuredModel: Check = {
  id: 'model',
  group: 'Models',
  title: 'MODEL',
  async run(patient) {
    const { model } = patient.config;
    if (model === embeddedModel.name) return ok(`${model}, the embedded one`);
    try {
      await resolveModel(model, patient.modelsDir);
      return ok(model);
    } catch (thrown) {
      const { message } = GatewayError.from(thrown);
      const repair = pulling(model, patient);
      return error(
        message,
        'Choose another with MODEL: "whisper-gateway models list" shows them.',
        repair,
      );
    }
  },
};

export const otherModels: Check = {
  id: 'other_models',
  group: 'Models',
  title: 'Other models',
  async run(patient) {
    const { config, modelsDir } = patient;
    const listed = await listFurtherModels(modelsDir);
    const here = listed.filter((model) => model.path !== null);
    for (const model of here.filter(({ name }) => name !== config.model)) {
      const problem = await problemOf(model);
      if (problem) return damaged(model, problem, patient);
    }
    const part = listed.find((model) => model.partBytes > 0);
    if (part) {
      return warning(
        `The download of ${part.name} is unfinished: ${describeBytes(part.partBytes)} are here`,
        `Finish it with "whisper-gateway models pull ${part.name}", or remove it with "models remove".`,
      );
    }
    return ok(here.length === 0 ? 'none' : here.map((model) => model.name).join(', '));
  },
};

async function problemOf({ name, path, check }: ListedModel): Promise<string | null> {
  const known = check?.state === 'unread' ? await checkModel(name, path ?? '') : check;
  return known?.state === 'damaged' ? known.problem : null;
}

function damaged({ name, path }: ListedModel, problem: string, patient: Patient): Outcome {
  const remedy = findInCatalog(name)
    ? `Get it anew: whisper-gateway models pull ${name}`
    : `Remove the file, or put a whole one in its place: ${path}`;
  return warning(`${path} ${problem}`, remedy, pulling(name, patient));
}

/** Undefined for what is no model of the catalogue. */
function pulling(name: string, { config, modelsDir: dir }: Patient): Repair | undefined {
  const model = findInCatalog(name);
  if (!model) return undefined;
  return {
    does: `Downloads ${name}, ${describeBytes(model.bytes)}`,
    async run(say) {
      let tenths = 0;
      const onEvent = (event: PullEvent) => {
        if (event.type === 'retrying') say(`Trying again: ${event.reason}`);
        if (event.type !== 'downloading' || event.bytes < ((tenths + 1) * model.bytes) / 10) return;
        tenths = Math.floor((10 * event.bytes) / model.bytes);
        say(`${tenths * 10} % are here`);
      };
      await pullModel(model, { dir, hubUrl: config.hubUrl, onEvent });
    },
  };
}
