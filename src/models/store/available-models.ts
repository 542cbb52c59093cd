import { stat } from 'node:fs/promises';
import { embeddedModel } from '../embedded.js';
import type { AvailableModel } from '../manager/model-source.js';
import { embeddedPath } from './embedded-file.js';
import { listFurtherModels } from './list-models.js';

/** The recognition models that can be loaded, as far as a glance tells; the embedded one first. */
export async function availableModels(dir: string): Promise<AvailableModel[]> {
  const { name } = embeddedModel;
  const embedded = { name, path: await embeddedPath(embeddedModel, dir), languages: 99 };
  const further = (await listFurtherModels(dir)).filter(
    ({ kind, check }) => kind === 'recognition' && check?.state !== 'damaged',
  );
  const found = [embedded, ...further].map(async (model): Promise<AvailableModel[]> => {
    const file = model.path && (await stat(model.path).catch(() => null));
    if (!file) return [];
    return [{ name: model.name, since: Math.round(file.mtimeMs), languages: model.languages }];
  });
  return (await Promise.all(found)).flat();
}
