import type { Tool } from '../../session/snapshot.ts';
import { canonicalJson, sha256Hex } from '../canonical.ts';

/**
 * SHA-256 (hex) over the canonical JSON of a tool's name, its whole description and its whole input schema. A stored
 * `hash` and any other field of the tool do not count.
 */
export function toolHash(tool: Tool): string {
  return sha256Hex(canonicalJson(offered(tool)));
}

/** SHA-256 (hex) over the canonical JSON of all tools sorted by name: independent of the order in which they were offered. */
export function toolSchemaHash(tools: readonly Tool[]): string {
  // Each tool's own text is the second key, so that two tools of one name do not depend on their order either.
  const texts = tools.map((tool) => ({ name: tool.name, text: canonicalJson(offered(tool)) }));
  texts.sort((a, b) => compareText(a.name, b.name) || compareText(a.text, b.text));
  return sha256Hex(`[${texts.map(({ text }) => text).join(',')}]`);
}

function offered(tool: Tool): { name: string; description: string | undefined; schema: unknown } {
  return { name: tool.name, description: tool.description, schema: tool.schema };
}

/** Order by UTF-16 code units, as RFC 8785 sorts keys; never by locale. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
