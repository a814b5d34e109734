/**
 * Changes of workers by their owners and by moderators.
 */
import * as Workers from "effect-horde/Workers"
import { maskedJson } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import * as BuiltInWorkers from "../jobs/builtInWorkers.js"
import { bool, check, string, text } from "../python/jsonSchema.js"
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import { refuse, refuseNul } from "../state/refusal.js"
import type { Team } from "../state/team.js"
import type { Worker } from "../state/worker.js"
import type { World } from "../state/world.js"
import { callerOf, checkModerator, checkOwnerOrModerator, undeclaredCaller } from "./callers.js"
import { workerInPath } from "./workerDetails.js"

interface Changes {
  readonly maintenance?: boolean
  readonly maintenance_msg?: string
  readonly paused?: boolean
  readonly info?: string
  readonly name?: string
  readonly team?: string
}

const checkChanges = check<Changes>({
  type: "object",
  properties: {
    maintenance: bool,
    maintenance_msg: string,
    paused: bool,
    info: text(0, 1000),
    name: text(5, 100),
    team: text(0, 36)
  }
})

const checkOwner = (caller: Account.User, { owner }: Worker, rc: string): void => {
  checkOwnerOrModerator(caller, owner, rc)
  if (Account.isAnonymous(caller)) refuse(403, "AnonForbiddenWorker", "The anonymous account cannot change workers")
}

const checkName = (world: World, worker: Worker, name: string): void => {
  if (world.workers.some((other) => other !== worker && other.name === name)) {
    refuse(400, "WorkerNameAlreadyExists", `There is another worker called ${name}`)
  }
}

const findTeam = ({ teams }: World, id: string): Team =>
  teams.get(Python.uuid(id) ?? "") ?? refuse(404, "TeamNotFound", `There is no team ${id}`)

/** Applies the changes one by one; like on the real server, those before a refused one remain. */
const applyChanges = (world: World, worker: Worker, caller: Account.User, changes: Changes): object => {
  const { info, maintenance, maintenance_msg, name, paused, team } = changes
  const { controls } = worker
  const changed: { -readonly [Name in keyof Changes]?: Changes[Name] } = {}
  if (maintenance !== undefined) {
    checkOwner(caller, worker, "NotOwner")
    controls.maintenance = maintenance ? maintenance_msg || "This worker is in maintenance" : undefined
    changed.maintenance = maintenance
  }
  if (info !== undefined) {
    checkOwner(caller, worker, "NotOwner")
    controls.info = info
    changed.info = info
  }
  if (paused !== undefined) {
    checkModerator(caller)
    controls.paused = paused
    changed.paused = paused
  }
  if (name !== undefined) {
    checkOwner(caller, worker, "NotModerator")
    checkName(world, worker, name)
    worker.name = name
    changed.name = name
  }
  if (team !== undefined) {
    checkOwner(caller, worker, "NotModerator")
    controls.team = team === "" ? undefined : findTeam(world, team)
    // The request has the team's id, the reply its name.
    changed.team = controls.team?.name ?? "None"
  }
  return changed
}

const modify = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const changes = validBody(incoming, checkChanges)
  const worker = workerInPath(context)
  const caller = callerOf(context)
  refuseNul(changes)
  const changed = applyChanges(world, worker, caller, changes)
  if (Object.keys(changed).length === 0) {
    refuse(400, "NoWorkerModSelected", "The request contains no field to change")
  }
  BuiltInWorkers.wake(world)
  return maskedJson(incoming, 200, changed)
}

/** A worker that has taken a job can only be deleted when the server has forgotten the job. */
const remove = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const worker = workerInPath(context)
  checkOwner(undeclaredCaller(context), worker, "NotModerator")
  if (world.live.some(({ attempts }) => attempts.some((attempt) => attempt.worker === worker))) {
    refuse(423, "Locked", "A job still refers to this worker, please try again in 20 minutes")
  }
  world.removeWorker(worker)
  return maskedJson(incoming, 200, { deleted_id: worker.id, deleted_name: worker.name })
}

export const workerControl: ReadonlyArray<Route> = [
  { endpoint: Workers.Modify.declaration, handler: modify },
  { endpoint: Workers.Delete.declaration, handler: remove }
]
