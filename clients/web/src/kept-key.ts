const name = 'whisper-gateway-key';
/** The key where the browser keeps nothing: as long as the page is open. */
let unkept = '';

/** Empty where none was entered. */
export function keptKey(): string {
  try {
    return sessionStorage.getItem(name) ?? localStorage.getItem(name) ?? unkept;
  } catch {
    // Where site data is blocked even a look at it throws.
    return unkept;
  }
}

/** For this tab, unless somebody says that the browser is theirs alone. */
export function keepKey(key: string, lasting: boolean): void {
  dropKey();
  try {
    (lasting ? localStorage : sessionStorage).setItem(name, key);
  } catch {
    unkept = key;
  }
}

/** Wherever it is kept. */
export function dropKey(): void {
  unkept = '';
  try {
    for (const storage of [sessionStorage, localStorage]) storage.removeItem(name);
  } catch {
    // What cannot be looked at holds nothing.
  }
}
