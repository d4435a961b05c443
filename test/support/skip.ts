/**
 * Skips the running test, or every test of a suite when called in its `before`, and says why in the summary.
 * The reason goes into the title, the only thing that reaches the reporter from a test in another process.
 */
export function skipBecause(context: Mocha.Context, reason: string): never {
  const running: { type?: string; title: string; parent?: Mocha.Suite | undefined } = context.runnable();
  const note = ` (skipped: ${reason})`;
  if (running.type !== 'hook') running.title += note;
  else
    running.parent?.eachTest((test) => {
      test.title += note;
    });
  return context.skip();
}
