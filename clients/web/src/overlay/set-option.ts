import {
  defaultOptions,
  type OverlayOptions,
  type OverlayParameter,
  toQuery,
} from '../../../overlay/src/overlay-parameters.js';
import { settings } from '../settings.js';
import { overlayOptions } from './room.js';

export function setOption<K extends OverlayParameter>(name: K, value: OverlayOptions[K]): void {
  settings.overlay.value = toQuery({ ...overlayOptions.value, [name]: value });
}

export function resetOptions(): void {
  settings.overlay.value = toQuery(defaultOptions);
}
