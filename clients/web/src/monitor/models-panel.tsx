import type { ModelStats, Stats } from '../../../js/src/index.js';
import { client, models as known } from '../gateway.js';
import { type TextKey, t } from '../i18n/index.js';
import { type Action, Outcome, useAction } from './action.js';
import { bytes, duration, number } from './amounts.js';

/** What can be done with a model. */
const verbs = {
  load: (model: string) => client.admin.loadModel(model),
  unload: (model: string) => client.admin.unloadModel(model),
  switch: (model: string) => client.admin.switchModel(model),
} as const;
type Verb = keyof typeof verbs;

/** Models that can be asked for, what is loaded first. */
export function ModelsPanel({ stats }: { stats: Stats }) {
  const action = useAction();
  const loaded = new Map(stats.models.map((model) => [model.model, model]));
  const others = known.value.map(({ id }) => id).filter((id) => !loaded.has(id));
  const names = [...loaded.keys(), ...others];
  const columns = ['name', 'state', 'users', 'memory'] as const;
  return (
    <section class="panel" aria-labelledby="models-title">
      <h2 id="models-title">{t('models')}</h2>
      {names.length === 0 && <p class="nothing">{t('models_empty')}</p>}
      {names.length > 0 && (
        <table class="stacks">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col" data-column={column}>
                  {t(`model_${column}`)}
                </th>
              ))}
              <th scope="col">
                <span class="hidden">{t('model_actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <ModelRow key={name} name={name} model={loaded.get(name)} action={action} />
            ))}
          </tbody>
        </table>
      )}
      <Outcome of={action} />
    </section>
  );
}

interface ModelRowProps {
  readonly name: string;
  /** Undefined where it is not loaded. */
  readonly model: ModelStats | undefined;
  readonly action: Action;
}

function ModelRow({ name, model, action }: ModelRowProps) {
  const isDefault = model?.default ?? false;
  const mayUnload = model?.state === 'loaded' && model.idle_ms !== null;
  return (
    <tr>
      <th scope="row">
        <span class="who">{name}</span>
        {isDefault && <span class="badge">{t('model_is_default')}</span>}
      </th>
      <td data-label={t('model_state')}>{stateOf(model)}</td>
      <td data-label={t('model_users')} class="figure">
        {model ? number(model.users) : '–'}
      </td>
      <td data-label={t('model_memory')} class="figure">
        {model && model.memory_bytes > 0 ? bytes(model.memory_bytes) : '–'}
      </td>
      <td class="row-actions">
        {!model && <ModelButton verb="load" name={name} action={action} />}
        {mayUnload && <ModelButton verb="unload" name={name} action={action} />}
        {!isDefault && <ModelButton verb="switch" name={name} action={action} />}
      </td>
    </tr>
  );
}

function ModelButton({ verb, name, action }: { verb: Verb; name: string; action: Action }) {
  const own = `${verb} ${name}`;
  return (
    <button
      type="button"
      class="outlined"
      aria-label={t(`model_${verb}_label`, { model: name })}
      disabled={action.busy.value !== null}
      aria-busy={action.busy.value === own}
      onClick={() =>
        void action.run(own, async () => {
          await verbs[verb](name);
          return t(`model_done_${verb}` satisfies TextKey, { model: name });
        })
      }
    >
      {t(`model_${verb}`)}
    </button>
  );
}

function stateOf(model: ModelStats | undefined): string {
  if (!model) return t('model_not_loaded');
  if (model.state === 'loading') return t('model_loading');
  return model.idle_ms === null
    ? t('model_loaded')
    : t('model_idle', { age: duration(model.idle_ms) });
}
