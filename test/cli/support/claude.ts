import fs from 'node:fs';
import path from 'node:path';
import type { Place } from './cli.ts';

export const CLAUDE_ID = '5f0c3a52-7d1e-4b8e-9a63-2f1d6c0b7e42';

/** The lines of a Claude Code session that read `file` of the folder in full and answered. */
export function claudeLines(place: Place, file: string, content: string, title = 'What does it cost?'): string[] {
  const absolute = path.join(place.folder, file);
  const numLines = content.split('\n').length;
  const message = (uuid: string, parentUuid: string | null, type: string, more: object): string =>
    JSON.stringify({
      parentUuid,
      isSidechain: false,
      userType: 'external',
      cwd: place.folder,
      sessionId: CLAUDE_ID,
      version: '2.1.112',
      gitBranch: '',
      type,
      uuid,
      timestamp: new Date().toISOString(),
      ...more,
    });
  const said = (id: string, content: object): object => ({
    message: {
      id,
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-4-5',
      content: [content],
      usage: { input_tokens: 10, output_tokens: 2 },
    },
  });
  return [
    message('a0000000-0000-4000-8000-000000000001', null, 'user', { message: { role: 'user', content: title } }),
    message(
      'a0000000-0000-4000-8000-000000000002',
      'a0000000-0000-4000-8000-000000000001',
      'assistant',
      said('msg_1', { type: 'tool_use', id: 'toolu_1', name: 'Read', input: { file_path: absolute } }),
    ),
    message('a0000000-0000-4000-8000-000000000003', 'a0000000-0000-4000-8000-000000000002', 'user', {
      message: {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: `1\t${content}` }],
      },
      toolUseResult: {
        type: 'text',
        file: { filePath: absolute, content, numLines, startLine: 1, totalLines: numLines },
      },
    }),
    message(
      'a0000000-0000-4000-8000-000000000004',
      'a0000000-0000-4000-8000-000000000003',
      'assistant',
      said('msg_2', { type: 'text', text: 'Two.' }),
    ),
  ];
}

/** Puts a session where Claude Code keeps those of the folder. */
export function placeClaude(place: Place, lines: readonly string[], id = CLAUDE_ID): string {
  const file = path.join(place.home, '.claude', 'projects', place.folder.replace(/[^A-Za-z0-9]/g, '-'), `${id}.jsonl`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}
