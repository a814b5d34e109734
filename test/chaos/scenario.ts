/** The content of one run, all of it drawn from a seed: programs, their tasks, their ends, and faults. */
import { Faults } from "@effect-horde/server"
import type { Alchemy } from "effect-horde"
import { baseUrl } from "../support/stack.js"
import type { Task } from "./ledger.js"

/** How a program ends, counted from its start: by itself after all tasks, or earlier. */
export type End =
  | { readonly kind: "by itself" }
  | { readonly kind: "interrupt" | "defect" | "kill"; readonly after: number }
  /** Killed at its nth operation on the disk. */
  | { readonly kind: "kill at disk"; readonly operation: number }
  /** Killed a few operations after it has opened the nth file for a picture. */
  | { readonly kind: "kill while saving"; readonly picture: number; readonly operation: number }

export interface Program {
  readonly name: string
  readonly startsAt: number
  readonly tasks: ReadonlyArray<Task>
  readonly end: End
}

/** A worker of this library, beside those of the embedded horde. */
export interface WorkerProgram {
  readonly name: string
  readonly startsAt: number
  readonly kind: "image" | "text" | "alchemy"
  readonly threads: number
  /** The time that it takes for a result, in milliseconds. */
  readonly takes: number
  /** How its generator fails for a third of the jobs. */
  readonly trouble: "none" | "fails" | "dies" | "hangs"
  readonly end: End
}

export interface Scenario {
  readonly seed: number
  /** No faults but those of the programs. */
  readonly isFaultless: boolean
  readonly account: "personal" | "anonymous"
  /** Whether the server returns the requests of jobs. */
  readonly exposesRequests: boolean
  readonly policy: "resume" | "cancel"
  readonly takes: number
  readonly programs: ReadonlyArray<Program>
  /** None in many runs, unless they are required. */
  readonly workers: ReadonlyArray<WorkerProgram>
  readonly faults: ReadonlyArray<Faults.Rule>
}

/** A random number generator for each seed: mulberry32. */
export const dice = (seed: number) => {
  let state = seed >>> 0
  const roll = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (end: number) => Math.floor(roll() * end)
  return {
    below,
    between: (low: number, high: number) => low + below(high - low + 1),
    chance: (share: number) => roll() < share,
    one: <A>(of: readonly [A, ...ReadonlyArray<A>]): A => of[below(of.length)] ?? of[0]
  }
}

export type Dice = ReturnType<typeof dice>

/** The forms of alchemy jobs: of each kind of result, and pictures. */
export const forms = [
  "caption",
  "interrogation",
  "nsfw",
  "palette",
  "RealESRGAN_x2plus",
  "strip_background"
] as const satisfies ReadonlyArray<Alchemy.AlchemyForm>

const kinds = ["save", "save", "save", "stream", "take one", "cancel", "time out", "forget", "raw"] as const

export const tasksOf = (die: Dice, name: string): ReadonlyArray<Task> =>
  Array.from({ length: die.between(1, 4) }, (_, index) => {
    const n = die.between(1, 3)
    return {
      tag: `${name}.${index}`,
      job: die.one(["image", "image", "text", "alchemy"]),
      kind: die.one(kinds),
      n,
      forms: Array.from({ length: n }, () => die.one(forms)),
      startsAfter: die.chance(0.5) ? 0 : die.below(20_000),
      timeout: die.one([50, 400, 3000, 10_000, 40_000])
    }
  })

const endOf = (die: Dice): End => {
  const after = die.one([die.below(500), die.below(5000), die.below(60_000)])
  return die.one<() => End>([
    () => ({ kind: "by itself" }),
    () => ({ kind: "interrupt", after }),
    () => ({ kind: "defect", after }),
    () => ({ kind: "kill", after }),
    () => ({ kind: "kill at disk", operation: die.between(5, 80) }),
    () => ({ kind: "kill while saving", picture: die.between(0, 2), operation: die.between(1, 3) })
  ])()
}

const submit = { method: "POST" }
const cancel = { method: "DELETE" }

/** Marks a reply as scripted, and not the limiter's own. */
export const scripted = "x-scripted"

const faultsOf = (die: Dice): ReadonlyArray<Faults.Rule> => {
  const bad = die.one([0.02, 0.1, 0.3])
  const match = () => ({ probability: bad, seed: die.below(1_000_000) })
  // a cancel whose reply is late may be given up first, which the server cannot know
  const notCancel = () => ({ ...match(), where: ({ method }: Faults.Request) => method !== "DELETE" })
  const page = { headers: { [scripted]: "1" }, body: "<title>no</title>" }
  const requests: ReadonlyArray<() => Faults.Rule> = [
    () => Faults.latency(die.one([200, 3000, 20_000]), notCancel()),
    () => Faults.reset("before", match()),
    () => Faults.reset("after", match()),
    () => Faults.reset("after", { ...submit, probability: 0.6, seed: die.below(1_000_000) }),
    () => Faults.respond({ status: 503, ...page }, match()),
    () => Faults.respond({ status: 429, ...page, headers: { ...page.headers, "retry-after": "3" } }, match()),
    () => Faults.respondAfter({ status: 504, ...page }, match()),
    () => Faults.truncate(match()),
    () => Faults.hang("before", match()),
    () => Faults.hang("after", { ...match(), sends: die.one(["nothing", "half"]) }),
    () => Faults.refuse(match()),
    () => Faults.redirect(`${baseUrl}/elsewhere`, notCancel()),
    () => Faults.respond({ status: 502, ...page }, { ...cancel, times: die.between(1, 20) })
  ]
  /** Jobs whose tag ends with a digit; alchemy jobs, which have no prompt, with as many forms. */
  const some = (digit: number) => (job: Faults.JobFacts) =>
    job.kind === "alchemy" ? job.n === digit : job.prompt.endsWith(`${digit}`)
  const jobs: ReadonlyArray<() => Faults.Rule> = [
    () => Faults.failAttempts(die.between(1, 4)),
    () => Faults.loseAttempts(die.between(1, 2)),
    () => Faults.impossible(some(1)),
    () => Faults.stall(some(2)),
    () => Faults.vanish((job) => (job.kind === "alchemy" || job.prompt.endsWith("0")) && die.chance(0.3)),
    () => Faults.censor(),
    () => Faults.unavailableImage(some(1)),
    () => Faults.brokenImage(some(2)),
    () => Faults.expiredLink((job) => (job.kind === "alchemy" ? job.n === 3 : job.prompt.endsWith("0"))),
    () => Faults.expireLinks(die.between(1, 4))
  ]
  return [
    ...requests.filter(() => die.chance(0.35)).map((rule) => rule()),
    ...jobs.filter(() => die.chance(0.12)).map((rule) => rule())
  ]
}

/** The shortest time that a worker takes for a result, in milliseconds. */
export const quickest = 200

export const workerOf = (die: Dice, name: string): Omit<WorkerProgram, "end" | "startsAt"> => ({
  name,
  kind: die.one(["image", "text", "alchemy"]),
  threads: die.between(1, 2),
  takes: die.one([quickest, 3000, 20_000]),
  trouble: die.one(["none", "none", "fails", "dies", "hangs"])
})

/** Drawn separately, so that the programs of a seed do not depend on its workers. */
const workersOf = (seed: number, isRequired: boolean): ReadonlyArray<WorkerProgram> => {
  const die = dice(seed ^ 0x5bd1e995)
  const hasNone = die.chance(0.4)
  if (hasNone && !isRequired) return []
  return Array.from({ length: die.between(1, 2) }, (_, index): WorkerProgram => {
    const startsAt = index === 0 ? 0 : die.below(60_000)
    return { ...workerOf(die, `s${seed}w${index}`), startsAt, end: endOf(die) }
  })
}

/** The scenario of a seed. With `withWorkers` every seed has workers; the rest of it is the same. */
export const scenarioOf = (seed: number, withWorkers = false): Scenario => {
  const die = dice(seed)
  const isFaultless = die.chance(0.2)
  const programs = Array.from({ length: die.between(1, 3) }, (_, index): Program => {
    const name = `s${seed}p${index}`
    return {
      name,
      // one after another, or side by side on one journal
      startsAt: index === 0 ? 0 : die.below(index * 45_000),
      tasks: tasksOf(die, name),
      end: endOf(die)
    }
  })
  return {
    seed,
    isFaultless,
    account: die.chance(0.15) ? "anonymous" : "personal",
    exposesRequests: die.chance(0.85),
    policy: die.chance(0.65) ? "resume" : "cancel",
    takes: die.one([500, 3000, 15_000, 40_000]),
    programs,
    workers: workersOf(seed, withWorkers),
    faults: isFaultless ? [] : faultsOf(die)
  }
}
