// Unit tests: plain Node, straight from .ts. A file named on the command line replaces the whole list.
const named = process.argv.some((argument) => argument.endsWith('.test.ts'));

// Mocha leaves one processor free, which on two leaves one at work.
const { availableParallelism } = require('node:os');

module.exports = {
  spec: named ? [] : ['test/*.test.ts', 'test/{core,agents,runtime,hook,cli}/**/*.test.ts'],
  parallel: !named, // a file at a time is easier to follow where only some were asked for
  jobs: availableParallelism(),
  reporter: './test/support/reporter.cjs',
  'reporter-option': ['suite=unit'],
  'forbid-only': Boolean(process.env.CI),
};
