import { relative, sep } from 'node:path';
import type { AgentHome } from '../agent.ts';
import { isInside } from '../files.ts';

/** Begins every version of our plugin: a file that begins otherwise is not ours. */
export const PLUGIN_MARK = '// Holdfast: denies edits of files that changed since the session read them.';

/**
 * opencode's plugins are programs of its own process (Bun): this one starts our hook for each call that matters, hands
 * it the call, and does what it answers. Where that fails, opencode goes on as without it.
 */
export function pluginText([program = 'node', script = '', ...rest]: readonly string[], where: AgentHome): string {
  const below = isInside(where.home, script) ? relative(where.home, script).split(sep) : undefined;
  // A file that a team shares names nobody's home.
  const file =
    below === undefined
      ? JSON.stringify(script)
      : `join(homedir(), ${below.map((name) => JSON.stringify(name)).join(', ')})`;
  return `${PLUGIN_MARK}
// Written and removed by Holdfast (holdfast protect opencode, holdfast unprotect opencode).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
${below === undefined ? '' : "import { homedir } from 'node:os';\nimport { join } from 'node:path';\n"}
const PROGRAM = ${JSON.stringify(program)};
const HOOK = ${file};
const WORDS = ${JSON.stringify([...rest, 'opencode'])};
const EDITS = ['edit', 'write', 'patch', 'apply_patch', 'multiedit'];
const SEEN = [...EDITS, 'read', 'bash', 'shell'];

const ask = (payload) =>
  new Promise((answer, fail) => {
    if (!existsSync(HOOK)) return answer({});
    const options = { cwd: payload.cwd, stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true };
    const child = spawn(PROGRAM, [HOOK, ...WORDS], options);
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      answer({});
    }, 10000);
    let out = '';
    child.stdout.on('data', (bytes) => {
      out += bytes;
    });
    child.stdin.on('error', () => {});
    child.on('error', fail);
    child.on('close', () => {
      clearTimeout(timer);
      try {
        answer((out === '' ? undefined : JSON.parse(out)) ?? {});
      } catch (error) {
        fail(error);
      }
    });
    child.stdin.end(JSON.stringify(payload));
  });

// Only a denial is thrown: opencode takes any error for one.
const onlyDenials = (hook) => async (...given) => {
  let deny;
  try {
    deny = await hook(...given);
  } catch {}
  if (typeof deny === 'string') throw new Error(deny);
};

export const HoldfastPlugin = async ({ directory }) => {
  const payload = (hook_event_name, session_id, more) => ({ hook_event_name, session_id, cwd: directory, ...more });
  return {
    'tool.execute.before': onlyDenials(async ({ tool, sessionID, callID }, { args }) => {
      if (!EDITS.includes(tool)) return undefined;
      const call = { tool_name: tool, tool_input: args, tool_use_id: callID };
      const { deny } = await ask(payload('tool.execute.before', sessionID, call));
      return deny;
    }),
    'tool.execute.after': onlyDenials(async ({ tool, sessionID, callID, args }, result) => {
      if (!SEEN.includes(tool)) return;
      const { output, metadata } = result;
      const response = { output, metadata: { display: metadata?.display } };
      const call = { tool_name: tool, tool_input: args ?? {}, tool_use_id: callID, tool_response: response };
      const { tell } = await ask(payload('tool.execute.after', sessionID, call));
      if (tell) result.output = \`\${output ?? ''}\\n\\n\${tell}\`;
    }),
    event: onlyDenials(async ({ event }) => {
      if (event.type === 'session.idle') await ask(payload('session.idle', event.properties.sessionID, {}));
      else if (event.type === 'session.created' && !event.properties.info?.parentID)
        await ask(payload('session.created', event.properties.info?.id, { source: 'new' }));
    }),
  };
};
`;
}
