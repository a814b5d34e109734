/**
 * Ends a test run with one plain line, `N passed, N failed[, N skipped]`, for machines to read, and fails a run in
 * which no test ran.
 *
 * Each of these counts as a failure too: a file that could not be loaded, an error outside of every test, and a run
 * that broke off.
 */
export default class CountReporter {
  count = { passed: 0, failed: 0, skipped: 0 }
  ended = false

  constructor() {
    // At the very end, since other reporters write after the hook below too; first of the listeners, since that of vitest,
    // there if the run breaks off, lets no other one run.
    process.prependOnceListener("exit", () => {
      const { passed, skipped } = this.count
      const failed = this.count.failed + (this.ended ? 0 : 1)
      if (failed > 0 || passed === 0) process.exitCode ||= 1
      process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`)
    })
  }

  onTestCaseResult(test) {
    this.count[test.result().state]++
  }

  onTestRunEnd(modules, unhandledErrors) {
    const broken = modules.filter((it) => it.state() === "failed" && [...it.children.allTests("failed")].length === 0)
    this.count.failed += broken.length + unhandledErrors.length
    this.ended = true
  }
}
