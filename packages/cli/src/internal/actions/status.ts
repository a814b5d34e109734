/** `horde models` and `horde workers`: what is online. */
import * as Effect from "effect/Effect"
import * as Status from "effect-horde/Status"
import * as Workers from "effect-horde/Workers"
import { onHorde } from "../connection/onHorde.js"
import type { ConnectionOptions } from "../options/connection.js"
import { printJson, printLines } from "../output/json.js"
import * as Progress from "../output/progress.js"
import { Screen } from "../output/screen.js"
import { table } from "../output/table.js"
import { number, roughly } from "../output/text.js"

export interface ModelsInput {
  readonly text: boolean
  readonly connection: ConnectionOptions
}

export const models = ({ connection, text }: ModelsInput) =>
  onHorde(
    connection,
    {},
    Effect.gen(function* () {
      const { clearStatus, note, out } = yield* Screen
      yield* Progress.doing("asking for the models")
      const served = yield* Status.available(text ? "text" : "image")
      yield* clearStatus
      if (connection.json) return yield* printJson(served)
      if (served.length === 0) return yield* note("no model is served at the moment")
      const columns = [
        { title: "MODEL" },
        { title: "WORKERS", isNumber: true },
        { title: "WAIT", isNumber: true },
        { title: "WAITING JOBS", isNumber: true, optional: 1 }
      ]
      const rows = served.map(({ count, eta, jobs, name }) => [
        name,
        number(count),
        eta === undefined ? "unknown" : roughly(eta),
        number(jobs)
      ])
      yield* printLines(table(columns, rows, out.columns()))
    })
  )

export interface WorkersInput {
  readonly type: "image" | "text" | "alchemy" | "all"
  readonly connection: ConnectionOptions
}

export const workers = ({ connection, type }: WorkersInput) =>
  onHorde(
    connection,
    {},
    Effect.gen(function* () {
      const { clearStatus, note, out } = yield* Screen
      yield* Progress.doing("asking for the workers")
      const kind = type === "alchemy" ? "interrogation" : type
      const online = yield* Workers.list(kind === "all" ? {} : { type: kind })
      yield* clearStatus
      if (connection.json) return yield* printJson(online)
      if (online.length === 0) return yield* note("no worker is online")
      const columns = [
        { title: "WORKER" },
        { title: "TYPE" },
        { title: "RESULTS", isNumber: true },
        { title: "ONLINE", isNumber: true, optional: 1 },
        { title: "SPEED", optional: 2 },
        { title: "MODELS", optional: 3 }
      ]
      const rows = online.map((worker) => [
        worker.name,
        worker.type === "interrogation" ? "alchemy" : (worker.type ?? "unknown"),
        number(worker.requests_fulfilled),
        worker.uptime === undefined ? "unknown" : roughly(worker.uptime),
        worker.performance ?? "",
        (worker.models ?? worker.forms ?? []).join(", ")
      ])
      yield* printLines(table(columns, rows, out.columns()))
    })
  )
