import { effect, signal } from '@preact/signals';

const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
const interfaceLanguages = ['en', 'zh'] as const;
export type InterfaceLanguage = (typeof interfaceLanguages)[number];
const taskChoices = ['transcribe', 'translate'] as const;
const channelChoices = ['mixed', 'split'] as const;

/** Where this browser keeps them. */
const storageKey = 'whisper-gateway';

const stored = read();

/** What a person chose, kept in this browser. */
export const settings = {
  theme: signal<Theme>(oneOf(themes, stored.theme) ?? 'system'),
  interfaceLanguage: signal<InterfaceLanguage>(
    oneOf(interfaceLanguages, stored.interfaceLanguage) ?? browserLanguage(),
  ),
  /** Of the speech: a code, or `auto`. */
  spoken: signal(stored.spoken ?? 'auto'),
  /** Empty: the gateway's own. */
  model: signal(stored.model ?? ''),
  /** Empty: the browser's choice. */
  microphone: signal(stored.microphone ?? ''),
  /** Of files; empty: the gateway's own. */
  fileModel: signal(stored.fileModel ?? ''),
  /** Of files: a code, or `auto`. */
  fileLanguage: signal(stored.fileLanguage ?? 'auto'),
  fileTask: signal(oneOf(taskChoices, stored.fileTask) ?? 'transcribe'),
  fileChannels: signal(oneOf(channelChoices, stored.fileChannels) ?? 'mixed'),
  /** What is said can be watched in it; empty: one by chance, as long as the page is open. */
  room: signal(stored.room ?? ''),
  /** How overlays are to look: the query of their address. */
  overlay: signal(stored.overlay ?? ''),
  shortcuts: signal(stored.shortcuts !== 'off'),
};

effect(() => {
  const { theme, interfaceLanguage, spoken, model, microphone, shortcuts } = settings;
  const { room, overlay, fileModel, fileLanguage, fileTask, fileChannels } = settings;
  const values = {
    theme: theme.value,
    interfaceLanguage: interfaceLanguage.value,
    spoken: spoken.value,
    model: model.value,
    microphone: microphone.value,
    fileModel: fileModel.value,
    fileLanguage: fileLanguage.value,
    fileTask: fileTask.value,
    fileChannels: fileChannels.value,
    room: room.value,
    overlay: overlay.value,
    shortcuts: shortcuts.value ? 'on' : 'off',
  };
  try {
    localStorage.setItem(storageKey, JSON.stringify(values));
  } catch {
    // A browser that keeps nothing works as well; it only forgets.
  }
});

effect(() => {
  const { dataset } = document.documentElement;
  if (settings.theme.value === 'system') delete dataset.theme;
  else dataset.theme = settings.theme.value;
});

effect(() => {
  document.documentElement.lang = settings.interfaceLanguage.value === 'zh' ? 'zh-CN' : 'en';
});

export function nextTheme(): void {
  const { theme } = settings;
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system';
}

export function nextInterfaceLanguage(): void {
  const { interfaceLanguage } = settings;
  interfaceLanguage.value = interfaceLanguage.value === 'en' ? 'zh' : 'en';
}

function read(): Record<string, string | undefined> {
  try {
    return JSON.parse(localStorage.getItem(storageKey) ?? '{}');
  } catch {
    return {};
  }
}

function oneOf<T extends string>(values: readonly T[], value: string | undefined): T | undefined {
  return values.find((each) => each === value);
}

function browserLanguage(): InterfaceLanguage {
  return navigator.language.startsWith('zh') ? 'zh' : 'en';
}
