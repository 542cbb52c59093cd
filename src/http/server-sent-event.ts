/** One server-sent event with JSON in it, as OpenAI's clients read them. */
export function serverSentEvent(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
