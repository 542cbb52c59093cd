import type { ComponentChildren } from 'preact';
import {
  type OverlayOptions,
  type OverlayParameter,
  overlayParameters,
} from '../../../overlay/src/overlay-parameters.js';
import { type TextKey, t } from '../i18n/index.js';
import { overlayOptions } from './room.js';
import { setOption } from './set-option.js';

type NamesOf<T> = {
  [K in OverlayParameter]: OverlayOptions[K] extends T ? K : never;
}[OverlayParameter];
type NumberName = Exclude<NamesOf<number>, 'weight'>;
type ChoiceName = 'tentative' | 'edge' | 'position' | 'align' | 'speakers';

function Field({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children.
    <label class="choice">
      <span>{label}</span>
      {children}
    </label>
  );
}

/** @param scale What one unit of the parameter is in the field: 0.001 shows ms as seconds. */
export function RangeField({ name, scale = 1 }: { name: NumberName; scale?: number }) {
  const { min, max, step } = overlayParameters[name];
  const value = overlayOptions.value[name];
  return (
    <Range
      label={t(`overlay_${name}` as TextKey)}
      value={value * scale}
      min={min * scale}
      max={Math.min(max, mostOf[name] ?? max) * scale}
      step={step * scale}
      onInput={(next) => setOption(name, Math.round(next / scale / step) * step)}
    />
  );
}

/** What is too much to be chosen with a slider; addresses may say more. */
const mostOf: Readonly<Partial<Record<NumberName, number>>> = {
  chars: 80,
  size: 15,
  margin: 15,
  lines: 6,
  min_ms: 6_000,
  clear_ms: 30_000,
};

interface RangeProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly onInput: (value: number) => void;
}

export function Range({ label, value, onInput, ...bounds }: RangeProps) {
  const share = (value - bounds.min) / (bounds.max - bounds.min);
  return (
    <Field label={label}>
      <span class="range">
        <input
          type="range"
          // Its value is no part of its name.
          aria-label={label}
          value={value}
          {...bounds}
          style={{ '--share': `${Math.min(1, share) * 100}%` }}
          onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
        />
        {/* No output, which would be read out beside the slider that has just said the same. */}
        <span class="range-value">{Number(value.toFixed(1))}</span>
      </span>
    </Field>
  );
}

export function ChoiceField({ name }: { name: ChoiceName }) {
  const choices: readonly string[] = overlayParameters[name].choices;
  return (
    <SelectField
      label={t(`overlay_${name}`)}
      value={overlayOptions.value[name]}
      options={choices.map((value) => ({ value, name: t(`overlay_${name}_${value}` as TextKey) }))}
      onChange={(value) => setOption(name, value as OverlayOptions[typeof name])}
    />
  );
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly name: string }[];
  readonly onChange: (value: string) => void;
}

export function SelectField({ label, value, options, onChange }: SelectProps) {
  return (
    <Field label={label}>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {option.name}
          </option>
        ))}
      </select>
    </Field>
  );
}

export function TextField({ name, hint }: { name: 'font' | 'colors'; hint?: string }) {
  return (
    <Field label={t(`overlay_${name}`)}>
      <input
        type="text"
        value={overlayOptions.value[name]}
        placeholder={hint}
        autocomplete="off"
        spellcheck={false}
        onChange={(event) => {
          const value = overlayParameters[name].parse(event.currentTarget.value.trim());
          setOption(name, value || overlayParameters[name].fallback);
          event.currentTarget.value = overlayOptions.value[name];
        }}
      />
    </Field>
  );
}

/** The colour of a parameter without how opaque it is. */
export function ColourField({ name }: { name: 'color' | 'background' }) {
  const value = overlayOptions.value[name];
  const label = t(`overlay_${name}`);
  const shown = `#${/^[0-9a-f]{6}/.exec(value)?.[0] ?? '000000'}`;
  return (
    <Field label={label}>
      <span class="colour">
        <input
          type="color"
          // Its value is no part of its name.
          aria-label={label}
          value={shown}
          onInput={(event) => setOption(name, event.currentTarget.value.slice(1) + value.slice(6))}
        />
        <code>{shown}</code>
      </span>
    </Field>
  );
}
