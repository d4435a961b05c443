/** One file of an `apply_patch` text (codex-rs/apply-patch: "*** Begin Patch" ... "*** End Patch"). */
export interface FilePatch {
  readonly op: 'add' | 'update' | 'delete';
  readonly path: string;
  readonly moveTo?: string;
  /** The whole content of an added file. */
  readonly content?: string;
  readonly chunks: readonly Chunk[];
}

interface Chunk {
  /** The line after `@@`, to be found first. */
  readonly anchor: string;
  readonly old: readonly string[];
  readonly new: readonly string[];
}

/** The files of a patch; what is no patch has none. */
export function parsePatch(text: string): readonly FilePatch[] {
  const begin = text.indexOf('*** Begin Patch');
  if (begin === -1) return [];
  const files: (FilePatch & { lines: string[]; moveTo?: string })[] = [];
  for (const line of text.slice(begin).split('\n').slice(1)) {
    if (line.trimEnd() === '*** End Patch') break;
    const header = /^\*\*\* (Add|Update|Delete) File: (.+)$/.exec(line.trimEnd());
    const current = files.at(-1);
    if (header !== null) {
      const op = (header[1] as string).toLowerCase() as FilePatch['op'];
      files.push({ op, path: (header[2] as string).trim(), chunks: [], lines: [] });
    } else if (line.startsWith('*** Move to: ') && current !== undefined) {
      current.moveTo = line.slice('*** Move to: '.length).trim();
    } else current?.lines.push(line);
  }
  return files.map(({ lines, ...file }) =>
    file.op === 'add'
      ? { ...file, content: lines.flatMap((line) => (line.startsWith('+') ? [`${line.slice(1)}\n`] : [])).join('') }
      : { ...file, chunks: chunksOf(lines) },
  );
}

function chunksOf(lines: readonly string[]): readonly Chunk[] {
  const chunks: { anchor: string; old: string[]; new: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith('@@')) chunks.push({ anchor: line.slice(2).trim(), old: [], new: [] });
    else if (!line.startsWith('***')) {
      if (chunks.length === 0) chunks.push({ anchor: '', old: [], new: [] });
      const chunk = chunks.at(-1) as (typeof chunks)[number];
      if (!line.startsWith('+')) chunk.old.push(line.slice(1));
      if (!line.startsWith('-')) chunk.new.push(line.slice(1));
    }
  }
  return chunks.filter((chunk) => chunk.old.length + chunk.new.length > 0);
}

/**
 * The text after an update, as Codex makes it: chunks in order, each at the first place where its old lines stand, and
 * a newline at the end. Undefined where they do not stand exactly so (Codex also accepts other white space; that is
 * not certain enough to claim a content).
 */
export function applyPatch(text: string, patch: FilePatch): string | undefined {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const out: string[] = [];
  let at = 0;
  for (const chunk of patch.chunks) {
    if (chunk.anchor !== '') {
      const anchor = lines.indexOf(chunk.anchor, at);
      if (anchor === -1) return undefined;
      out.push(...lines.slice(at, anchor + 1));
      at = anchor + 1;
    }
    const found = chunk.old.length === 0 ? lines.length : find(lines, chunk.old, at);
    if (found === -1) return undefined;
    out.push(...lines.slice(at, found), ...chunk.new);
    at = found + chunk.old.length;
  }
  out.push(...lines.slice(at));
  return out.length === 0 ? '' : `${out.join('\n')}\n`;
}

function find(lines: readonly string[], wanted: readonly string[], from: number): number {
  for (let at = from; at + wanted.length <= lines.length; at += 1) {
    if (wanted.every((line, index) => lines[at + index] === line)) return at;
  }
  return -1;
}
