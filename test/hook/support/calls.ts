import type { ProtectedAgent } from '../../../src/agents/index.ts';

/** What one hook of an agent is started with. */
export interface Call {
  readonly words: readonly string[];
  readonly payload: object;
}

/** An agent's calls as its hooks are told of them (Claude Code 2.1, Codex 0.169, Gemini CLI 0.61, opencode 1.18, Copilot CLI 1.0). */
export interface Calls {
  readonly agent: ProtectedAgent;
  start(source: 'new' | 'resume'): Call;
  /** Before and after a read of the whole file. */
  read(path: string, content: string): Call;
  /** `phase` is the hook; a failed edit is told by its result where the agent tells its hooks of it at all. */
  edit(phase: 'before' | 'after', path: string, from: string, to: string): Call;
  write(phase: 'before' | 'after', path: string, content: string): Call;
  shell(phase: 'before' | 'after', command: string, printed?: string): Call;
  turnEnd(): Call;
  /** The reason of a denial; undefined for anything else than a denial in the agent's own form. */
  denied(answer: string): string | undefined;
  /** What the model is told. */
  told(answer: string): string | undefined;
}

export const ID = '5f0c3a52-7d1e-4b8e-9a63-2f1d6c0b7e41';

type Answer = Readonly<Record<string, unknown>> | undefined;

function parsed(answer: string): Answer {
  return answer === '' ? undefined : JSON.parse(answer);
}

function specific(answer: Answer): Answer {
  return answer?.['hookSpecificOutput'] as Answer;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

const claudeAnswers = {
  denied(answer: string): string | undefined {
    const said = specific(parsed(answer));
    if (said?.['permissionDecision'] !== 'deny' || said['hookEventName'] !== 'PreToolUse') return undefined;
    return text(said['permissionDecisionReason']);
  },
  told: (answer: string) => text(specific(parsed(answer))?.['additionalContext']),
};

export function claude(folder: string): Calls {
  let number = 0;
  const call = (event: string, more: object = {}): Call => ({
    words: ['claude-code'],
    payload: {
      session_id: ID,
      transcript_path: `${folder}/../none.jsonl`,
      cwd: folder,
      hook_event_name: event,
      ...more,
    },
  });
  const tool = (phase: 'before' | 'after', name: string, input: object, response: object): Call => {
    if (phase === 'before') number++;
    const common = { tool_name: name, tool_input: input, tool_use_id: `toolu_${number}` };
    return phase === 'before'
      ? call('PreToolUse', common)
      : call('PostToolUse', { ...common, tool_response: response });
  };
  return {
    agent: 'claude-code',
    start: (source) => call('SessionStart', { source: source === 'new' ? 'startup' : 'resume' }),
    read(path, content) {
      const lines = content.split('\n').length;
      const file = { filePath: path, content, numLines: lines, startLine: 1, totalLines: lines };
      return tool('after', 'Read', { file_path: path }, { type: 'text', file });
    },
    edit: (phase, path, from, to) =>
      tool(
        phase,
        'Edit',
        { file_path: path, old_string: from, new_string: to },
        { filePath: path, structuredPatch: [] },
      ),
    write: (phase, path, content) =>
      tool(phase, 'Write', { file_path: path, content }, { type: 'update', filePath: path, content }),
    shell: (phase, command, printed = '') =>
      tool(phase, 'Bash', { command }, { stdout: printed.trimEnd(), stderr: '' }),
    turnEnd: () => call('Stop', { stop_hook_active: false, last_assistant_message: 'done' }),
    ...claudeAnswers,
  };
}

export function codex(folder: string): Calls {
  let number = 0;
  const call = (event: string, more: object = {}): Call => ({
    words: ['codex'],
    payload: {
      session_id: ID,
      turn_id: 't',
      transcript_path: `${folder}/../none.jsonl`,
      cwd: folder,
      hook_event_name: event,
      ...more,
    },
  });
  const tool = (phase: 'before' | 'after', name: string, command: string, response: string): Call => {
    if (phase === 'before') number++;
    const common = { tool_name: name, tool_input: { command }, tool_use_id: `call_${number}` };
    return phase === 'before'
      ? call('PreToolUse', common)
      : call('PostToolUse', { ...common, tool_response: response });
  };
  const patched = 'Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess. Updated the following files:\n';
  return {
    agent: 'codex',
    start: (source) => call('SessionStart', { source: source === 'new' ? 'startup' : 'resume' }),
    read: (path, content) => tool('after', 'Bash', `cat ${path}`, content),
    edit: (phase, path, from, to) =>
      tool(
        phase,
        'apply_patch',
        `*** Begin Patch\n*** Update File: ${path}\n@@\n-${from}\n+${to}\n*** End Patch`,
        patched,
      ),
    write: (phase, path, content) =>
      tool(
        phase,
        'apply_patch',
        `*** Begin Patch\n*** Add File: ${path}\n${content.trimEnd().replaceAll(/^/gm, '+')}\n*** End Patch`,
        patched,
      ),
    shell: (phase, command, printed = '') => tool(phase, 'Bash', command, printed),
    turnEnd: () => call('Stop', { last_assistant_message: 'done' }),
    ...claudeAnswers,
  };
}

export function gemini(folder: string): Calls {
  const call = (event: string, more: object = {}): Call => ({
    words: ['gemini'],
    payload: {
      session_id: ID,
      transcript_path: `${folder}/../none.jsonl`,
      cwd: folder,
      hook_event_name: event,
      timestamp: new Date().toISOString(),
      ...more,
    },
  });
  const tool = (phase: 'before' | 'after', name: string, input: object, response: object): Call =>
    phase === 'before'
      ? call('BeforeTool', { tool_name: name, tool_input: input })
      : call('AfterTool', { tool_name: name, tool_input: input, tool_response: response });
  const done = { llmContent: 'Successfully modified file', returnDisplay: { fileDiff: '' } };
  return {
    agent: 'gemini',
    start: (source) => call('SessionStart', { source: source === 'new' ? 'startup' : 'resume' }),
    read: (path, content) =>
      tool('after', 'read_file', { file_path: path }, { llmContent: content, returnDisplay: '' }),
    edit: (phase, path, from, to) =>
      tool(phase, 'replace', { file_path: path, instruction: 'x', old_string: from, new_string: to }, done),
    write: (phase, path, content) => tool(phase, 'write_file', { file_path: path, content }, done),
    shell: (phase, command, printed = '') =>
      tool(phase, 'run_shell_command', { command }, { llmContent: `Output: ${printed}`, returnDisplay: printed }),
    turnEnd: () => call('AfterAgent', { prompt_response: 'done' }),
    denied(answer) {
      const said = parsed(answer);
      return said?.['decision'] === 'deny' ? text(said['reason']) : undefined;
    },
    told: claudeAnswers.told,
  };
}

export function opencode(folder: string): Calls {
  let number = 0;
  const call = (event: string, more: object = {}): Call => ({
    words: ['opencode'],
    payload: { hook_event_name: event, session_id: 'ses_e048926a6ffeQQ3gvBjlFbk18D', cwd: folder, ...more },
  });
  const tool = (phase: 'before' | 'after', name: string, input: object, response: object): Call => {
    if (phase === 'before') number++;
    const common = { tool_name: name, tool_input: input, tool_use_id: `call_${number}` };
    return phase === 'before'
      ? call('tool.execute.before', common)
      : call('tool.execute.after', { ...common, tool_response: response });
  };
  return {
    agent: 'opencode',
    start: (source) => (source === 'new' ? call('session.created', { source: 'new' }) : call('session.updated')),
    read(path, content) {
      const shown = content.replace(/\n$/, '');
      const lines = shown.split('\n').length;
      const display = {
        type: 'file',
        path,
        text: shown,
        lineStart: 1,
        lineEnd: lines,
        totalLines: lines,
        truncated: false,
      };
      return tool(
        'after',
        'read',
        { filePath: path },
        { output: `<content>${shown}</content>`, metadata: { display } },
      );
    },
    edit: (phase, path, from, to) =>
      tool(phase, 'edit', { filePath: path, oldString: from, newString: to }, { output: 'Edit applied successfully.' }),
    write: (phase, path, content) =>
      tool(phase, 'write', { filePath: path, content }, { output: 'Wrote file successfully.' }),
    shell: (phase, command, printed = '') => tool(phase, 'bash', { command }, { output: printed }),
    turnEnd: () => call('session.idle'),
    denied: (answer) => text(parsed(answer)?.['deny']),
    told: (answer) => text(parsed(answer)?.['tell']),
  };
}

export function copilot(folder: string): Calls {
  const call = (event: string, more: object = {}): Call => ({
    words: ['copilot-cli', event],
    payload: { sessionId: ID, timestamp: Date.now(), cwd: folder, ...more },
  });
  const tool = (phase: 'before' | 'after', name: string, args: object, shown: string): Call =>
    phase === 'before'
      ? call('preToolUse', { toolName: name, toolArgs: args })
      : call('postToolUse', {
          toolName: name,
          toolArgs: args,
          toolResult: { resultType: 'success', textResultForLlm: shown },
        });
  return {
    agent: 'copilot-cli',
    start: (source) => call('sessionStart', { source }),
    read: (path, content) => tool('after', 'view', { path }, content),
    edit: (phase, path, from, to) =>
      tool(phase, 'edit', { path, old_str: from, new_str: to }, `File ${path} updated with changes.`),
    write: (phase, path, content) => tool(phase, 'create', { path, file_text: content }, `Created file ${path}`),
    shell: (phase, command, printed = '') =>
      tool(phase, 'bash', { command }, `${printed}<shellId: 0 completed with exit code 0>`),
    turnEnd: () => call('agentStop', { stopReason: 'end_turn' }),
    denied(answer) {
      const said = parsed(answer);
      return said?.['permissionDecision'] === 'deny' ? text(said['permissionDecisionReason']) : undefined;
    },
    told: (answer) => text(parsed(answer)?.['additionalContext']),
  };
}

export const ALL = { 'claude-code': claude, codex, gemini, opencode, 'copilot-cli': copilot } as const;
