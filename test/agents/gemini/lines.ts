/** Records of a Gemini session; ids are `u1`, `g2` …, later ones have later times. */
export const SID = '0a0a0a0a-0000-4000-8000-0000000000ff';

export function timeOf(id: string): string {
  return new Date(Date.UTC(2026, 10, 20, 10, 0, Number(/\d+/.exec(id)?.[0] ?? 0))).toISOString();
}

export const header = (extra: object = {}): object => ({
  sessionId: SID,
  projectHash: 'a'.repeat(64),
  startTime: timeOf('0'),
  lastUpdated: timeOf('0'),
  kind: 'main',
  ...extra,
});

export const asked = (id: string, text: string, extra: object = {}): object => ({
  id,
  timestamp: timeOf(id),
  type: 'user',
  content: [{ text }],
  ...extra,
});

export const context = (folder = '/work/shop'): object =>
  asked(
    'c0',
    `<session_context>\nThis is the Gemini CLI.\n- **Workspace Directories:**\n  - ${folder}\n</session_context>`,
  );

export const said = (id: string, text: string, extra: object = {}): object => ({
  id,
  timestamp: timeOf(id),
  type: 'gemini',
  content: text,
  model: 'gemini-3-flash',
  ...extra,
});

export const response = (id: string, name: string, output: string): object => ({
  functionResponse: { id, name, response: { output } },
});

export const call = (id: string, name: string, args: object, output?: string, extra: object = {}): object => ({
  id,
  name,
  args,
  status: 'success',
  timestamp: timeOf('30'),
  ...(output === undefined ? {} : { result: [response(id, name, output)] }),
  ...extra,
});

export const told = (messages: readonly object[]): object => ({ $set: { messages } });
