// What is in the package, read in plain Node.
module.exports = {
  spec: ['test/package/package.test.ts'],
  reporter: './test/support/reporter.cjs',
  'reporter-option': ['suite=package'],
};
