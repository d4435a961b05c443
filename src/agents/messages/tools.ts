import type { Tool } from '../../core/index.ts';
import { list, object, optional, string, words } from '../shape.ts';

/** The tools of a saved request: OpenAI's (nested or flat), Anthropic's, Gemini's declarations. */
export function readTools(value: unknown): readonly Tool[] {
  const tools = list(value).flatMap((one): readonly unknown[] => {
    const declared = object(one)?.['functionDeclarations'] ?? object(one)?.['function_declarations'];
    return Array.isArray(declared) ? declared : [one];
  });
  return tools.flatMap((one): readonly Tool[] => {
    const tool = object(one);
    const made = object(tool?.['function']) ?? tool;
    // A tool that the provider runs itself has a type and no name.
    const name = words(made?.['name']) ?? words(made?.['type']);
    if (made === undefined || name === undefined) return [];
    const schema = made['parameters'] ?? made['input_schema'] ?? made['inputSchema'] ?? made['format'];
    return [{ name, ...optional('description', string(made['description'])), ...optional('schema', schema) }];
  });
}
