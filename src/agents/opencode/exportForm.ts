import * as z from 'zod/mini';

/**
 * What `opencode import` (1.18) demands of an export. It takes session, messages and parts one after the other, and stops
 * at the first that is wrong, with what came before already in its database.
 */

const ms = z.int().check(z.gte(0));
const span = z.looseObject({ start: ms, end: z.optional(ms) });
const record = z.record(z.string(), z.unknown());
const sessionId = z.string().check(z.startsWith('ses'));
const messageId = z.string().check(z.startsWith('msg'));
const tokens = z.looseObject({
  input: z.number(),
  output: z.number(),
  reasoning: z.number(),
  cache: z.looseObject({ read: z.number(), write: z.number() }),
});

export const sessionInfo = z.looseObject({
  id: sessionId,
  slug: z.string(),
  title: z.string(),
  version: z.string(),
  time: z.looseObject({ created: ms, updated: ms }),
});

export const messageInfo = z.discriminatedUnion('role', [
  z.looseObject({
    role: z.literal('user'),
    id: messageId,
    sessionID: sessionId,
    time: z.looseObject({ created: ms }),
    agent: z.string(),
    model: z.looseObject({ providerID: z.string(), modelID: z.string() }),
  }),
  z.looseObject({
    role: z.literal('assistant'),
    id: messageId,
    sessionID: sessionId,
    time: z.looseObject({ created: ms, completed: z.optional(ms) }),
    parentID: messageId,
    modelID: z.string(),
    providerID: z.string(),
    mode: z.string(),
    agent: z.string(),
    path: z.looseObject({ cwd: z.string(), root: z.string() }),
    cost: z.number(),
    tokens,
  }),
]);

const ids = { id: z.string().check(z.startsWith('prt')), sessionID: sessionId, messageID: messageId };
const file = z.looseObject({ ...ids, type: z.literal('file'), mime: z.string(), url: z.string() });
const toolState = z.discriminatedUnion('status', [
  z.looseObject({ status: z.literal('pending'), input: record, raw: z.string() }),
  z.looseObject({ status: z.literal('running'), input: record, time: z.looseObject({ start: ms }) }),
  z.looseObject({
    status: z.literal('completed'),
    input: record,
    output: z.string(),
    title: z.string(),
    metadata: record,
    time: z.looseObject({ start: ms, end: ms }),
    attachments: z.optional(z.array(file)),
  }),
  z.looseObject({
    status: z.literal('error'),
    input: record,
    error: z.string(),
    time: z.looseObject({ start: ms, end: ms }),
  }),
]);

export const messagePart = z.discriminatedUnion('type', [
  z.looseObject({ ...ids, type: z.literal('text'), text: z.string(), time: z.optional(span) }),
  z.looseObject({ ...ids, type: z.literal('reasoning'), text: z.string(), time: span }),
  file,
  z.looseObject({ ...ids, type: z.literal('tool'), callID: z.string(), tool: z.string(), state: toolState }),
  z.looseObject({ ...ids, type: z.literal('step-start') }),
  z.looseObject({ ...ids, type: z.literal('step-finish'), reason: z.string(), cost: z.number(), tokens }),
  z.looseObject({ ...ids, type: z.literal('snapshot'), snapshot: z.string() }),
  z.looseObject({ ...ids, type: z.literal('patch'), hash: z.string(), files: z.array(z.string()) }),
  z.looseObject({ ...ids, type: z.literal('agent'), name: z.string() }),
  z.looseObject({ ...ids, type: z.literal('compaction'), auto: z.boolean() }),
  z.looseObject({
    ...ids,
    type: z.literal('subtask'),
    prompt: z.string(),
    description: z.string(),
    agent: z.string(),
  }),
  z.looseObject({ ...ids, type: z.literal('retry'), attempt: z.number(), error: record }),
]);
