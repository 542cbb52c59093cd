const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** As `142 MiB` or `1.5 GiB`: a decimal below ten, none above. */
export function describeBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  const value = bytes / 2 ** (10 * power);
  return `${value.toFixed(power > 0 && value < 10 ? 1 : 0)} ${units[power]}`;
}
