/**
 * Teams of workers.
 */
import * as Teams from "effect-horde/Teams"
import { maskedJson } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import { listWorkers } from "../kinds/workerList.js"
import { check, text } from "../python/jsonSchema.js"
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import { refuse, refuseNul } from "../state/refusal.js"
import type { Team } from "../state/team.js"
import { isOnline } from "../state/worker.js"
import type { World } from "../state/world.js"
import { callerOf, checkModerator, checkOwnerOrModerator, optionalCaller, undeclaredCaller } from "./callers.js"

const properties = { name: text(3, 100), info: text(3, 1000) }

interface Changes {
  readonly name?: string
  readonly info?: string
}

const checkNew = check<Changes & { readonly name: string }>({ type: "object", required: ["name"], properties })

const checkChanges = check<Changes>({ type: "object", properties })

/** The number of threads that serve each model. */
const countModels = (workers: ReadonlyArray<{ readonly models: ReadonlyArray<string>; readonly threads: number }>) => {
  const counts = new Map<string, number>()
  for (const { models, threads } of workers) {
    for (const name of models) counts.set(name, (counts.get(name) ?? 0) + threads)
  }
  return [...counts].map(([name, count]) => ({ name, count }))
}

const details = (world: World, team: Team): Readonly<Record<string, unknown>> => {
  const members = listWorkers(world).filter(({ worker }) => worker.controls.team === team)
  const online = members.map(({ worker }) => worker).filter((worker) => isOnline(worker, world.now))
  return {
    info: team.info,
    requests_fulfilled: team.totals.fulfilled,
    kudos: Math.round(team.totals.kudos * 100) / 100,
    uptime: Math.floor(team.totals.uptime / 1000),
    creator: team.creator.username,
    worker_count: members.length,
    workers: members.map(({ type, worker }) => ({
      type,
      name: worker.name,
      id: worker.id,
      online: isOnline(worker, world.now)
    })),
    models: countModels(online),
    name: team.name,
    id: team.id
  }
}

const list = ({ incoming, world }: RouteContext): Answer =>
  maskedJson(
    incoming,
    200,
    [...world.teams.values()].map((team) => details(world, team))
  )

const find = ({ params, world }: RouteContext): Team =>
  world.teams.get(Python.uuid(params["id"] ?? "") ?? "") ??
  refuse(404, "TeamNotFound", `There is no team ${params["id"]}`)

/** The server refuses every API key except those of moderators. */
const get = (context: RouteContext): Answer => {
  const team = find(context)
  const caller = optionalCaller(context)
  if (caller !== undefined) checkModerator(caller)
  return maskedJson(context.incoming, 200, details(context.world, team))
}

const checkName = ({ teams }: World, name: string, own: Team | undefined): void => {
  if ([...teams.values()].some((team) => team !== own && team.name === name)) {
    refuse(400, "TeamNameAlreadyExists", `There is another team called ${name}`)
  }
}

const create = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const { info, name } = validBody(incoming, checkNew)
  const creator = callerOf(context)
  if (Account.isAnonymous(creator)) refuse(403, "AnonForbidden", "The anonymous account cannot create teams")
  if (!Account.isTrusted(creator)) refuse(403, "UntrustedTeamCreation", "Only trusted accounts can create teams")
  checkName(world, name, undefined)
  refuseNul([name, info])
  const team: Team = { id: world.uuid(), creator, name, info, totals: { fulfilled: 0, kudos: 0, uptime: 0 } }
  world.teams.set(team.id, team)
  return maskedJson(incoming, 200, { id: team.id, name, info })
}

const modify = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const { info, name } = validBody(incoming, checkChanges)
  const team = find(context)
  const caller = undeclaredCaller(context)
  refuseNul([name, info])
  if (info !== undefined) {
    checkOwnerOrModerator(caller, team.creator, "NotOwner")
    team.info = info
  }
  if (name !== undefined) {
    checkOwnerOrModerator(caller, team.creator, "NotModerator")
    checkName(world, name, team)
    team.name = name
  }
  if (name === undefined && info === undefined) {
    refuse(400, "NoTeamModSelected", "The request contains no field to change")
  }
  return maskedJson(incoming, 200, { name, info })
}

const remove = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const team = find(context)
  checkOwnerOrModerator(undeclaredCaller(context), team.creator, "NotModerator")
  world.teams.delete(team.id)
  for (const { controls } of world.workers) if (controls.team === team) controls.team = undefined
  return maskedJson(incoming, 200, { deleted_id: team.id, deleted_name: team.name })
}

export const teams: ReadonlyArray<Route> = [
  { endpoint: Teams.List.declaration, handler: list, cachedFor: "10 seconds" },
  { endpoint: Teams.Create.declaration, handler: create },
  { endpoint: Teams.Get.declaration, handler: get, cachedFor: "3 seconds" },
  { endpoint: Teams.Modify.declaration, handler: modify },
  { endpoint: Teams.Delete.declaration, handler: remove }
]
