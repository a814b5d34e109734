/**
 * The running server behind the public service, whichever way requests reach it.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Accounts from "../../Accounts.js"
import type { Options, Service } from "../../HordeServer.js"
import { handle } from "../http/exchange.js"
import { Limiter } from "../http/limiter.js"
import type { Incoming, Reply } from "../http/reply.js"
import * as Build from "../state/createWorld.js"
import * as Ledger from "../state/requestLog.js"

export interface Running {
  readonly service: Service
  readonly handle: (incoming: Incoming) => Effect.Effect<Reply>
}

/** `origin` is where links to pictures lead. */
export const start = (options: Options, origin: string): Effect.Effect<Running> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const world = Build.build(options, now)
    world.origin = origin
    const limiter = new Limiter()
    const service: Service = {
      url: `${origin}/api`,
      accounts: [Accounts.anonymous, ...(options.accounts ?? Accounts.defaults)],
      exchanges: Effect.sync(() => Ledger.exchanges(world)),
      jobs: Effect.map(Clock.currentTimeMillis, (now) => {
        world.advance(now)
        return Ledger.jobs(world)
      }),
      emptyLimiter: Effect.sync(() => limiter.empty()),
      faults: Build.faults(world)
    }
    return { service, handle: (incoming) => handle(world, limiter, incoming) }
  })

/** The last address of `X-Forwarded-For` is believed, as the real server does behind its proxy. */
export const ipOf = (headers: Readonly<Record<string, string>>, remote: string): string => {
  const forwarded = headers["x-forwarded-for"]?.split(",").at(-1)?.trim()
  return forwarded === undefined || forwarded === "" ? remote : forwarded
}

/** Half of a body, for replies that break off in the middle. */
export const half = (body: string | Uint8Array): Uint8Array => {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body
  return bytes.subarray(0, Math.floor(bytes.length / 2))
}
