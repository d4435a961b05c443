interface Skippable {
  parent?: Skippable | undefined;
  type?: string;
  skipReason?: string;
}

/** Skips the running test, or every test of a suite when called in its `before`, and says why in the summary. */
export function skipBecause(context: Mocha.Context, reason: string): never {
  const running: Skippable = context.runnable();
  const owner = running.type === 'hook' && running.parent ? running.parent : running;
  owner.skipReason = reason;
  return context.skip();
}
