/** An embedded horde without workers, and effectively without limits. It reports the arrival time of each DELETE. */
import { channel } from "node:diagnostics_channel"
import type { IncomingMessage } from "node:http"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

// when Node has read the head of a request, before the horde processes it
channel("http.server.request.start").subscribe((message) => {
  // the clock that all processes of a machine share
  const at = process.hrtime.bigint()
  const { request } = message as { readonly request: IncomingMessage }
  if (request.method === "DELETE") process.send?.({ url: request.url, at: String(at) })
})

const program = Effect.gen(function* () {
  const { emptyLimiter, url } = yield* HordeServer.HordeServer
  yield* Effect.sync(() => process.send?.(url))
  yield* Effect.repeat(emptyLimiter, Schedule.spaced(10))
})

const accounts = Accounts.defaults.map((account) => ({ ...account, kudos: 10_000_000, concurrency: 10_000 }))

Effect.runFork(
  program.pipe(
    Effect.provide(HordeServer.layer({ port: 0, worker: false, limits: "raised", accounts })),
    Effect.catchAllCause(Effect.logError)
  )
)

process.on("disconnect", () => process.exit())
