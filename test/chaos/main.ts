/**
 * The long run: `npm run chaos -- --seed-from 1 --count 20000 --kills 300`. With `--workers` every run in virtual time
 * has workers, and not only six of ten; a seed stands for two different runs with and without it.
 *
 * Prints the totals so far, and every violation with the seed that replays it. Exits with 1 if there was one. With
 * `--totals FILE` it continues an earlier run and adds up; Ctrl-C ends it with the totals so far. `--timeline SEED`
 * prints one run in detail.
 *
 * Killed programs live by a clock that is ten times as fast as real time, and slower on a machine that is busy at the
 * start; the environment variable `HORDE_CHAOS_FACTOR` sets another number.
 */
import { fork } from "node:child_process"
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { Effect } from "effect"
import * as Machine from "../support/machine.js"
import * as Bundles from "./bundles.js"
import { timeline } from "./timeline.js"
import { add, describeTotals, type Totals, totalsOf } from "./totals.js"
import type { RangeResult } from "./virtual.js"

const { values } = parseArgs({
  options: {
    "seed-from": { type: "string" },
    count: { type: "string", default: "1000" },
    kills: { type: "string", default: "20" },
    workers: { type: "boolean", default: false },
    totals: { type: "string" },
    timeline: { type: "string" }
  }
})

interface Kept {
  /** The seed of the next run in virtual time. */
  readonly next: number
  /** The seed of the next disk on which programs are killed. */
  readonly nextDisk: number
  readonly virtual: Totals
  readonly killed: Totals
  readonly violations: number
}

const wholeNumber = (name: string, text: string): number => {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} must be a whole number`)
  return Number(text)
}

if (values.timeline !== undefined) {
  console.log(timeline(wholeNumber("timeline", values.timeline), values.workers))
  process.exit()
}

const nothing: Kept = { next: 1, nextDisk: 1, virtual: {}, killed: {}, violations: 0 }
const kept: Kept =
  values.totals !== undefined && existsSync(values.totals)
    ? { ...nothing, ...JSON.parse(readFileSync(values.totals, "utf8")) }
    : nothing

const seedFrom = values["seed-from"] === undefined ? undefined : wholeNumber("seed-from", values["seed-from"])
const count = wholeNumber("count", values.count)
const kills = wholeNumber("kills", values.kills)
/** The option of all runs in virtual time, if it is set. */
const workers = values.workers ? ["--workers"] : []
const processes = Math.max(1, Math.min(8, availableParallelism()))
const runsPerPart = 10
/** Fibers of programs that were killed in virtual time stay in the memory of their process. */
const partsPerProcess = 50
const killsPerDisk = 10
const disksAtOnce = 2

/** The results for parts of a range of seeds, counted in order, so that the next seed is known at any time. */
class Progress {
  private readonly early = new Map<number, Found & { readonly next: number }>()

  constructor(
    public next: number,
    public totals: Totals,
    public violations = 0
  ) {}

  done(first: number, next: number, found: Found): void {
    this.early.set(first, { ...found, next })
    for (let part = this.early.get(this.next); part !== undefined; part = this.early.get(this.next)) {
      this.early.delete(this.next)
      this.totals = add(this.totals, part.totals)
      this.violations += part.violations
      this.next = part.next
    }
  }
}

interface Found {
  readonly totals: Totals
  readonly violations: number
}

const virtual = new Progress(count > 0 ? (seedFrom ?? kept.next) : kept.next, kept.virtual)
const killed = new Progress(kills > 0 ? (seedFrom ?? kept.nextDisk) : kept.nextDisk, kept.killed)
const violations = (): number => kept.violations + virtual.violations + killed.violations

const report = (what: string, all: ReadonlyArray<string>): void => {
  for (const violation of all) console.error(`VIOLATION ${what}: ${violation}`)
}

const save = (): void => {
  if (values.totals === undefined) return
  const now: Kept = {
    next: virtual.next,
    nextDisk: killed.next,
    virtual: virtual.totals,
    killed: killed.totals,
    violations: violations()
  }
  // by a rename, so that Ctrl-C during the write keeps the old file
  writeFileSync(`${values.totals}.part`, `${JSON.stringify(now, null, 2)}\n`)
  renameSync(`${values.totals}.part`, values.totals)
}

let printedAt = 0
const print = (): void => {
  printedAt = performance.now()
  if (count > 0) console.log(`virtual time: ${describeTotals(virtual.totals)}`)
  if (Object.keys(killed.totals).length > 0) console.log(`SIGKILL: ${describeTotals(killed.totals)}`)
  save()
}

// leases and time-outs are short in real time: a machine that is busy with other work needs more of it
process.env["HORDE_CHAOS_FACTOR"] ??= String(Math.max(1, 10 / (await Effect.runPromise(Machine.slowness))))
const { campaign } = await import("./kills.js")
const bundles = await Bundles.make()
process.once("exit", () => {
  save()
  bundles.remove()
})
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130))

/** A process that runs one part after the other, up to its limit. Returns whether there may be more. */
const runSome = (parts: Iterator<readonly [from: number, to: number]>): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const child = fork(bundles.file("virtual"), workers)
    let left = partsPerProcess
    const goOn = (): void => {
      const part = left-- > 0 ? parts.next() : undefined
      if (part === undefined || part.done === true) child.disconnect()
      else child.send(part.value)
    }
    child.on("message", ({ from, to, totals, violated }: RangeResult) => {
      for (const { seed, violations } of violated) report(`seed ${seed}`, violations)
      const found = violated.reduce((sum, { violations }) => sum + violations.length, 0)
      virtual.done(from, to, { totals, violations: found })
      if (performance.now() - printedAt > 10_000) print()
      goOn()
    })
    child.on("exit", (code) =>
      code === 0 ? resolve(left < 0) : reject(new Error(`a process of runs ended with ${code}`))
    )
    goOn()
  })

const runVirtual = async (parts: Iterator<readonly [from: number, to: number]>): Promise<void> => {
  let hasMore = true
  while (hasMore) hasMore = await runSome(parts)
}

function* partsOf(from: number, to: number): Generator<readonly [from: number, to: number]> {
  for (let first = from; first < to; first += runsPerPart) yield [first, Math.min(first + runsPerPart, to)]
}

const parts = partsOf(virtual.next, virtual.next + count)
await Promise.all(Array.from({ length: Math.min(processes, count) }, () => runVirtual(parts)))
if (count > 0) print()

let left = kills
let disk = killed.next
const campaigns = async (): Promise<void> => {
  while (left > 0) {
    const some = Math.min(left, killsPerDisk)
    left -= some
    const seed = disk++
    const { outcome, violations } = await campaign(bundles, seed, some)
    report(`SIGKILL, seed ${seed}`, violations)
    const totals = add({ disks: 1 }, outcome === undefined ? {} : totalsOf(outcome))
    killed.done(seed, seed + 1, { totals, violations: violations.length })
    print()
  }
}
await Promise.all(Array.from({ length: disksAtOnce }, campaigns))

const from = values.totals === undefined ? `--seed-from ${virtual.next}` : `--totals ${values.totals}`
const goOn = [from, `--count ${count}`, `--kills ${kills}`, ...workers].join(" ")
console.log(`${violations()} violations. To go on: npm run chaos -- ${goOn}`)
process.exitCode = violations() === 0 ? 0 : 1
