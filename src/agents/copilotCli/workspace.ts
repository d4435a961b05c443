/**
 * The keys of a `workspace.yaml`: a flat list of scalars, as the agent writes it. Anything that is not plainly such a
 * line (nested, multi-line, of another kind) is left out.
 */
export function readWorkspaceFile(text: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const line of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
    const match = /^([A-Za-z_][\w-]*):[ \t]+(\S.*?)[ \t]*$/.exec(line);
    const value = match === null ? undefined : scalar(match[2] as string);
    if (match !== null && value !== undefined) keys.set(match[1] as string, value);
  }
  return keys;
}

function scalar(text: string): string | undefined {
  if (text.startsWith("'")) {
    return /^'(?:[^']|'')*'$/.test(text) ? text.slice(1, -1).replaceAll("''", "'") : undefined;
  }
  if (text.startsWith('"')) {
    try {
      // Of the escapes in double quotes, JSON has those that occur.
      return String(JSON.parse(text));
    } catch {
      // Not a scalar on one line: left out, as said above.
      return undefined;
    }
  }
  if (/^[|>&*!%@`[\]{}#]/.test(text)) return undefined;
  const plain = text.replace(/\s+#.*$/, '');
  return plain === '' || plain === 'null' || plain === '~' ? undefined : plain;
}

/** Values as JSON texts, which YAML takes for what they are. */
export function workspaceFile(keys: Readonly<Record<string, string | boolean>>): string {
  return Object.entries(keys)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('');
}
