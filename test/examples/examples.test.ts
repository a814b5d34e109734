/** The examples as a person runs them, against a horde in a process of its own, which says what it saw. */
import { readFile } from "node:fs/promises"
import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import { Effect } from "effect"
import * as Processes from "../support/processes.js"

describe("examples", () => {
  it.scopedLive(
    "generate-image draws a picture that can be opened",
    () =>
      Effect.gen(function* () {
        const horde = yield* Processes.horde(1)
        const example = yield* Processes.run("examples/src/generate-image.ts", ["a red door"], {
          HORDE_URL: horde.url,
          HORDE_API_KEY: Accounts.plainKey
        })
        assert.strictEqual(yield* example.exitCode, 0, example.lines.join("\n"))
        const file = (yield* example.saw("Open it: ")).replace("Open it: ", "")
        const bytes = yield* Effect.promise(() => readFile(file))
        assert.strictEqual(bytes.subarray(0, 4).toString("latin1"), "RIFF")
        assert.strictEqual(bytes.subarray(8, 12).toString("latin1"), "WEBP")

        const { exchanges, jobs } = yield* horde.record
        assert.deepStrictEqual(
          jobs.map(({ account, cancels, finished, prompt, state }) => ({ account, cancels, finished, prompt, state })),
          [{ account: "plain", cancels: 0, finished: 1, prompt: "a red door ### people, text", state: "finished" }]
        )
        assert.lengthOf(
          exchanges.filter(({ method }) => method === "POST"),
          1
        )
        assert.notInclude(example.lines.join("\n"), Accounts.plainKey)
      }),
    60_000
  )

  it.scopedLive(
    "generate-image needs no horde but its own",
    () =>
      Effect.gen(function* () {
        const example = yield* Processes.run("examples/src/generate-image.ts", [], { HORDE_API_KEY: "" })
        assert.strictEqual(yield* example.exitCode, 0, example.lines.join("\n"))
        yield* example.saw("an embedded horde")
        yield* example.saw("Open it: ")
      }),
    60_000
  )

  it.scopedLive(
    "cancel-on-interrupt leaves nothing waiting behind",
    () =>
      Effect.gen(function* () {
        const horde = yield* Processes.horde(60)
        const example = yield* Processes.run("examples/src/cancel-on-interrupt.ts", [], { HORDE_URL: horde.url })
        yield* example.saw("Press Ctrl-C")
        const before = yield* horde.record
        assert.lengthOf(before.jobs, 3)
        assert.isTrue(before.jobs.every(({ state }) => state === "waiting" || state === "processing"))

        yield* example.signal("SIGINT")
        yield* example.exitCode
        yield* example.saw("job 3: waiting 0, processing 0, done true")

        const { exchanges, jobs } = yield* horde.record
        assert.deepStrictEqual(
          jobs.map(({ cancels, state, waiting }) => ({ cancels, state, waiting })),
          Array.from({ length: 3 }, () => ({ cancels: 1, state: "cancelled", waiting: 0 }))
        )
        assert.lengthOf(
          exchanges.filter(({ method }) => method === "DELETE"),
          3
        )
      }),
    60_000
  )
})
