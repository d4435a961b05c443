import * as z from 'zod/mini';

/** The documents of `--json`, strictly: a field more or less is a change of the interface and must be made here too. */
const text = z.string();
const maybeText = z.nullable(text);
const count = z.number().check(z.int(), z.minimum(0));
const problems = z.array(z.strictObject({ code: text, line: z.nullable(count), detail: maybeText }));
const parent = z.strictObject({ session_id: text, message: count });
const stamp = { sha256: maybeText, size: z.nullable(count), mtime: maybeText };
const seen = z.strictObject({ ...stamp, seen_at: maybeText });

export const listDocument = z.strictObject({
  sessions: z.array(
    z.strictObject({
      name: maybeText,
      session_id: maybeText,
      agent: maybeText,
      state: text,
      title: maybeText,
      saved_at: maybeText,
      changed_at: maybeText,
      message_count: z.nullable(count),
      tags: z.array(text),
      pinned: z.boolean(),
      archived: z.boolean(),
      parent: z.nullable(parent),
      problems,
    }),
  ),
});
export const marksDocument = z.strictObject({
  name: text,
  tags: z.array(text),
  pinned: z.boolean(),
  archived: z.boolean(),
  pinned_messages: z.array(text),
});

export const savedDocument = z.strictObject({
  name: text,
  session_id: text,
  revision: count,
  messages: count,
  calls: count,
  problems,
  instead_of: z.nullable(text),
  counts: z.strictObject({
    prompts: count,
    assistant_messages: count,
    tool_calls: count,
    reads: z.nullable(count),
    full_reads: z.nullable(count),
    edits: z.nullable(count),
    models: z.array(text),
    tokens_in: z.nullable(count),
    tokens_out: z.nullable(count),
  }),
});

export const showDocument = z.looseObject({
  session_id: text,
  name: text,
  message_count: count,
  history: z.array(z.looseObject({ id: text, role: text })),
  range: z.strictObject({ from: count, to: count }),
  read_only: z.boolean(),
  recovered: z.strictObject({ events: count, of: count }),
  problems,
});

export const checkDocument = z.strictObject({
  name: text,
  session_id: text,
  clean: z.boolean(),
  action: z.enum(['continue', 'warn', 'ask', 'block']),
  config: z.array(z.strictObject({ field: text, saved: z.unknown(), now: z.unknown() })),
  tools: z.array(
    z.strictObject({
      tool: text,
      change: z.enum(['added', 'removed', 'changed']),
      effect: z.optional(z.enum(['breaking', 'compatible', 'text'])),
      used_by: z.optional(z.array(text)),
      too_big: z.optional(z.boolean()),
      parameters: z.optional(
        z.array(
          z.strictObject({
            parameter: text,
            change: text,
            effect: text,
            saved: z.optional(z.unknown()),
            now: z.optional(z.unknown()),
          }),
        ),
      ),
    }),
  ),
  workspace: z.array(z.strictObject({ field: text, saved: text, now: maybeText })),
  files: z.array(
    z.strictObject({
      key: text,
      freshness: text,
      moved_to: maybeText,
      saved: z.nullable(seen),
      now: z.nullable(z.strictObject(stamp)),
    }),
  ),
  not_compared: z.array(z.enum(['config', 'tools', 'workspace', 'files'])),
  counts: z.strictObject({
    config: count,
    tools: z.strictObject({ added: count, removed: count, breaking: count, compatible: count, text: count }),
    workspace: count,
    files: z.strictObject({
      same: count,
      touched: count,
      changed: count,
      deleted: count,
      moved: count,
      unsaved: count,
      unknown: count,
      unreadable: count,
    }),
  }),
  problems,
});

export const forkDocument = z.strictObject({
  name: text,
  session_id: text,
  messages: count,
  parent: z.strictObject({ name: text, session_id: text, message: count }),
});
export const renameDocument = z.strictObject({ name: text, was: text });
export const deleteDocument = z.strictObject({ name: text, trash_id: text });
export const restoreDocument = z.strictObject({ name: text, trash_id: text });
export const trashDocument = z.strictObject({
  trash: z.array(z.strictObject({ id: text, name: text, deleted_at: text, bytes: count })),
});
export const exportDocument = z.strictObject({ name: text, format: text, file: text, bytes: count });
const restored = z.strictObject({ model: maybeText, provider: maybeText });
const handOver = {
  messages: count,
  calls_mapped: count,
  calls_kept: count,
  calls_as_text: count,
  interrupted: count,
  images_kept: count,
  images_as_text: count,
  parts_as_text: count,
  reasoning_dropped: count,
  system_dropped: count,
  outputs_dropped: count,
  messages_dropped: count,
  tokens: count,
};
export const resumeDocument = z.strictObject({
  command: maybeText,
  args: z.array(text),
  cwd: text,
  agent: text,
  native_id: text,
  native: z.enum(['present', 'missing', 'elsewhere']),
  briefing: z.nullable(count),
  restored,
  hand_over: z.nullable(
    z.strictObject({ ...handOver, estimates: z.array(z.strictObject({ reduce: z.string(), tokens: count })) }),
  ),
});
export const resumedDocument = z.strictObject({
  name: text,
  agent: text,
  native_id: text,
  briefing: z.nullable(count),
  restored,
  transcript: text,
  hand_over: z.nullable(z.strictObject(handOver)),
});
export const briefingDocument = z.strictObject({ name: text, text: maybeText, characters: count });
export const recoveredDocument = z.strictObject({
  recovered: z.array(z.strictObject({ file: text, key: maybeText, name: text, at: text, bytes: count })),
});
export const heldDocument = z.strictObject({
  error: z.strictObject({
    code: z.literal('held'),
    message: text,
    hint: text,
    holder: z.strictObject({ program: text, host: text, pid: count, since: text }),
  }),
});
const late = { recovered: z.array(z.strictObject({ file: text, key: text })) };
export const readDocument = z.union([
  z.strictObject({ key: text, sha256: text, bytes: count, text, ...late }),
  z.strictObject({ key: text, sha256: text, bytes: count, base64: text, ...late }),
]);
export const writtenDocument = z.strictObject({
  kind: z.literal('written'),
  key: text,
  created: z.boolean(),
  merged: z.boolean(),
  sha256: text,
  size: count,
  mtime: text,
  kept: maybeText,
  ...late,
});
export const conflictDocument = z.strictObject({
  kind: z.literal('conflict'),
  key: text,
  reason: z.enum(['changed', 'deleted', 'unsaved', 'unread', 'unknown', 'slipped-in']),
  seen: z.nullable(seen),
  theirs: z.nullable(z.strictObject(stamp)),
  kept: maybeText,
  merge: z.nullable(z.strictObject({ clean: z.boolean() })),
  ...late,
});
export const readersDocument = z.strictObject({
  key: text,
  readers: z.array(
    z.strictObject({
      name: text,
      session_id: text,
      message: z.nullable(count),
      seen_at: maybeText,
      sha256: maybeText,
      fresh: z.enum(['same', 'touched', 'changed', 'deleted', 'unsaved', 'unknown', 'unreadable']),
    }),
  ),
});
export const errorDocument = z.strictObject({ error: z.strictObject({ code: text, message: text, hint: text }) });
