/**
 * The models that the horde serves, with their queues.
 */
import * as Status from "effect-horde/Status"
import { maskedJson } from "../http/fieldMask.js"
import type { Incoming } from "../http/incoming.js"
import { queryChoice, queryText, queryWhole } from "../http/query.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import { type ActiveModel, activeModels, isKnownModel } from "../kinds/load.js"
import type { ModelKind } from "../state/kind.js"
import type { World } from "../state/world.js"

const modelStates = ["known", "custom", "all"] as const

type ModelState = (typeof modelStates)[number]

/** The argument `model_state`: models that the model reference has, models that it lacks, or all. */
export const modelState = (incoming: Incoming, otherwise: ModelState): ModelState =>
  queryChoice(incoming, "model_state", modelStates, otherwise)

export const isInState = (kind: ModelKind, model: string, state: ModelState): boolean =>
  state === "all" || isKnownModel(kind, model) === (state === "known")

const kindNamed = (name: string): ModelKind | undefined => (name === "image" || name === "text" ? name : undefined)

const fields = (type: ModelKind, { count, eta, jobs, name, performance, queued }: ActiveModel) => ({
  performance: Math.round(performance * 10) / 10,
  queued,
  jobs,
  eta,
  type,
  name,
  count
})

const list = ({ incoming, world }: RouteContext): Answer => {
  const least = queryWhole(incoming, "min_count") ?? 0
  const most = queryWhole(incoming, "max_count") ?? Number.POSITIVE_INFINITY
  const state = modelState(incoming, "all")
  const kind = kindNamed(queryText(incoming, "type") ?? "image")
  const models = kind === undefined ? [] : activeModels(world, kind).map((model) => fields(kind, model))
  return maskedJson(
    incoming,
    200,
    models.filter(({ count, name, type }) => count >= least && count <= most && isInState(type, name, state))
  )
}

const decoded = (name: string): string => {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

const named = (world: World, kind: ModelKind, name: string) =>
  activeModels(world, kind)
    .filter((model) => model.name === name)
    .map((model) => fields(kind, model))

/**
 * One model, as a list. The name is decoded once more after the path was, so a name with a slash must be encoded twice.
 */
const get = ({ incoming, params, world }: RouteContext): Answer => {
  const name = decoded(params["name"] ?? "")
  return maskedJson(incoming, 200, [...named(world, "image", name), ...named(world, "text", name)])
}

export const models: ReadonlyArray<Route> = [
  {
    endpoint: Status.Models.declaration,
    handler: list,
    cachedFor: "2 seconds",
    cachedBy: "query"
  },
  { endpoint: Status.Model.declaration, handler: get, cachedFor: "1 second" }
]
