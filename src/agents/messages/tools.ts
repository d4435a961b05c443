import type { Tool } from '../../core/index.ts';
import { list, object, optional, string, words } from '../shape.ts';

/** The tools of a saved request: OpenAI's (nested or flat), Anthropic's, Gemini's declarations. */
export function readTools(value: unknown): readonly Tool[] {
  return list(value).flatMap((one): readonly Tool[] => {
    const tool = object(one);
    const declared = tool?.['functionDeclarations'] ?? tool?.['function_declarations'];
    if (Array.isArray(declared)) return readTools(declared);
    const made = object(tool?.['function']) ?? tool;
    // A tool that the provider runs itself has a type and no name.
    const name = words(made?.['name']) ?? words(made?.['type']);
    if (made === undefined || name === undefined) return [];
    const schema = made['parameters'] ?? made['input_schema'] ?? made['inputSchema'] ?? made['format'];
    return [{ name, ...optional('description', string(made['description'])), ...optional('schema', schema) }];
  });
}
