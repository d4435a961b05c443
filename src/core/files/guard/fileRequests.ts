import * as z from 'zod/mini';

/** What a client may ask of a guard: the inputs of the file tools, whoever offers them. `path` is relative to the folder, or absolute. */
const path = z.string().check(z.minLength(1));
const line = z.number().check(z.int(), z.gte(1));

/** Lines are 1-based and included; without them the whole file is meant. */
export const readRequest = z.object({ path, startLine: z.optional(line), endLine: z.optional(line) });
export const editRequest = z.object({
  path,
  oldText: z.string().check(z.minLength(1)),
  newText: z.string(),
  replaceAll: z.optional(z.boolean()),
});
export const writeRequest = z.object({ path, content: z.string() });
