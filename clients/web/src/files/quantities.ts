import { locale, t } from '../i18n/index.js';

/** Seconds as a clock shows them: `0:07`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60];
  const head = hours > 0 ? `${hours}:${two(minutes)}` : String(minutes);
  return `${head}:${two(whole % 60)}`;
}

/** Bytes in the largest unit that leaves a whole number. */
export function size(bytes: number): string {
  const units = ['kilobyte', 'megabyte', 'gigabyte'] as const;
  let value = bytes / 1_000;
  let index = 0;
  while (value >= 999.5 && index < units.length - 1) {
    value /= 1_000;
    index++;
  }
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: units[index] as string,
    unitDisplay: 'short',
    maximumFractionDigits: value < 10 && index > 0 ? 1 : 0,
  }).format(Math.max(value, 1));
}

/** How long it will take, as roughly as it is known. */
export function timeLeft(seconds: number): string {
  if (seconds < 55) return t('left_seconds', { n: String(Math.max(5, roundTo(seconds, 5))) });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t('left_minutes', { n: String(minutes) });
  return t('left_hours', { h: String(Math.floor(minutes / 60)), m: String(minutes % 60) });
}

/** A day and a time, as people there write them. */
export function moment(iso: string): string {
  return new Intl.DateTimeFormat(locale(), {
    dateStyle: 'medium',
    timeStyle: 'short',
  }).format(new Date(iso));
}

function roundTo(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
