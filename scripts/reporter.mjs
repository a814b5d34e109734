/**
 * Ends a test run with one plain line, `N passed, N failed[, N skipped][, N todo]`, for machines to read, and fails a
 * run in which no test ran. The counts are those of vitest's own summary. Before it, one line for each reason of skipped
 * tests.
 *
 * These count as failures too, and are listed: a file that could not be loaded, a suite whose hooks failed, an error
 * outside of every test, and a run that was aborted.
 */
import { relative } from "node:path"

export default class CountReporter {
  lines = []
  count = { passed: 0, failed: 0, skipped: 0, todo: 0 }
  others = []
  ended = false

  constructor() {
    // On exit, because other reporters still write after `onTestRunEnd`. Prepended, because vitest's own listener, which an
    // aborted run has, lets no later one run.
    process.prependOnceListener("exit", () => {
      const { passed, skipped, todo } = this.count
      const others = this.ended ? this.others : [...this.others, "the run was aborted"]
      const failed = this.count.failed + others.length
      if (failed > 0 || (passed === 0 && this.lines.length === 0)) process.exitCode ||= 1
      const parts = [`${passed} passed`, `${failed} failed${others.length > 0 ? ` (${others.join(", ")})` : ""}`]
      if (skipped > 0) parts.push(`${skipped} skipped`)
      if (todo > 0) parts.push(`${todo} todo`)
      process.stdout.write([...this.lines, parts.join(", "), ""].join("\n"))
    })
  }

  // Counted at the end and not per report: a test can be reported more than once, or never if its suite failed.
  onTestRunEnd(modules, unhandledErrors) {
    const reasons = new Map()
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { note, state } = test.result()
        if (test.options.mode === "todo") this.count.todo++
        else if (state !== "pending") this.count[state]++
        if (note !== undefined) reasons.set(note, (reasons.get(note) ?? 0) + 1)
      }
      const file = relative(process.cwd(), module.moduleId)
      if (module.errors().length > 0) this.others.push(`${file} as a whole`)
      for (const suite of module.children.allSuites()) {
        if (suite.errors().length > 0) this.others.push(`${file} > ${suite.fullName} as a whole`)
      }
    }
    for (const error of unhandledErrors) this.others.push(`an error outside of the tests: ${error.message ?? error}`)
    this.lines = [...reasons].map(
      ([note, count]) => `${count} ${count === 1 ? "test is" : "tests are"} skipped: ${note}`
    )
    this.ended = true
  }
}
