// npm run bench -- voices: beside eSpeak NG's, the voices that `whisper-gateway models list` shows as here.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../dist/config/index.js';
import { createGateway } from '../dist/gateway/index.js';
import { words } from './live/measure/tokens.mjs';
import { errorRate } from './support/error-rate.mjs';

export const question = 'What does the embedded model understand of each voice?';

/** What is spoken, by the first part of a language's tag; without numbers, which may be written in two ways. */
const texts = {
  en:
    'The library opens early in the morning and closes when the sun goes down. ' +
    'Please send the report to the whole team before Friday, and call me if you have any questions. ' +
    'My sister bought fresh bread and a bottle of milk on her way home. ' +
    'After the storm the streets were full of leaves, but nobody was hurt.',
  de:
    'Die Bibliothek öffnet früh am Morgen und schließt, wenn die Sonne untergeht. ' +
    'Bitte schicken Sie den Bericht vor Freitag an alle. ' +
    'Meine Schwester hat auf dem Heimweg frisches Brot und eine Flasche Milch gekauft. ' +
    'Nach dem Sturm lagen überall Blätter auf den Straßen.',
  fr:
    'La bibliothèque ouvre tôt le matin et ferme quand le soleil se couche. ' +
    'Envoyez le rapport à toute l’équipe avant vendredi. ' +
    'Ma sœur a acheté du pain frais et une bouteille de lait en rentrant à la maison. ' +
    'Après la tempête, les rues étaient pleines de feuilles.',
  es:
    'La biblioteca abre temprano por la mañana y cierra cuando se pone el sol. ' +
    'Por favor, envíe el informe a todo el equipo antes del viernes. ' +
    'Mi hermana compró pan fresco y una botella de leche de camino a casa. ' +
    'Después de la tormenta las calles estaban llenas de hojas.',
  ru:
    'Библиотека открывается рано утром и закрывается, когда заходит солнце. ' +
    'Пожалуйста, отправьте отчёт всей команде до пятницы. ' +
    'Моя сестра купила свежий хлеб и бутылку молока по дороге домой. ' +
    'После бури улицы были полны листьев.',
  zh:
    '图书馆早上很早开门，太阳下山的时候关门。' +
    '请在星期五以前把报告发给大家。' +
    '我妹妹在回家的路上买了新鲜的面包和一瓶牛奶。' +
    '暴风雨过后，街上到处都是树叶。',
};

/** Voices of eSpeak NG beside those that OpenAI's names stand for. */
const espeakLanguages = ['en-us', 'en-gb', 'de', 'fr-fr', 'es', 'ru', 'cmn'];
/** Of a model that has more. */
const maxSpeakers = 2;

/** Each voice speaks a text, and the gateway that it belongs to transcribes what was said. */
export async function measure() {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-voices-'));
  const config = { port: 0, logLevel: 'silent', dataDir };
  const gateway = await createGateway(loadConfig(config, {}));
  try {
    const rows = [];
    for (const voice of await chosenVoices(gateway.url)) {
      rows.push(await rowOf(gateway.url, voice));
      console.log(`  ${rows.at(-1).join(', ')}`);
    }
    return { columns: ['voice', 'model', 'language', 'words', 'wrong'], rows };
  } finally {
    await gateway.close();
    rmSync(dataDir, { recursive: true });
  }
}

async function chosenVoices(url) {
  const response = await fetch(`${url}/v1/voices`);
  const { data: voices } = await response.json();
  const [espeak, neural] = [[], []];
  for (const voice of voices) {
    if (voice.model !== 'espeak-ng') neural.push(voice);
    else if (voice.language === null || espeakLanguages.includes(voice.id)) espeak.push(voice);
  }
  const spoken = new Map();
  for (const voice of neural) {
    const before = spoken.get(voice.model) ?? [];
    if (before.length < maxSpeakers) spoken.set(voice.model, [...before, voice]);
  }
  return [...[...spoken.values()].flat(), ...espeak];
}

async function rowOf(url, voice) {
  const [base] = (voice.language ?? 'en').split('-');
  const language = base === 'cmn' ? 'zh' : base;
  const text = texts[language];
  if (!text) return [voice.id, voice.model, voice.language, '', 'no text to speak'];
  const heard = await transcribe(url, await speak(url, voice, text), language);
  const share = (100 * errorRate(text, heard)).toFixed(1);
  const name = voice.model === 'espeak-ng' ? voice.name : voice.model;
  return [`\`${voice.id}\``, name, language, words(text).length, `${share} %`];
}

async function speak(url, { model, id }, input) {
  const response = await fetch(`${url}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, voice: id, input, response_format: 'flac' }),
  });
  if (!response.ok) throw new Error(await response.text());
  return await response.blob();
}

async function transcribe(url, audio, language) {
  const body = new FormData();
  body.set('file', audio, 'speech.flac');
  body.set('model', 'whisper-1');
  body.set('language', language);
  body.set('response_format', 'text');
  const response = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body });
  if (!response.ok) throw new Error(await response.text());
  return await response.text();
}
