import fs from 'node:fs';
import { ifThere } from './disk/files.ts';
import { MAX_NAME_BYTES, nameProblem } from './name.ts';

const MAX_LETTERS = 60;
/** Room for a number behind a name that is taken. */
const MAX_BYTES = MAX_NAME_BYTES - 8;

/** A valid name from any text: its first line's first letters, without what file systems forbid; `session` where nothing is left. */
export function validName(from: string): string {
  const clean = from
    .toWellFormed()
    .normalize('NFC')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd/\\<>:"|?*]+/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+/, '');
  const letters = [...new Intl.Segmenter().segment(clean.slice(0, 8 * MAX_LETTERS))].map(({ segment }) => segment);
  let name = '';
  for (const letter of letters.slice(0, MAX_LETTERS)) {
    if (Buffer.byteLength(name + letter) > MAX_BYTES) break;
    name += letter;
  }
  // Cut between words, where there are words; Chinese and Japanese have no spaces and are cut where they are full.
  const space = name.lastIndexOf(' ');
  if (name.length < clean.trimEnd().length && clean.charAt(name.length) !== ' ' && space > name.length / 2)
    name = name.slice(0, space);
  name = name.replace(/[. ]+$/, '');
  if (nameProblem(name) === undefined) return name;
  return nameProblem(`session ${name}`) === undefined ? `session ${name}` : 'session';
}

/** `name`, or the first of `name 2`, `name 3`, ... that no file of the folder has, whatever the disk thinks of case. */
export async function freeVariant(root: string, name: string): Promise<string> {
  const taken = new Set<string>();
  for (const fileName of (await ifThere(fs.promises.readdir(root))) ?? []) {
    const stem = fileName.replace(/(\.json|\.(journal|folding)\.jsonl)$/, '');
    if (stem !== fileName) taken.add(fold(stem));
  }
  let variant = name;
  for (let number = 2; taken.has(fold(variant)); number++) variant = `${name} ${number}`;
  return variant;
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
