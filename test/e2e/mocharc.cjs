// A person's view: Playwright on the workbench. A file named on the command line replaces the whole list.
const fs = require('node:fs');

fs.rmSync('test-results/e2e', { recursive: true, force: true }); // the pictures of an earlier run
const named = process.argv.some((argument) => argument.endsWith('.test.ts'));

module.exports = {
  spec: named ? [] : ['test/e2e/**/*.test.ts'],
  require: ['./test/e2e/openWorkbench.ts'], // for its root hooks
  timeout: 180_000,
  reporter: './test/support/reporter.cjs',
  'reporter-option': ['suite=e2e'],
  'forbid-only': Boolean(process.env.CI),
};
