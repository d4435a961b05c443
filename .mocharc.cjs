// Unit tests: plain Node, straight from .ts. A file named on the command line replaces the whole list.
const named = process.argv.some((argument) => argument.endsWith('.test.ts'));

module.exports = {
  spec: named ? [] : ['test/*.test.ts', 'test/{core,agents,runtime,cli}/**/*.test.ts'],
  reporter: './test/support/reporter.cjs',
  'reporter-option': ['suite=unit'],
  'forbid-only': Boolean(process.env.CI),
};
