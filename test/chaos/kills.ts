/** Programs in processes of their own, killed with SIGKILL at random moments and started again, on one disk. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { ServerRecord } from "../support/processes.js"
import type { Bundles } from "./bundles.js"
import type { Orders } from "./child.js"
import { factor, fastNow } from "./fastClock.js"
import { hordeFaults } from "./hordeFaults.js"
import { isWhole, type Outcome, violations } from "./invariants.js"
import { withTags } from "./jobTags.js"
import { type Event, Ledger } from "./ledger.js"
import type { Ran } from "./run.js"
import { type Dice, dice, quickest, tasksOf, workerOf } from "./scenario.js"
import type { WorkerOrders } from "./workerChild.js"
import { type WorkerEvent, WorkerLedger } from "./workerLedger.js"

/** How long the horde of a run takes for one picture, in milliseconds. */
const takesToPaint = 6000

const pause = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis))

/** A Node process, and each line that it prints. Its stderr is shown. */
const start = (file: string, args: ReadonlyArray<string>, onLine: (line: string) => void) => {
  const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "inherit"] })
  createInterface({ input: child.stdout }).on("line", onLine)
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
  return { child, ended }
}

const firstLine = (file: string, args: ReadonlyArray<string>) =>
  new Promise<{ readonly line: string; readonly child: ChildProcess }>((resolve, reject) => {
    const { child, ended } = start(file, args, (line) => resolve({ line, child }))
    void ended.then((code) => reject(new Error(`${file} ended with ${code}`)))
  })

/** Sometimes at once, sometimes during a job, sometimes during a recovery: milliseconds of real time. */
const lifetime = (die: Dice): number => die.one([die.below(300), die.below(1500), die.below(4000), die.below(9000)])

/**
 * One disk and one server: the given number of kills, two programs and a worker side by side. Then a last program and a
 * last worker clean up.
 */
export const campaign = async (bundles: Bundles, seed: number, kills: number): Promise<Ran> => {
  const die = dice(seed)
  const origin = performance.timeOrigin + performance.now()
  const folder = mkdtempSync(join(tmpdir(), "effect-horde-kills-"))
  const pictures = join(folder, "pictures")
  const horde = await firstLine(bundles.file("horde"), [origin, seed, takesToPaint].map(String))
  const running = new Set<ChildProcess>([horde.child])
  const ledger = new Ledger()
  const workers = new WorkerLedger()
  let names = 0
  let left = kills

  const picturesThere = (): ReadonlyMap<string, Uint8Array> => {
    try {
      return new Map(readdirSync(pictures).map((name) => [name, readFileSync(join(pictures, name))]))
    } catch {
      return new Map()
    }
  }

  /** Starts a process. Its events other than its start go to `record`. */
  const run = <E>(
    program: string,
    file: "child" | "workerChild",
    orders: Orders | WorkerOrders,
    record: (event: E) => void
  ) => {
    let onStart = () => {}
    const started = new Promise<void>((resolve) => {
      onStart = resolve
    })
    const { child, ended } = start(bundles.file(file), [JSON.stringify(orders)], (line) => {
      const event = JSON.parse(line)
      if (event.type !== "started") return record(event)
      ledger.record(event)
      onStart()
    })
    running.add(child)
    const over = async (isKilled: boolean) => {
      const at = fastNow(origin)
      const code = await ended
      running.delete(child)
      ledger.record({ type: "over", program, at: isKilled ? at : fastNow(origin), isKilled })
      return code
    }
    return { child, started, over }
  }

  const liveWorker = (isLast: boolean) => {
    const name = `k${seed}w${names++}`
    const journal = join(folder, "journal of workers")
    const orders = { baseUrl: horde.line, journal, origin, worker: workerOf(die, name), isLast }
    return run<WorkerEvent>(name, "workerChild", orders, workers.record)
  }

  const live = (isLast: boolean) => {
    const program = `k${seed}p${names++}`
    const tasks = isLast ? [] : tasksOf(die, program)
    const orders: Orders = {
      program,
      baseUrl: horde.line,
      account: "personal",
      policy: "resume",
      journal: join(folder, "journal"),
      pictures,
      origin,
      tasks,
      isLast
    }
    return run<Event>(program, "child", orders, ledger.record)
  }

  /** One process after the other, each killed after its lifetime. */
  const slot = async (live: (isLast: boolean) => ReturnType<typeof run>) => {
    while (left > 0) {
      left--
      const { child, over, started } = live(false)
      await started
      await pause(lifetime(die))
      child.kill("SIGKILL")
      await over(true)
      for (const [name, bytes] of picturesThere()) {
        // another program may be about to write; under its final name a file is complete all the same
        if (!name.endsWith(".part") && !isWhole(bytes)) ledger.record({ type: "torn", program: "?", name })
      }
    }
  }

  try {
    await Promise.all([slot(live), slot(live), slot(liveWorker)])
    // requests that were in flight when their program died have arrived by then
    await pause(2000 / factor)
    const codes = [await liveWorker(true).over(false), await live(true).over(false)]
    await pause(31_000 / factor)
    const response = await fetch(new URL("/embedded/record", horde.line))
    const record = (await response.json()) as ServerRecord
    const outcome: Outcome = {
      scenario: {
        isFaultless: false,
        account: "personal",
        exposesRequests: true,
        policy: "resume",
        takes: Math.min(takesToPaint, quickest),
        faults: hordeFaults(seed)
      },
      jitter: 60 * factor,
      ledger,
      workers,
      exchanges: record.exchanges,
      jobs: withTags(record.jobs, record.exchanges),
      files: picturesThere()
    }
    const broken = codes.every((code) => code === 0) ? [] : [`the last programs ended with ${codes}`]
    return { outcome, violations: [...broken, ...violations(outcome)] }
  } finally {
    for (const child of running) child.kill("SIGKILL")
    rmSync(folder, { recursive: true, force: true })
  }
}
