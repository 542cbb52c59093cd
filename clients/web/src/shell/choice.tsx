export interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly name: string }[];
  readonly disabled?: boolean;
  readonly onChange: (value: string) => void;
}

/** One of several, with its label above. */
export function Choice({ label, value, options, disabled = false, onChange }: ChoiceProps) {
  // What was chosen once may be gone: a model removed, a microphone unplugged.
  const current = options.some((option) => option.value === value) ? value : options[0]?.value;
  return (
    <label class="choice">
      <span>{label}</span>
      <select
        value={current ?? ''}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === current}>
            {option.name}
          </option>
        ))}
      </select>
    </label>
  );
}
