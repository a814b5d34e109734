/**
 * A running server, for every transport: it processes requests and is the public service.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Account } from "../../Accounts.js"
import type * as Faults from "../../Faults.js"
import { makeServer } from "../http/exchange.js"
import type { Incoming } from "../http/incoming.js"
import { receive } from "../http/receive.js"
import type { Reply } from "../http/reply.js"
import * as FaultControl from "../jobs/faultControl.js"
import { jobRecords } from "../jobs/jobRecords.js"
import { addBuiltInWorkers } from "../kinds/builtInWorkers.js"
import { routeGroups } from "../routes/index.js"
import { accountsOf, createWorld } from "../state/createWorld.js"
import type { Options } from "../state/options.js"
import type { Exchange, JobRecord } from "../state/records.js"
import * as RequestLog from "../state/requestLog.js"
import type { World } from "../state/world.js"

/**
 * The interface of a running embedded horde for programs in the same process, besides its HTTP API.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The base URL for clients: `http://127.0.0.1:PORT/api`. */
  readonly url: string
  /** The accounts that it started with. */
  readonly accounts: ReadonlyArray<Account>
  /** Every request so far, in the order in which they were processed. */
  readonly exchanges: Effect.Effect<ReadonlyArray<Exchange>>
  /** Every job so far, in the order in which they were accepted, with its current state. */
  readonly jobs: Effect.Effect<ReadonlyArray<JobRecord>>
  /** Resets the counters of the rate limiter. */
  readonly emptyLimiter: Effect.Effect<void>
  /** Scripted faults. */
  readonly faults: Faults.Service
}

export interface Running {
  readonly service: Service
  readonly receive: (incoming: Incoming) => Effect.Effect<Reply>
}

/** Runs a change of the state at the time of the caller's clock. */
const atNow = <A>(world: World, run: () => A): Effect.Effect<A> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    world.advance(now)
    return run()
  })

/** Starts a server with an empty state. `origin` is the origin of its own URLs. */
export const start = (options: Options, origin: string): Effect.Effect<Running> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const world = createWorld(options, origin, now)
    addBuiltInWorkers(world, options)
    const server = makeServer(world, routeGroups)
    const service: Service = {
      url: `${origin}/api`,
      accounts: accountsOf(options),
      exchanges: Effect.sync(() => RequestLog.exchanges(world)),
      jobs: atNow(world, () => jobRecords(world)),
      emptyLimiter: Effect.sync(() => server.limiter.empty()),
      faults: {
        script: (...rules) => atNow(world, () => FaultControl.script(world, rules)),
        clear: atNow(world, () => FaultControl.clear(world))
      }
    }
    return { service, receive: (incoming) => receive(server, incoming) }
  })
