import * as z from 'zod/mini';
import type { Tool } from '../../session/snapshot.ts';

const MAX_TOOLS = 10_000;

const offered = z.object({
  name: z.string().check(z.maxLength(1_000)),
  description: z.optional(z.string()),
  schema: z.optional(z.unknown()),
  input_schema: z.optional(z.unknown()),
  inputSchema: z.optional(z.unknown()),
  parameters: z.optional(z.unknown()),
});
const wrapped = z.union([z.object({ function: offered }), z.object({ custom: offered })]);
const entries = z.array(z.union([wrapped, offered])).check(z.maxLength(MAX_TOOLS));
/** A page of MCP's `tools/list` that is not the last says so. */
const page = z.object({ tools: z.unknown(), nextCursor: z.optional(z.nullable(z.literal(''))) });
const answer = z.object({ result: page });

/**
 * Tools from any list of them: MCP's `tools/list` result (`inputSchema`) or the whole answer that carries it, Anthropic's
 * (`input_schema`), OpenAI's (`function.parameters`, `parameters`), our own (`schema`), `vscode.lm.tools`; or an object that holds such
 * a list under `tools` (a request). Undefined where it is no list of tools, has more than 10,000, or is one page of a longer
 * list (MCP's `nextCursor`): tools of the other pages would look removed.
 */
export function toolListing(value: unknown): readonly Tool[] | undefined {
  const list = listIn(value);
  const parsed = z.safeParse(entries, list);
  return parsed.success ? parsed.data.map(toTool) : undefined;
}

function listIn(value: unknown): unknown {
  if (Array.isArray(value)) return value;
  const answered = z.safeParse(answer, value);
  const paged = z.safeParse(page, answered.success ? answered.data.result : value);
  return paged.success ? paged.data.tools : undefined;
}

function toTool(entry: z.infer<typeof entries>[number]): Tool {
  const tool = 'function' in entry ? entry.function : 'custom' in entry ? entry.custom : entry;
  const schema = tool.schema ?? tool.input_schema ?? tool.inputSchema ?? tool.parameters;
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    ...(schema === undefined ? {} : { schema }),
  };
}
