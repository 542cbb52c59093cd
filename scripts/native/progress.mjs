const plainStep = 25;

/**
 * Shows how far a build is: one line that changes on a terminal, a few plain lines elsewhere.
 * @param {NodeJS.WriteStream} stream
 */
export function createProgress(stream) {
  let last = -1;

  return {
    /** Takes a line of ninja (`[3/40] …`) or make (`[ 12%] …`); others are ignored. */
    line(text) {
      const percent = percentOf(text);
      if (percent === null || percent <= last) return;
      if (stream.isTTY) stream.write(`\r\x1b[K  ${bar(percent)} ${percent} %`);
      else if (Math.floor(percent / plainStep) > Math.floor(last / plainStep)) {
        stream.write(`  ${percent} % built\n`);
      }
      last = percent;
    },
    end() {
      if (stream.isTTY && last >= 0) stream.write('\r\x1b[K');
    },
  };
}

function percentOf(text) {
  const ninja = /^\[(\d+)\/(\d+)\]/.exec(text);
  if (ninja) return Math.floor((100 * Number(ninja[1])) / Number(ninja[2]));
  const make = /^\[ *(\d+)%\]/.exec(text);
  return make ? Number(make[1]) : null;
}

function bar(percent) {
  const full = Math.round(percent / 5);
  return '█'.repeat(full) + '░'.repeat(20 - full);
}
