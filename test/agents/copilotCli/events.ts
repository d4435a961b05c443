/** Events of a Copilot CLI session, chained in their order; `uuid(n)` is the id of the n-th (from 1). */
export const SID = '0c0c0c0c-0000-4000-8000-000000000000';

export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export type Told = readonly [type: string, data: object];

export const start = (extra: object = {}): Told => [
  'session.start',
  {
    ...{ sessionId: SID, version: 1, producer: 'copilot-agent', copilotVersion: '1.0.102' },
    ...{ startTime: '2026-11-20T10:00:00.000Z', context: { cwd: '/work/shop' } },
    ...extra,
  },
];
export const asked = (content: string, extra: object = {}): Told => ['user.message', { content, ...extra }];
export const said = (content: string, calls: readonly object[] = [], extra: object = {}): Told => [
  'assistant.message',
  { messageId: `m-${content}`, content, toolRequests: calls, ...extra },
];
export const call = (toolCallId: string, name: string, args: unknown = {}): object => ({
  ...{ toolCallId, name, arguments: args },
  type: 'function',
});
export const done = (toolCallId: string, content: string, extra: object = {}): Told => [
  'tool.execution_complete',
  { toolCallId, success: true, result: { content }, ...extra },
];
export const failed = (toolCallId: string, message: string): Told => [
  'tool.execution_complete',
  { toolCallId, success: false, error: { message } },
];

export function chain(told: readonly Told[]): readonly Record<string, unknown>[] {
  return told.map(([type, data], index) => ({
    ...{ type, data, id: uuid(index + 1) },
    timestamp: new Date(Date.UTC(2026, 10, 20, 10, 0, index)).toISOString(),
    parentId: index === 0 ? null : uuid(index),
  }));
}
