/**
 * A position as subtitles write it: `01:02:03.456`; 100 hours and more simply have more digits.
 * @param separator Before the milliseconds: `.` in WebVTT, `,` in SRT.
 */
export function clockTime(ms: number, separator: '.' | ','): string {
  const whole = Math.max(0, Math.round(ms));
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const [hours, minutes, seconds] = [
    whole / 3_600_000,
    (whole / 60_000) % 60,
    (whole / 1_000) % 60,
  ];
  const rest = String(whole % 1_000).padStart(3, '0');
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${separator}${rest}`;
}
