/** Characters in a token of text: OpenAI's rule of thumb. */
const charsPerToken = 4;

/** How many tokens a text counts as. */
export function textTokens(text: string): number {
  return Math.ceil(text.length / charsPerToken);
}
