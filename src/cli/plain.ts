import { escapeText } from '../core/index.ts';

/**
 * Session content is not trusted: an escape sequence in a title could repaint the terminal, a bidirectional override
 * could make a command read as another. Line feeds and tabs stay; every other control or direction character is shown
 * as its escape.
 */
export function plain(text: string): string {
  return escapeText(text.replaceAll('\r\n', '\n'));
}

/** The same for a text that must stay on one line. */
export function plainLine(text: string): string {
  return plain(text).replace(/[\n\t]+/g, ' ');
}

/** JSON on one line, in which the characters above stand as `\u` escapes; JSON itself leaves most of them raw. */
export function jsonText(value: unknown): string {
  return safeJson(JSON.stringify(value));
}

/** Any piece of a JSON text, with those characters escaped; it means the same. */
export function safeJson(text: string): string {
  return text.replace(UNSAFE_IN_JSON, escaped);
}

const UNSAFE_IN_JSON =
  /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\udb40-\udb43][\udc00-\udfff]/g;

/** JSON knows the escapes of UTF-16's units only: two for a character beyond the first 65,536. */
function escaped(character: string): string {
  return [0, 1]
    .slice(0, character.length)
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}
