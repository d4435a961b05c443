// The real agents on the recorded sessions; only where they are installed (npm run test:agents).
module.exports = {
  spec: ['test/real/*.test.ts'],
  timeout: 120_000,
  reporter: './test/support/reporter.cjs',
  'reporter-option': ['suite=agents'],
  'forbid-only': Boolean(process.env.CI),
};
