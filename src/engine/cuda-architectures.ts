/**
 * Whether GPU code that was compiled for these architectures runs on a GPU. Machine code runs on the
 * compute capability it was made for and on later ones of the same major version; portable code runs
 * on every later one, since the driver translates it. `90a` and the like run on their own only.
 * Source: CUDA C++ Programming Guide, "Compute Capabilities" and "Application Compatibility".
 * @param architectures As CMake takes them, with commas: `75-virtual,86-real,90`.
 * @param computeCapability Such as `8.6`; null, which is not known, is taken to be right.
 */
export function runsOn(architectures: string, computeCapability: string | null): boolean {
  if (computeCapability === null) return true;
  const [major = 0, minor = 0] = computeCapability.split('.').map(Number);
  return architectures.split(',').some((architecture) => covers(architecture, major, minor));
}

/**
 * What to say where there are GPUs and the code runs on none of them; null otherwise.
 * @param computeCapabilities Those of the GPUs.
 */
export function codeProblem(
  architectures: string,
  computeCapabilities: readonly (string | null)[],
): string | null {
  const foreign = computeCapabilities.filter((each) => !runsOn(architectures, each));
  if (foreign.length === 0 || foreign.length < computeCapabilities.length) return null;
  const wanted = [...new Set(foreign)].map((each) => each?.replace('.', '')).join(';');
  return (
    `The addon was compiled for GPUs of another kind (${architectures}). Build it for this one: ` +
    `npm run build:native -- --backend=cuda --cuda-architectures='${wanted}'`
  );
}

function covers(architecture: string, major: number, minor: number): boolean {
  const [, digits, special, form] = /^(\d+)([af]?)(-real|-virtual)?$/.exec(architecture) ?? [];
  // "native" and "all" say nothing here that could be compared.
  if (!digits) return true;
  const ofMajor = Number(digits.slice(0, -1));
  const ofMinor = Number(digits.slice(-1));
  if (special === 'a') return ofMajor === major && ofMinor === minor;
  const sameMajor = ofMajor === major && ofMinor <= minor;
  if (special === 'f' || form === '-real') return sameMajor;
  return sameMajor || ofMajor < major;
}
