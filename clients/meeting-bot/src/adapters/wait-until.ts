const pollMs = 200;

/** Waits for something that no event tells. @returns Whether it came true before `deadline`. */
export async function waitUntil(
  deadline: number,
  isTrue: () => boolean | Promise<boolean>,
): Promise<boolean> {
  while (!(await isTrue())) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return true;
}
