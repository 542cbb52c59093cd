/** A channel as people count: the first is 1. */
export function channelName(channel: number): string {
  return `Channel ${channel + 1}`;
}
