// @ts-check
// Mocha's own listing, plus test-results/<suite>.json for the runner that sums up all suites.
const fs = require('node:fs');
const path = require('node:path');
const Mocha = require('mocha');

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Mocha.Runner.constants;

class Reporter extends Mocha.reporters.Spec {
  /** @param {Mocha.Runner} runner @param {Mocha.MochaOptions} options */
  constructor(runner, options) {
    super(runner, options);
    /** @type {{ title: string, reason: string }[]} */
    const skipped = [];
    /** @type {string[]} */
    const failed = [];
    runner.on(EVENT_TEST_PENDING, (test) => {
      // skipBecause() has put the reason there.
      const [, title = '', reason = 'no reason given'] = /^(.*?)(?: \(skipped: (.*)\))?$/s.exec(test.fullTitle()) ?? [];
      skipped.push({ title, reason });
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
