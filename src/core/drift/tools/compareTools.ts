import type { Message } from '../../session/message.ts';
import type { Tool } from '../../session/snapshot.ts';
import type { DriftEffect, ToolChange } from '../report.ts';
import { type Budget, createBudget, spend } from './budget.ts';
import { compareSchemas } from './compareSchemas.ts';
import { compareText, toolHash } from './toolHash.ts';

/**
 * What became of the tools that a session recorded, sorted by name. A tool recorded by name alone is only looked
 * for; one recorded with its hash alone is compared by that, and then no parameter can be named. Of two tools with
 * one name the last counts, as it does in a request. Schemas that are too big to be compared at once count as changed.
 */
export function compareTools(
  saved: readonly Tool[],
  now: readonly Tool[],
  history: readonly Message[],
): readonly ToolChange[] {
  const before = new Map(saved.map((tool) => [tool.name, tool]));
  const after = new Map(now.map((tool) => [tool.name, tool]));
  const calls = callsByTool(history);
  const changes: ToolChange[] = [];
  const budget = createBudget();
  for (const name of [...new Set([...before.keys(), ...after.keys()])].sort(compareText)) {
    const was = before.get(name);
    const is = after.get(name);
    const usedBy = calls.get(name) ?? [];
    if (was === undefined) {
      changes.push({ tool: name, change: 'added', ...(is === undefined ? {} : hashOf(is, budget)) });
    } else if (is === undefined) {
      changes.push({ tool: name, change: 'removed', usedBy });
    } else {
      const change = changedTool(was, is, usedBy, budget);
      if (change !== undefined) changes.push(change);
    }
  }
  return changes;
}

function changedTool(saved: Tool, now: Tool, usedBy: readonly string[], budget: Budget): ToolChange | undefined {
  if (saved.schema === undefined || now.schema === undefined) {
    const { hash: was } = hashOf(saved, budget);
    const { hash: is } = hashOf(now, budget);
    const known = was !== undefined || saved.schema !== undefined;
    if (known && is === undefined && now.schema !== undefined) return tooBig(saved.name, usedBy);
    if (was === undefined || is === undefined || was === is) return undefined;
    // What changed can't be told, so a recorded call might fail.
    return { tool: saved.name, change: 'changed', effect: 'breaking', parameters: [], hash: is, usedBy };
  }
  const parameters = compareSchemas(saved.schema, now.schema, budget);
  if (parameters === undefined) return tooBig(saved.name, usedBy);
  if (parameters.length === 0 && saved.description === now.description) {
    // Different texts that no rule explains (the order of `required`, say) are no change to anyone who calls.
    return undefined;
  }
  return { tool: saved.name, change: 'changed', effect: worst(parameters), parameters, ...hashOf(now, budget), usedBy };
}

function tooBig(tool: string, usedBy: readonly string[]): ToolChange {
  return { tool, change: 'changed', effect: 'breaking', parameters: [], tooBig: true, usedBy };
}

/** A stored hash is only believed where there is no schema to make it from. Without one where it is not known, or making it costs too much. */
function hashOf(tool: Tool, budget: Budget): { readonly hash?: string } {
  if (tool.schema === undefined) return tool.hash === undefined ? {} : { hash: tool.hash };
  return spend(budget, tool.schema) ? { hash: toolHash(tool) } : {};
}

function worst(parameters: readonly { readonly effect: DriftEffect }[]): DriftEffect {
  if (parameters.some(({ effect }) => effect === 'breaking')) return 'breaking';
  if (parameters.some(({ effect }) => effect === 'compatible')) return 'compatible';
  return 'text';
}

/** Tool name to the ids of the messages that call it, in order, each once. */
function callsByTool(history: readonly Message[]): ReadonlyMap<string, readonly string[]> {
  const calls = new Map<string, string[]>();
  for (const message of history) {
    if (typeof message.content === 'string') continue;
    for (const part of message.content) {
      if (part.type !== 'tool_call' || !('name' in part) || typeof part.name !== 'string') continue;
      const ids = calls.get(part.name);
      if (ids === undefined) calls.set(part.name, [message.id]);
      else if (ids.at(-1) !== message.id) ids.push(message.id);
    }
  }
  return calls;
}
