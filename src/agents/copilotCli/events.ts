import { type JsonObject, object, string, time } from '../shape.ts';

/** A line of `events.jsonl`; every one is of this shape. */
export interface CopilotEvent {
  readonly type: string;
  readonly data: JsonObject;
  readonly id: string | undefined;
  readonly parentId: string | null | undefined;
  readonly timestamp: string | undefined;
}

export function eventOf(line: JsonObject): CopilotEvent | undefined {
  const type = string(line['type']);
  const data = object(line['data']);
  if (type === undefined || data === undefined) return undefined;
  const parentId = line['parentId'] === null ? null : string(line['parentId']);
  return { type, data, id: string(line['id']), parentId, timestamp: time(line['timestamp']) };
}

/** What a sub-agent says and does belongs to the call that started it, not to the conversation. */
export function isOfSubAgent({ data }: CopilotEvent): boolean {
  return string(data['parentToolCallId']) !== undefined;
}
