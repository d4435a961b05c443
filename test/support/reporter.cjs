// @ts-check
// Mocha's own listing, plus test-results/<suite>.json for the runner that sums up all suites.
const fs = require('node:fs');
const path = require('node:path');
const Mocha = require('mocha');

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Mocha.Runner.constants;

/** Why a test was skipped: skipBecause() leaves it on the test, or on the suite whose hook it stopped.
 * @param {Mocha.Test} test */
function reasonOf(test) {
  for (let at = /** @type {Mocha.Test | Mocha.Suite | undefined} */ (test); at; at = at.parent) {
    if ('skipReason' in at) return String(at.skipReason);
  }
  return 'no reason given';
}

class Reporter extends Mocha.reporters.Spec {
  /** @param {Mocha.Runner} runner @param {Mocha.MochaOptions} options */
  constructor(runner, options) {
    super(runner, options);
    /** @type {{ title: string, reason: string }[]} */
    const skipped = [];
    /** @type {string[]} */
    const failed = [];
    runner.on(EVENT_TEST_PENDING, (test) => {
      skipped.push({ title: test.fullTitle(), reason: reasonOf(test) });
      Mocha.reporters.Base.consoleLog(`      skipped: ${reasonOf(test)}`);
    });
    runner.on(EVENT_TEST_FAIL, (test) => failed.push(test.fullTitle()));
    runner.on(EVENT_RUN_END, () => {
      const { suite, folder = 'test-results' } = options.reporterOptions;
      const result = { suite, passed: runner.stats?.passes, failed, skipped };
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, `${suite}.json`), `${JSON.stringify(result, null, 2)}\n`);
    });
  }
}

module.exports = Reporter;
