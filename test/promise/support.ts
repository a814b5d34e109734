/** Programs of the Promise API over an embedded horde in the same process, in time that passes without waiting. */
import * as HttpClient from "@effect/platform/HttpClient"
import { Accounts, HordeServer } from "@effect-horde/server"
import { Context, Effect, Layer, type Scope } from "effect"
import { AIHorde, type Options } from "effect-horde/promise"
import * as QuickClock from "../support/quickClock.js"
import { baseUrl } from "../support/stack.js"

/** The server's own record, for programs without Effect. */
export interface Record {
  readonly jobs: () => Promise<ReadonlyArray<HordeServer.JobRecord>>
  readonly exchanges: () => Promise<ReadonlyArray<HordeServer.Exchange>>
  /** Lets a number of seconds pass. */
  readonly seconds: (seconds: number) => Promise<void>
}

interface Setup {
  readonly server?: HordeServer.Options
  readonly client?: Options
  /** By the clock of the machine: for programs that wait for files. */
  readonly realTime?: boolean
}

/** Runs a program with a connection under the owner's key, and closes the connection. */
export const withHorde = (
  program: (horde: AIHorde, record: Record) => Promise<void>,
  { client, realTime = false, server: options }: Setup = {}
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = QuickClock.make()
    const services = yield* Layer.build(HordeServer.layerClient({ seed: 1, ...options }))
    const server = Context.get(services, HordeServer.HordeServer)
    const transport = Layer.succeed(HttpClient.HttpClient, Context.get(services, HttpClient.HttpClient))
    const httpClient = realTime ? transport : Layer.merge(transport, clock.layer)
    // @effect-diagnostics-next-line runEffectInsideEffect:off -- for the program, which is no effect
    const run = <A>(effect: Effect.Effect<A>) => Effect.runPromise(realTime ? effect : clock.by(effect))
    const record: Record = {
      jobs: () => run(server.jobs),
      exchanges: () => run(server.exchanges),
      seconds: (seconds) => run(Effect.sleep(seconds * 1000))
    }
    const closing = async () => {
      await using horde = new AIHorde({ baseUrl, apiKey: Accounts.ownerKey, httpClient, ...client })
      await program(horde, record)
    }
    const whole = Effect.promise(closing)
    yield* realTime ? whole : clock.during(whole)
  })

/** The reason with which a promise rejects. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`it did not reject, but returned ${String(value)}`)
    },
    (reason: unknown) => reason
  )
