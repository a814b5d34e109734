/**
 * The long run: `npm run chaos -- --seed-from 1 --count 20000 --kills 300`.
 *
 * Prints what has happened so far, and every violation with the seed that replays it. Ends with 1 if there was one. With
 * `--totals FILE` it goes on where an earlier one left off, and adds up. `--story SEED` tells one run in full.
 */
import { fork } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import * as Bundles from "./bundles.js"
import { campaign } from "./kills.js"
import { story } from "./story.js"
import { add, inWords, type Totals, totalsOf } from "./totals.js"
import type { Told } from "./virtual.js"

const { values } = parseArgs({
  options: {
    "seed-from": { type: "string" },
    count: { type: "string", default: "1000" },
    kills: { type: "string", default: "20" },
    totals: { type: "string" },
    story: { type: "string" }
  }
})

interface Kept {
  readonly next: number
  readonly virtual: Totals
  readonly killed: Totals
  readonly violations: number
}

const wholeNumber = (name: string, text: string): number => {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} must be a whole number`)
  return Number(text)
}

if (values.story !== undefined) {
  console.log(story(wholeNumber("story", values.story)))
  process.exit()
}

const kept: Kept =
  values.totals !== undefined && existsSync(values.totals)
    ? JSON.parse(readFileSync(values.totals, "utf8"))
    : { next: 1, virtual: {}, killed: {}, violations: 0 }

const from = values["seed-from"] === undefined ? kept.next : wholeNumber("seed-from", values["seed-from"])
const count = wholeNumber("count", values.count)
const kills = wholeNumber("kills", values.kills)
const processes = Math.max(1, Math.min(8, availableParallelism()))
const killsPerDisk = 10
const disksAtOnce = 2

let violations = kept.violations
const report = (what: string, all: ReadonlyArray<string>): void => {
  violations += all.length
  for (const violation of all) console.error(`VIOLATION ${what}: ${violation}`)
}

const bundles = await Bundles.make()
let virtual: Totals = kept.virtual
let killed: Totals = kept.killed
let printedAt = 0
const print = (): void => {
  printedAt = performance.now()
  if (count > 0) console.log(`virtual time: ${inWords(virtual)}`)
  if (kills > 0 && Object.keys(killed).length > 0) console.log(`SIGKILL: ${inWords(killed)}`)
}

const runVirtual = (index: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = fork(bundles.file("virtual"), [from + index, from + count, processes].map(String))
    child.on("message", ({ totals, violated }: Told) => {
      virtual = add(virtual, totals)
      for (const { seed, violations } of violated) report(`seed ${seed}`, violations)
      if (performance.now() - printedAt > 10_000) print()
    })
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a process of runs ended with ${code}`))))
  })

try {
  await Promise.all(Array.from({ length: Math.min(processes, count) }, (_, index) => runVirtual(index)))
  if (count > 0) print()
  let left = kills
  let disk = from
  const campaigns = async (): Promise<void> => {
    while (left > 0) {
      const some = Math.min(left, killsPerDisk)
      left -= some
      const seed = disk++
      const { outcome, violations } = await campaign(bundles, seed, some)
      killed = add(killed, { disks: 1, ...(outcome === undefined ? {} : totalsOf(outcome)) })
      report(`SIGKILL, seed ${seed}`, violations)
      print()
    }
  }
  await Promise.all(Array.from({ length: disksAtOnce }, campaigns))
} finally {
  bundles.remove()
}

const next = from + count
if (values.totals !== undefined) {
  writeFileSync(values.totals, `${JSON.stringify({ next, virtual, killed, violations } satisfies Kept, null, 2)}\n`)
}
console.log(
  `${violations} violations. To go on: npm run chaos -- --seed-from ${next} --count ${count} --kills ${kills}`
)
process.exitCode = violations === 0 ? 0 : 1
