import { t } from '../i18n/index.js';

/** Three are enough for people; the gateway knows two hundred. */
export function priorities(current = 0): { readonly value: number; readonly name: string }[] {
  const named = [
    { value: 10, name: t('priority_high') },
    { value: 0, name: t('priority_normal') },
    { value: -10, name: t('priority_low') },
  ];
  if (named.some(({ value }) => value === current)) return named;
  return [...named, { value: current, name: String(current) }];
}
