import { useEffect, useRef } from 'preact/hooks';
import { Overlay } from '../../../overlay/src/overlay.js';
import type { OverlayOptions } from '../../../overlay/src/overlay-parameters.js';
import { settings } from '../settings.js';
import { SampleSpeech } from './sample-speech.js';

/** The overlay itself, small, while two people talk. */
export function OverlayPreview({ options }: { readonly options: OverlayOptions }) {
  const stage = useRef<HTMLDivElement>(null);
  const overlay = useRef<Overlay | null>(null);
  const sample = useRef<SampleSpeech | null>(null);
  const language = settings.interfaceLanguage.value;
  useEffect(() => {
    const speech = new SampleSpeech(language, (event) => overlay.current?.event(event));
    sample.current = speech;
    return () => speech.close();
  }, [language]);
  useEffect(() => {
    const root = document.createElement('div');
    stage.current?.replaceChildren(root);
    // They talk in the language of the interface, whichever is asked for.
    const shown = new Overlay(root, { ...options, language: '' });
    if (sample.current) shown.snapshot(sample.current.snapshot());
    overlay.current = shown;
    return () => shown.close();
  }, [options, language]);
  return <div ref={stage} class="stage" aria-hidden="true" />;
}
