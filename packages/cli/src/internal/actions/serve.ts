/** `horde serve`: the embedded horde on a port. */
import * as HordeServer from "@effect-horde/server/HordeServer"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { local, usage } from "../failures/failures.js"
import { reported } from "../failures/report.js"
import { printJson, printLines } from "../output/json.js"
import { Screen } from "../output/screen.js"
import { table } from "../output/table.js"
import { number } from "../output/text.js"

export interface ServeInput {
  readonly port: number
  readonly host: string
  readonly takes: number
  readonly json: boolean
}

export const serve = ({ host, json, port, takes }: ServeInput) => {
  const worker = { takes: Duration.seconds(takes) }
  const server = HordeServer.layer({ host, port, worker, textWorker: worker, alchemyWorker: worker })
  const program = Effect.gen(function* () {
    const { note, out } = yield* Screen
    const { accounts, url } = yield* HordeServer.HordeServer
    if (json)
      yield* printJson({
        url,
        accounts: accounts.map(({ alias, apiKey, id, kudos }) => ({ alias, id, kudos, apiKey }))
      })
    else {
      // these keys are published constants, and valid for this embedded horde only
      const columns = [{ title: "ACCOUNT" }, { title: "KUDOS", isNumber: true, optional: 1 }, { title: "API KEY" }]
      const rows = accounts.map(({ alias, apiKey, id, kudos }) => [`${alias}#${id}`, number(kudos), apiKey])
      yield* printLines([url, "", ...table(columns, rows, out.columns())])
      yield* note(`\nAn embedded horde for development: it has no security and forgets everything. Ctrl-C ends it.`)
      yield* note(`In another terminal: HORDE_URL=${url} horde draw "a fox"`)
    }
    return yield* Effect.never
  })
  return reported(
    { json },
    Effect.gen(function* () {
      if (port < 0 || port > 65_535) return yield* usage("--port must be between 0 and 65535")
      if (!(takes > 0)) return yield* usage("--takes must be above 0 seconds")
      const context = yield* Effect.mapError(Layer.build(server), (error) =>
        local(`the port ${port} of ${host} cannot be opened`, String(error.cause ?? error.message).slice(0, 200))
      )
      yield* Effect.provide(program, context)
    }).pipe(Effect.scoped)
  )
}
