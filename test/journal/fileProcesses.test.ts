/** The journal in files, on a real disk, with real processes that are killed. */
import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as FileJournal from "effect-horde/FileJournal"
import { build } from "esbuild"

const lease = 300
const kills = 30

let folder = ""

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "effect-horde-"))
  await build({
    entryPoints: [fileURLToPath(new URL("./writer.ts", import.meta.url))],
    outfile: join(folder, "writer.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "silent"
  })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a writer, kills it this long after its first write, and returns its output. */
const killed = (directory: string, name: string, after: number) =>
  Effect.async<ReadonlyArray<string>>((resume) => {
    const lines: Array<string> = []
    const child = spawn(process.execPath, [join(folder, "writer.mjs"), directory, name, `${lease}`], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (lines.push(line) === 1) setTimeout(() => child.kill("SIGKILL"), after)
    })
    child.on("close", () => resume(Effect.succeed(lines)))
    return Effect.sync(() => void child.kill("SIGKILL"))
  })

const order = ["intent", "live", "finished"]

describe("the journal in files with real processes", () => {
  it.scopedLive(`killed writers lose no confirmed entry, over ${kills} kills`, () =>
    Effect.gen(function* () {
      const directory = join(folder, "journal")
      const said = yield* Effect.forEach(
        Array.from(Array(kills).keys()),
        (at) => killed(directory, `${at}`, (at * 17) % 60),
        { concurrency: 3 }
      )
      const safe = said.map((lines) => new Map(lines.map((line) => line.split(" ") as [string, string])))
      for (const all of safe) assert.isAbove(all.size, 0)

      const journal = yield* FileJournal.make({ directory, lease })
      const taken = yield* journal.takeOver
      assert.isAtMost(taken.unreadable, kills)
      const entries = yield* journal.entries
      const found = new Map(entries.map(({ key, state }) => [`${key}`, state]))
      for (const [key, state] of safe.flatMap((all) => [...all])) {
        assert.isAtLeast(order.indexOf(found.get(key) ?? ""), order.indexOf(state), key)
      }
      assert.strictEqual(taken.entries.length, entries.length)
      for (const { key } of entries) assert.isTrue(yield* journal.holds(key))
      assert.strictEqual(readdirSync(directory).length, 1)
    }).pipe(Effect.provide(Layer.merge(NodeFileSystem.layer, NodePath.layer)))
  )
})
