import type { HookCall } from './payload.ts';

/** What a hook wants to say. Silence lets the agent go on as it would without a hook: nothing is ever approved. */
export interface Answer {
  /** The call is not to be made, and why. */
  readonly deny?: string;
  /** For the model. */
  readonly tell?: string;
  /** For the person. */
  readonly warn?: string;
}

/** An answer as each agent reads it from stdout; empty for silence. */
export function answerText({ dialect, eventName }: HookCall, { deny, tell, warn }: Answer): string {
  switch (dialect) {
    case 'claude': {
      const said =
        deny !== undefined
          ? { permissionDecision: 'deny', permissionDecisionReason: deny }
          : tell !== undefined
            ? { additionalContext: tell }
            : undefined;
      return document({
        ...(said === undefined ? {} : { hookSpecificOutput: { hookEventName: eventName, ...said } }),
        ...(warn === undefined ? {} : { systemMessage: warn }),
      });
    }
    case 'gemini':
      return document({
        ...(deny === undefined ? {} : { decision: 'deny', reason: deny }),
        ...(tell === undefined ? {} : { hookSpecificOutput: { hookEventName: eventName, additionalContext: tell } }),
        ...(warn === undefined ? {} : { systemMessage: warn }),
      });
    case 'copilot':
      return document({
        ...(deny === undefined ? {} : { permissionDecision: 'deny', permissionDecisionReason: deny }),
        ...(tell === undefined ? {} : { additionalContext: tell }),
      });
    case 'opencode':
      // Our own plugin reads it.
      return document({ ...(deny === undefined ? {} : { deny }), ...(tell === undefined ? {} : { tell }) });
  }
}

function document(fields: Readonly<Record<string, unknown>>): string {
  return Object.keys(fields).length === 0 ? '' : `${JSON.stringify(fields)}\n`;
}
