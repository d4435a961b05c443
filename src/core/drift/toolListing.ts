import type { Tool } from '../session/snapshot.ts';

/**
 * Tools from any list of them: MCP's `tools/list` result (`inputSchema`), Anthropic's (`input_schema`), OpenAI's
 * (`function.parameters`), our own (`schema`), `vscode.lm.tools`. Undefined where it is no list of tools.
 */
export function toolListing(_value: unknown): readonly Tool[] | undefined {
  return undefined;
}
