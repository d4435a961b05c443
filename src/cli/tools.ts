import * as z from 'zod/mini';
import type { Tool } from '../core/index.ts';

/** A tool as its makers write it: ours (`schema`), Anthropic's (`input_schema`), MCP's (`inputSchema`), OpenAI's (`function.parameters`). */
const offered = z.looseObject({
  name: z.string(),
  description: z.optional(z.string()),
  schema: z.optional(z.unknown()),
  input_schema: z.optional(z.unknown()),
  inputSchema: z.optional(z.unknown()),
  parameters: z.optional(z.unknown()),
});
const tools = z.array(z.union([z.looseObject({ function: offered }), offered]));

/** The tools of a list, or of a request or answer that holds one under `tools`; undefined for anything else. */
export function offeredTools(value: unknown): readonly Tool[] | undefined {
  const list = typeof value === 'object' && value !== null && 'tools' in value ? value.tools : value;
  const parsed = z.safeParse(tools, list);
  if (!parsed.success) return undefined;
  return parsed.data.map((entry) => {
    const tool = 'function' in entry ? z.parse(offered, entry.function) : z.parse(offered, entry);
    const schema = tool.schema ?? tool.input_schema ?? tool.inputSchema ?? tool.parameters;
    return {
      name: tool.name,
      ...(tool.description === undefined ? {} : { description: tool.description }),
      ...(schema === undefined ? {} : { schema }),
    };
  });
}
