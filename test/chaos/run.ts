/** One run in virtual time: programs start and end, a last one cleans up, and then the invariants are checked. */
import type { FileSystem, HttpClient } from "@effect/platform"
import { HordeServer } from "@effect-horde/server"
import { Cause, Clock, Effect, Exit, Fiber, Layer } from "effect"
import * as Disk from "../support/disk.js"
import { baseUrl } from "../support/stack.js"
import { isWhole, type Outcome, violations } from "./invariants.js"
import { withTags } from "./jobTags.js"
import { Ledger } from "./ledger.js"
import { type Mutation, none } from "./mutations.js"
import { cleanUp, type Place, recovery, stack, work } from "./program.js"
import { type End, type Program, type Scenario, scenarioOf, type WorkerProgram } from "./scenario.js"
import { simulate } from "./simulation.js"
import { returnAll, runWorker, type WorkerPlace, workerRecovery, workerStack } from "./worker.js"
import { WorkerLedger } from "./workerLedger.js"

const pictures = "/pictures"

interface World {
  readonly scenario: Scenario
  readonly ledger: Ledger
  readonly workers: WorkerLedger
  readonly disk: Disk.Disk
  readonly mutation: Mutation
}

/** A process that is over is like a killed one: all that it left running ends with it. */
const isDead =
  ({ ledger }: World, program: string, process: Disk.Process) =>
  (): boolean =>
    process.isKilled() || ledger.lives.get(program)?.endedAt !== undefined

const workerPlaceOf = (world: World, program: string, process: Disk.Process): WorkerPlace => ({
  program,
  baseUrl,
  lease: "10 seconds",
  journal: "/journal of workers",
  fileSystem: process.fileSystem,
  mutation: world.mutation,
  isDead: isDead(world, program, process),
  tell: world.workers.record
})

const placeOf = (world: World, program: string, process: Disk.Process): Place => ({
  program,
  baseUrl,
  account: world.scenario.account,
  policy: world.scenario.policy,
  lease: "10 seconds",
  journal: "/journal",
  pictures,
  fileSystem: process.fileSystem,
  mutation: world.mutation,
  isDead: isDead(world, program, process),
  tell: world.ledger.record
})

const picturesOn = (disk: Disk.Disk): ReadonlyMap<string, Uint8Array> =>
  new Map(
    [...disk.files()].flatMap(([path, bytes]) =>
      path.startsWith(`${pictures}/`) ? [[path.slice(pictures.length + 1), bytes] as const] : []
    )
  )

/** Records a program's start and its end, and the files that it leaves on the disk. */
const recorded = <E, R>(
  { disk, ledger }: World,
  program: string,
  isKilled: () => boolean,
  life: Effect.Effect<void, E, R>
) =>
  Effect.gen(function* () {
    ledger.record({ type: "started", program, at: yield* Clock.currentTimeMillis })
    yield* life
    for (const [name, bytes] of picturesOn(disk)) {
      if (!name.endsWith(".part") && !isWhole(bytes)) ledger.record({ type: "torn", program, name })
    }
    ledger.record({ type: "over", program, at: yield* Clock.currentTimeMillis, isKilled: isKilled() })
  })

/** Ends when the program is killed: from outside, or at one of its disk operations. */
const killing = (end: End, process: Disk.Process): Effect.Effect<void> => {
  if (end.kind === "kill") return Effect.delay(Effect.sync(process.kill), end.after)
  if (end.kind === "kill at disk") process.faultAt("kill", end.operation)
  return end.kind === "kill at disk" || end.kind === "kill while saving"
    ? Effect.repeat(Effect.sleep(500), { until: process.isKilled })
    : Effect.never
}

/** The disk of a program that is killed during a save. */
const diskFor = ({ end }: Program, process: Disk.Process): FileSystem.FileSystem => {
  if (end.kind !== "kill while saving") return process.fileSystem
  let left = end.picture
  const open: FileSystem.FileSystem["open"] = (path, options) =>
    Effect.suspend(() => {
      if (path.startsWith(`${pictures}/`) && options?.flag?.startsWith("w") === true && left-- === 0) {
        process.faultAt("kill", end.operation)
      }
      return process.fileSystem.open(path, options)
    })
  return { ...process.fileSystem, open }
}

const ending = (end: End): Effect.Effect<void> => {
  if (end.kind === "interrupt") return Effect.sleep(end.after)
  return end.kind === "defect" ? Effect.delay(Effect.dieMessage("a defect"), end.after) : Effect.never
}

/** A program from its start to its end. After a kill nothing that it does has an effect. */
const live = (world: World, program: Program): Effect.Effect<void, never, HttpClient.HttpClient> => {
  const process = world.disk.process()
  const place = { ...placeOf(world, program.name, process), fileSystem: diskFor(program, process) }
  const doing = Effect.raceFirst(work(place, program.tasks), ending(program.end)).pipe(
    Effect.provide(Layer.provideMerge(recovery(place), stack(place)))
  )
  return lifeOf(world, program, process, doing)
}

const lifeOf = <E, R>(
  world: World,
  { end, name, startsAt }: Pick<Program, "end" | "name" | "startsAt">,
  process: Disk.Process,
  doing: Effect.Effect<void, E, R>
) => {
  const life = Effect.gen(function* () {
    const fiber = yield* Effect.forkDaemon(doing)
    yield* Effect.raceFirst(Fiber.await(fiber), killing(end, process))
    if (process.isKilled()) yield* Fiber.interruptFork(fiber)
  })
  return Effect.delay(recorded(world, name, process.isKilled, life), startsAt)
}

/** A worker from its start to its end. */
const liveWorker = (world: World, program: WorkerProgram): Effect.Effect<void, never, HttpClient.HttpClient> => {
  const process = world.disk.process()
  const place = workerPlaceOf(world, program.name, process)
  const doing = Effect.raceFirst(runWorker(program, Effect.sleep("90 seconds")), ending(program.end)).pipe(
    Effect.provide(Layer.provideMerge(workerRecovery, workerStack(place)))
  )
  return lifeOf(world, program, process, doing)
}

/** The last program: there are no faults any more, and it recovers all remaining jobs. */
const last = (world: World) => {
  const process = world.disk.process()
  const name = `s${world.scenario.seed}last`
  const place = placeOf(world, name, process)
  const life = Effect.provide(cleanUp(place), stack(place))
  return recorded(world, name, process.isKilled, life)
}

/** The last worker: it returns the jobs that the others have left. */
const lastWorker = (world: World) => {
  const process = world.disk.process()
  const name = `s${world.scenario.seed}lastw`
  const place = workerPlaceOf(world, name, process)
  return recorded(world, name, process.isKilled, Effect.asVoid(Effect.provide(returnAll, workerStack(place))))
}

export interface Ran {
  /** Undefined if the run itself failed. */
  readonly outcome: Outcome | undefined
  readonly violations: ReadonlyArray<string>
}

export interface RunOptions {
  readonly mutation?: Mutation
  /** Whether the run has workers in any case. */
  readonly withWorkers?: boolean
}

export const run = (seed: number, { mutation = none, withWorkers = false }: RunOptions = {}): Ran => {
  const scenario = scenarioOf(seed, withWorkers)
  const disk = Disk.make()
  const world: World = { scenario, ledger: new Ledger(), workers: new WorkerLedger(), disk, mutation }
  const hasWorkers = scenario.workers.length > 0
  // slower to start where other workers compete for the jobs
  const builtIn = { takes: scenario.takes, startsAfter: hasWorkers ? "15 seconds" : "1 second" } as const
  const all = Effect.gen(function* () {
    const server = yield* HordeServer.HordeServer
    yield* server.faults.script(...scenario.faults)
    const lives = [
      ...scenario.programs.map((program) => live(world, program)),
      ...scenario.workers.map((program) => liveWorker(world, program))
    ]
    yield* Effect.all(lives, { concurrency: "unbounded", discard: true })
    yield* server.faults.clear
    // requests that were in flight when their program died have arrived by then
    yield* Effect.sleep("21 seconds")
    if (hasWorkers) yield* lastWorker(world)
    yield* last(world)
    yield* Effect.sleep("31 seconds")
    const exchanges = yield* server.exchanges
    return { exchanges, jobs: withTags(yield* server.jobs, exchanges) }
  }).pipe(
    Effect.provide(
      HordeServer.layerClient({
        seed,
        exposesRequests: scenario.exposesRequests,
        worker: builtIn,
        textWorker: builtIn,
        alchemyWorker: builtIn
      })
    )
  )
  const exit = simulate(seed, all)
  if (Exit.isFailure(exit)) return { outcome: undefined, violations: [Cause.pretty(exit.cause)] }
  const { ledger, workers } = world
  const takes = Math.min(scenario.takes, ...scenario.workers.map(({ takes }) => takes))
  const outcome: Outcome = {
    scenario: { ...scenario, takes },
    jitter: 0,
    ledger,
    workers,
    ...exit.value,
    files: picturesOn(disk)
  }
  return { outcome, violations: violations(outcome) }
}
