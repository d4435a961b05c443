import { type FilePatch, parsePatch } from '../../codex/applyPatch.ts';
import { printedText } from '../../codex/items.ts';
import { list, object, string } from '../../shape.ts';
import { heredocPatch, shellReads } from '../../shell.ts';
import type { Dialect, NativeCall, NeutralCall } from '../neutralCall.ts';
import { addPatch, updatePatch } from '../patchText.ts';

const SHELLS = new Set(['exec_command', 'shell_command', 'shell', 'local_shell', 'container.exec']);

export const codex: Dialect = {
  read: (call) => {
    if (call.name === 'apply_patch') {
      const text = string(call.input) ?? string(object(call.input)?.['input']) ?? string(object(call.input)?.['patch']);
      return text === undefined ? undefined : patched(parsePatch(text));
    }
    return SHELLS.has(call.name) ? shell(call) : undefined;
  },
  write: (call, text) => {
    switch (call.kind) {
      case 'read':
        return readCommand(call);
      case 'edit': {
        const patch = updatePatch(call, text);
        return patch === undefined ? undefined : { name: 'apply_patch', input: patch };
      }
      case 'write': {
        const patch = addPatch(call);
        return patch === undefined ? undefined : { name: 'apply_patch', input: patch };
      }
      case 'shell':
        return {
          name: 'exec_command',
          input: { cmd: call.command, ...(call.cwd === undefined ? {} : { workdir: call.cwd }) },
        };
    }
  },
  readOutput: (_call, output) => printedText(output),
  writeOutput: (_call, output, failed) => `Exit code: ${failed ? 1 : 0}\nWall time: 0 seconds\nOutput:\n${output}`,
};

function shell({ input }: NativeCall): NeutralCall | undefined {
  const fields = object(input);
  if (fields === undefined) return undefined;
  const told = fields['cmd'] ?? fields['command'];
  const words = list(told).flatMap((word) => string(word) ?? []);
  const wrapped =
    words.length === 3 && /(?:^|\/)(?:ba|z|da)?sh$/.test(words[0] ?? '') && /^-\w*c$/.test(words[1] ?? '');
  const command = string(told) ?? (wrapped ? words[2] : undefined);
  if (command === undefined) return undefined;
  const patch = heredocPatch(command);
  if (patch !== undefined) return patched(parsePatch(patch));
  const cwd = string(fields['workdir']) ?? string(fields['working_directory']);
  const reads = shellReads(command);
  const [read] = reads;
  // A relative path of another folder than the session's own is not known to who reads the call alone.
  if (read !== undefined && reads.length === 1 && read.alone !== undefined && cwd === undefined) {
    const { lines } = read.alone;
    return { kind: 'read', path: read.path, ...(lines === undefined ? {} : { offset: 1, limit: lines }) };
  }
  return { kind: 'shell', command, ...(cwd === undefined ? {} : { cwd }) };
}

/** A patch of one place in one file, or one that adds a file. */
function patched(files: readonly FilePatch[]): NeutralCall | undefined {
  const [file] = files;
  if (file === undefined || files.length > 1 || file.moveTo !== undefined) return undefined;
  if (file.op === 'add') return { kind: 'write', path: file.path, content: file.content ?? '' };
  const [chunk] = file.chunks;
  if (file.op !== 'update' || chunk === undefined || file.chunks.length > 1 || chunk.old.length === 0) return undefined;
  return { kind: 'edit', path: file.path, before: chunk.old.join('\n'), after: chunk.new.join('\n') };
}

/** As the agent reads files itself: by the shell. A name that a shell would take apart is quoted. */
function readCommand({ path, offset, limit }: NeutralCall & { readonly kind: 'read' }): NativeCall | undefined {
  if (/[\r\n]/.test(path)) return undefined;
  const name = path.startsWith('-') ? `./${path}` : path;
  const word = /^[\w@%+=:,./-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
  if (offset === undefined && limit === undefined) return { name: 'exec_command', input: { cmd: `cat ${word}` } };
  const first = offset ?? 1;
  const last = limit === undefined ? '$' : String(first + limit - 1);
  return { name: 'exec_command', input: { cmd: `sed -n '${first},${last}p' ${word}` } };
}
