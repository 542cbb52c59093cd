import { locale, t } from '../i18n/index.js';

/** Numbers as people of the interface's language read them. */

const byteUnits = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

export function number(value: number): string {
  return format(value, {});
}

/** `0.8 s`, `12 s`, `3 min`. */
export function duration(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 10) return t('amount_seconds', { n: digits(seconds, 1) });
  if (seconds < 120) return t('amount_seconds', { n: number(Math.floor(seconds)) });
  const minutes = Math.floor(seconds / 60);
  return minutes < 120
    ? t('amount_minutes', { n: number(minutes) })
    : t('amount_hours', { n: number(Math.floor(minutes / 60)) });
}

export function bytes(value: number): string {
  const power = Math.max(1, Math.min(4, Math.floor(Math.log10(Math.max(value, 1)) / 3)));
  const amount = value / 1_000 ** power;
  const unit = byteUnits[power - 1] ?? 'kilobyte';
  return digits(amount, amount < 10 ? 1 : 0, { style: 'unit', unit, unitDisplay: 'short' });
}

/** `4:07`, or `1:04:07`. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const rest = `${String(s).padStart(2, '0')}`;
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${rest}` : `${m}:${rest}`;
}

export function timeOfDay(at: number): string {
  return new Date(at).toLocaleTimeString(locale());
}

/** A language by its name; codes without one as they are. */
export function languageName(code: string): string {
  if (code === 'auto') return t('session_unknown');
  const names = new Intl.DisplayNames([locale()], { type: 'language' });
  // Whisper has a code of its own for Javanese.
  return names.of(code === 'jw' ? 'jv' : code) ?? code;
}

/** `one session`, `3 sessions`. */
export function counted(what: 'sessions' | 'files', n: number): string {
  const which = n === 0 ? '0' : n === 1 ? '1' : 'n';
  return t(`monitor_${what}_${which}`, { n: number(n) });
}

function digits(value: number, count: number, more: Intl.NumberFormatOptions = {}): string {
  return format(value, { ...more, minimumFractionDigits: count, maximumFractionDigits: count });
}

function format(value: number, options: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(locale(), options).format(value);
}
