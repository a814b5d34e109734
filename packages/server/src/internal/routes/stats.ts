/**
 * Statistics of what the horde delivered. The real server compiles them in jobs of its database: the totals once a
 * minute, the all-time totals and the models once a day. Until then they are zero.
 */
import * as Stats from "effect-horde/Stats"
import { maskedJson } from "../http/fieldMask.js"
import type { Handler, Route } from "../http/route.js"
import { unitOf } from "../kinds/load.js"
import type { ModelKind } from "../state/kind.js"
import type { Produced } from "../state/production.js"
import type { World } from "../state/world.js"
import { isInState, modelState } from "./models.js"

const minute = 60_000
const day = 24 * 60 * minute

const windows = { minute, hour: 60 * minute, day, month: 30 * day }

/** The last run of a job of this period. Jobs run at full periods since the start. */
const lastRun = ({ now, startedAt }: World, period: number): number =>
  startedAt + Math.floor((now - startedAt) / period) * period

/** The deliveries of a kind that a job counted which ran at `until`. */
const counted = ({ production }: World, kind: ModelKind, until: number, length: number): ReadonlyArray<Produced> =>
  production.filter((one) => one.kind === kind && one.at <= until && one.at > until - length)

interface Sum {
  readonly count: number
  /** Pixelsteps or tokens. */
  readonly work: number
}

const sumOf = (deliveries: ReadonlyArray<Produced>): Sum => ({
  count: deliveries.length,
  work: Math.round(deliveries.reduce((sum, { amount, kind }) => sum + amount * unitOf(kind), 0))
})

const totals =
  (kind: ModelKind, fields: (sum: Sum) => object): Handler =>
  ({ incoming, world }) => {
    const perMinute = lastRun(world, minute)
    const recent = Object.entries(windows).map(
      ([name, length]) => [name, fields(sumOf(counted(world, kind, perMinute, length)))] as const
    )
    const all = sumOf(counted(world, kind, lastRun(world, day), Number.POSITIVE_INFINITY))
    return maskedJson(incoming, 200, { ...Object.fromEntries(recent), total: fields(all) })
  }

const countModels = (
  deliveries: ReadonlyArray<Produced>,
  includes: (model: string) => boolean
): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>()
  for (const { model } of deliveries) if (includes(model)) counts.set(model, (counts.get(model) ?? 0) + 1)
  return Object.fromEntries(counts)
}

const modelCounts = (world: World, kind: ModelKind, includes: (model: string) => boolean) => {
  const perDay = lastRun(world, day)
  const within = (length: number) => countModels(counted(world, kind, perDay, length), includes)
  return { day: within(day), month: within(windows.month), total: within(Number.POSITIVE_INFINITY) }
}

const imageModels: Handler = ({ incoming, world }) => {
  const state = modelState(incoming, "known")
  return maskedJson(
    incoming,
    200,
    modelCounts(world, "image", (model) => isInState("image", model, state))
  )
}

const textModels: Handler = ({ incoming, world }) =>
  maskedJson(
    incoming,
    200,
    modelCounts(world, "text", () => true)
  )

const cachedFor = "50 seconds"

export const stats: ReadonlyArray<Route> = [
  {
    endpoint: Stats.ImageTotals.declaration,
    handler: totals("image", ({ count, work }) => ({ images: count, ps: work })),
    cachedFor
  },
  {
    endpoint: Stats.ImageModels.declaration,
    handler: imageModels,
    cachedFor,
    cachedBy: "query"
  },
  {
    endpoint: Stats.TextTotals.declaration,
    handler: totals("text", ({ count, work }) => ({ requests: count, tokens: work })),
    cachedFor
  },
  { endpoint: Stats.TextModels.declaration, handler: textModels, cachedFor }
]
