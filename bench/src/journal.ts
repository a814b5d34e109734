/** The cost of a durable write of a job's state, and the time that the journal adds to a submit. */
import { mkdtempSync, rmSync, statfsSync } from "node:fs"
import { open } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as SqliteJournal from "@effect-horde/sql/SqliteJournal"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as FileJournal from "effect-horde/FileJournal"
import * as FollowUp from "effect-horde/FollowUp"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as JobJournal from "effect-horde/JobJournal"
import * as JobQuota from "effect-horde/JobQuota"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import { median, type Row, ratios, rounds, spread, table, timed, valuesOf } from "./rounds.js"
import { serve } from "./servers.js"

// next to this script, and not in the folder for temporary files, which is often in memory, where a sync does nothing
const folder = mkdtempSync(fileURLToPath(new URL("journal-", import.meta.url)))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

/** File systems by the magic number that Linux reports. */
const systems = new Map([
  [0xef53, "ext4"],
  [0x58465342, "xfs"],
  [0x9123683e, "btrfs"],
  [0x794c7630, "overlayfs"],
  [0x01021994, "tmpfs"],
  [0x858458f6, "ramfs"]
])
const { type } = statfsSync(folder)
const system = systems.get(type) ?? `file system 0x${type.toString(16)}`
console.log(`in bench/build: ${system}`)
if (system === "tmpfs" || system === "ramfs")
  console.log("a file system in memory: a sync costs nothing, and the figures mean nothing")
console.log()

const server = await serve()

const horde = <E>(journal: Layer.Layer<JobJournal.JobJournal, E>) =>
  ManagedRuntime.make(
    ImageGeneration.layer.pipe(
      Layer.provideMerge(FollowUp.layer()),
      Layer.provideMerge(HordeClient.layer({ baseUrl: server.url, clientAgent: "bench:1:none" })),
      Layer.provideMerge(journal),
      Layer.provide([JobQuota.layer, RateLimit.layerWith({ limits: () => [] }), Retry.layer()]),
      Layer.provide(NodeHttpClient.layerUndici)
    )
  )

const memoryName = "memory journal"
const onMemory = horde(JobJournal.layerMemory)
const onFile = horde(FileJournal.layer({ directory: join(folder, "files") }).pipe(Layer.provide(NodeContext.layer)))
const onSqlite = horde(SqliteJournal.layer({ filename: join(folder, "journal.db") }))
const journals = [
  ["FileJournal", onFile],
  ["SqliteJournal", onSqlite],
  [memoryName, onMemory]
] as const

/** All entries of a job from its start to its end. */
type JobEntries = ReadonlyArray<JobJournal.Entry>

const states = ["intent", "live", "finished", "delivered"] as const

const jobEntries = (): JobEntries => {
  const fingerprint = "0123456789abcdef"
  const now = DateTime.unsafeNow()
  const known = {
    version: 1,
    key: JobJournal.EntryKey.make(crypto.randomUUID().replaceAll("-", "").slice(8)),
    job: "image",
    expected: 1,
    submittedAt: now,
    changedAt: now,
    account: { kind: "personal", fingerprint },
    request: {
      fields: ["params.height", "params.steps", "params.width", "prompt"],
      fingerprint,
      promptFingerprint: fingerprint
    }
  } as const
  const id = Redacted.make<string>(crypto.randomUUID())
  return states.map((state) => JobJournal.Entry.make({ ...known, state, ...(state === "intent" ? {} : { id }) }))
}

const raw = await open(join(folder, "raw"), "a")
/** As long as a line of `FileJournal`, which begins with a fingerprint. */
const lineOf = (entry: JobJournal.Entry) => Buffer.from(`0123456789abcdef ${JobJournal.encode(entry)}\n`)

const rawName = "append + fsync"
const appended = (jobs: ReadonlyArray<JobEntries>) => {
  const lines = jobs.flat().map(lineOf)
  return timed(lines.length, async () => {
    for (const line of lines) {
      await raw.appendFile(line)
      await raw.sync()
    }
  })
}

const write = (entries: JobEntries) =>
  Effect.flatMap(JobJournal.JobJournal, (journal) => Effect.forEach(entries, journal.write, { discard: true }))

/** Measures rows against one of them, and prints them under these headings. */
const compare = async (rows: ReadonlyArray<Row>, base: string, [what, time, cpu]: [string, string, string]) => {
  const samples = await rounds(rows, { count: 11, warmUp: 4 })
  table(
    [what, time, `x ${base}`, cpu],
    rows.map(({ name }) => [
      name,
      median(valuesOf(samples, name, "time")).toFixed(0),
      spread(ratios(samples, base, name, "time")),
      median(valuesOf(samples, name, "cpu")).toFixed(0)
    ])
  )
}

for (const inFlight of [1, 64]) {
  const jobs = inFlight === 1 ? 16 : 128
  const jobsOf = (count: number) => Array.from({ length: count }, jobEntries)
  const rows = [
    { name: rawName, run: () => appended(jobsOf(jobs)) },
    ...journals.map(([name, runtime]) => ({
      name,
      run: () => {
        const entries = jobsOf(name === memoryName ? jobs * 8 : jobs)
        const all = Effect.forEach(entries, write, { concurrency: inFlight, discard: true })
        return timed(entries.length * states.length, () => runtime.runPromise(all))
      }
    }))
  ]
  console.log(`${inFlight} in flight`)
  await compare(rows, rawName, ["", "us a write", "CPU us a write"])
  console.log()
}

const input = { prompt: "a lighthouse at dusk", params: { steps: 20, width: 512, height: 512 } }
const submit = Effect.scoped(Effect.flatMap(ImageGeneration.submit(input), ({ detach }) => detach))

const submits = 50
const rows = journals.map(([name, runtime]) => ({
  name,
  run: () => timed(submits, () => runtime.runPromise(Effect.repeatN(submit, submits - 1)))
}))
await compare(rows, memoryName, ["submit and detach, 1 in flight", "us a submit", "CPU us a submit"])

for (const [, runtime] of journals) await runtime.dispose()
await raw.close()
server.close()
