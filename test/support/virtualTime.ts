/** Helpers of the tests of jobs: a small request, virtual time, and the server's own record. */
import { Accounts, type Faults, HordeServer } from "@effect-horde/server"
import { Clock, Duration, Effect, Fiber, Logger, Random, Redacted, TestClock } from "effect"
import * as Horde from "effect-horde/Horde"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { baseUrl } from "./stack.js"

/** A request that is quick to paint; the same seed gives the same pictures. */
export const small = (prompt = "a lighthouse", n = 1): ImageGeneration.GenerationInputStable => ({
  prompt,
  params: { n, width: 64, height: 64, steps: 1, seed: "7" }
})

/** Calls the submit endpoint alone: nothing polls the job, and closing the scope cancels it. */
export const rawSubmit = (payload: ImageGeneration.GenerationInputStable = small()) =>
  Effect.flatMap(ImageGeneration.Submit, (submit) => submit({ payload }))

/** Another client of the same server, with its own FollowUp: as if it were another process. */
export const anotherClient = Horde.layer({ baseUrl, apiKey: Redacted.make(Accounts.plainKey) })

/**
 * Runs a program while virtual time passes, and dies after three hours of it. Whether time passes in small steps or in
 * one jump, the clock wakes each sleeper at its own time. Random numbers have a fixed seed, so that the jitter of polls
 * is the same in each run.
 */
export const runToEnd = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  step: Duration.DurationInput = "10 seconds"
): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(Effect.withRandom(program, Random.make("tests")))
    const end = (yield* Clock.currentTimeMillis) + Duration.toMillis("3 hours")
    while ((yield* Fiber.poll(fiber))._tag === "None") {
      if ((yield* Clock.currentTimeMillis) >= end) {
        yield* Fiber.interruptFork(fiber)
        return yield* Effect.dieMessage("the program is not over after three hours")
      }
      yield* TestClock.adjust(step)
    }
    return yield* Fiber.join(fiber)
  })

/** How long a program takes by the clock, in milliseconds. */
export const timed = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const started = yield* Clock.currentTimeMillis
    const value = yield* program
    return { took: Math.round((yield* Clock.currentTimeMillis) - started), value }
  })

/** The requests that the server received, of one kind or all. */
export const requests = (method?: string, route?: string) =>
  Effect.flatMap(HordeServer.HordeServer, (server) =>
    Effect.map(server.exchanges, (all) =>
      all.filter((one) => (method ?? one.method) === one.method && (route ?? one.route) === one.route)
    )
  )

export const submits = requests("POST", "/v2/generate/async")
export const checks = requests("GET", "/v2/generate/check/:id")
export const fetches = requests("GET", "/v2/generate/status/:id")
export const cancels = requests("DELETE", "/v2/generate/status/:id")

/** The server's records of the jobs, in the order in which they were accepted. */
export const jobs = Effect.flatMap(HordeServer.HordeServer, (server) => server.jobs)

/** The outcome of each job: `cancelled 1` is a job that was cancelled once. */
export const jobOutcomes = Effect.map(jobs, (all) => all.map(({ cancels, state }) => `${state} ${cancels}`))

/** Adds faults to the server. */
export const script = (...rules: ReadonlyArray<Faults.Rule>) =>
  Effect.flatMap(HordeServer.HordeServer, (server) => server.faults.script(...rules))

/** Removes all faults. */
export const clearFaults = Effect.flatMap(HordeServer.HordeServer, (server) => server.faults.clear)

/** Runs a program, and returns its value and its log. */
export const logged = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => void lines.push(`${logLevel.label} ${String(message)}`))
    return Effect.map(Effect.provide(program, Logger.add(logger)), (value) => ({ value, lines }))
  })
