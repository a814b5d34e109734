/** A program of the Promise API that is killed, and the next one on its journal. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import { startHorde } from "@effect-horde/server/promise"
import { Effect } from "effect"
import * as FileJournal from "effect-horde/FileJournal"
import { AIHorde, type Options } from "effect-horde/promise"
import * as Processes from "../support/processes.js"

type Recovery = NonNullable<Options["recovery"]>
type Recovered = Parameters<NonNullable<Recovery["onRecovered"]>>[0]

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "horde-promise-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const server = Effect.acquireRelease(
  Effect.promise(() => startHorde({ worker: { takes: "3 seconds" } })),
  ({ close }) => Effect.promise(close)
)

/** Starts a program with a job, kills it, and recovers with a policy. `use` is given what was recovered. */
const recovered = (policy: Recovery["policy"], use: (horde: AIHorde, recovered: Recovered) => Promise<void>) =>
  Effect.gen(function* () {
    const { jobs, url } = yield* server
    const folder = yield* directory
    const program = yield* Processes.run("test/promise/programs/draws.ts", [url, Accounts.plainKey, folder])
    yield* program.saw("submitted")
    yield* program.signal("SIGKILL")
    yield* program.ending
    yield* Effect.promise(async () => {
      let onRecovered: (recovered: Recovered) => void = () => {}
      const found = new Promise<Recovered>((resolve) => {
        onRecovered = resolve
      })
      await using horde = new AIHorde({
        baseUrl: url,
        apiKey: Accounts.plainKey,
        platform: NodeContext.layer,
        journal: FileJournal.layer({ directory: folder, lease: "1 second" }),
        recovery: { policy, onRecovered }
      })
      await use(horde, await found)
    })
    return yield* Effect.promise(jobs)
  })

describe("a killed program", () => {
  it.scopedLive("its job is cancelled by the next program, without a call", () =>
    Effect.gen(function* () {
      const [job, ...others] = yield* recovered("cancel", async (_, { cancelled }) => {
        assert.lengthOf(cancelled, 1)
      })
      assert.include(job, { state: "cancelled", cancels: 1 })
      assert.isEmpty(others)
    })
  )

  it.scopedLive("its job is resumed by the next program", () =>
    Effect.gen(function* () {
      const [job, ...others] = yield* recovered("resume", async (horde, { resumed }) => {
        const [ticket] = resumed
        if (ticket === undefined) throw new Error("no job was resumed")
        const { result } = await horde.images.resume(ticket)
        const [picture] = await result()
        assert.strictEqual(picture?.mediaType, "image/webp")
      })
      assert.include(job, { state: "finished", cancels: 0 })
      assert.isEmpty(others)
    })
  )
})
