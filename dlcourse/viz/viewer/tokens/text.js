// A token as it can be seen: blanks and line ends have signs of their own.

const SIGNS = { " ": "␣", "\n": "↵", "\t": "⇥", "": "∅" };

/** The token with what is invisible made visible. */
export const visible = (token) => (token in SIGNS ? SIGNS[token] : token.replace(/[\n\t]/g, (sign) => SIGNS[sign]));

/** The token in a sentence: “e”, or the word for what has no sign. */
export function spoken(token) {
  const words = { " ": "a blank", "\n": "a new line", "\t": "a tab", "": "an empty token" };
  return words[token] ?? `“${token}”`;
}
