/**
 * Workers as replies show them: all that are online, one by its id, one by its name.
 */
import * as Workers from "effect-horde/Workers"
import { maskedJson } from "../http/fieldMask.js"
import { queryText } from "../http/query.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import { findWorker, type ListedWorker, listWorkers } from "../kinds/workerList.js"
import { isModerator, isTrusted } from "../state/account.js"
import { refuse } from "../state/refusal.js"
import { isOnline, type Worker } from "../state/worker.js"
import { messagesFor } from "../state/workerMessage.js"
import type { World } from "../state/world.js"
import { storedMessageFields } from "./workerMessages.js"

type Details = Readonly<Record<string, unknown>>

const cachedFor = 30_000

const cents = (amount: number): number => Math.round(amount * 100) / 100

const secondsOnline = ({ now }: World, worker: Worker): number => {
  const isBuiltIn = worker.routine !== undefined
  const uptime = isBuiltIn && isOnline(worker, now) ? now - worker.registeredAt : worker.totals.uptime
  return Math.floor(uptime / 1000)
}

const performance = ({ unit, worker: { totals } }: ListedWorker): string => {
  const perSecond = totals.fulfilled === 0 ? 0 : (1000 * totals.contributed) / Math.max(1, totals.busy)
  return `${perSecond.toFixed(1)} ${unit} per second`
}

/** What moderators see in addition. */
const moderatorDetails = (world: World, { controls, id, ip, owner }: Worker): Details => ({
  paused: controls.paused,
  owner: owner?.username,
  ipaddr: ip,
  suspicious: 0,
  contact: owner?.contact,
  messages: messagesFor(world, id).map((message) => storedMessageFields(world, message))
})

const details = (world: World, listed: ListedWorker, all: boolean): Details => {
  const { type, worker } = listed
  const { controls, owner, totals } = worker
  return {
    ...(owner?.publicWorkers === true ? { owner: owner.username, contact: owner.contact } : {}),
    ...(all ? moderatorDetails(world, worker) : {}),
    requests_fulfilled: totals.fulfilled,
    kudos_rewards: cents(totals.kudos),
    // The embedded horde pays no kudos for uptime.
    kudos_details: { generated: cents(totals.kudos), uptime: null },
    performance: performance(listed),
    threads: worker.threads,
    uptime: secondsOnline(world, worker),
    maintenance_mode: controls.maintenance !== undefined,
    info: controls.info,
    trusted: owner !== undefined && isTrusted(owner),
    flagged: owner?.roles.has("flagged") ?? false,
    uncompleted_jobs: totals.aborted,
    models: worker.models,
    team: { name: controls.team?.name ?? null, id: controls.team?.id ?? null },
    bridge_agent: worker.bridgeAgent,
    ...listed.details(),
    type,
    name: worker.name,
    id: worker.id,
    online: isOnline(worker, world.now)
  }
}

/** An unknown API key counts as absent here, and the owner of a worker sees no more than everybody. */
const seesAll = ({ incoming, world }: RouteContext): boolean => {
  const caller = world.findUser(incoming.headers["apikey"] ?? "")
  return caller !== undefined && isModerator(caller)
}

/** The details of a worker, at most half a minute old. Changes of the worker do not renew them. */
const cachedDetails = (world: World, listed: ListedWorker, all: boolean): Details =>
  world.workerDetails.getOrMake(`${listed.worker.id} ${all}`, world.now, cachedFor, () => details(world, listed, all))

/** All online workers, at most half a minute old. */
const cachedList = (world: World, all: boolean): ReadonlyArray<Details> =>
  world.workerLists.getOrMake(String(all), world.now, cachedFor, () =>
    listWorkers(world)
      .filter(({ worker }) => isOnline(worker, world.now))
      .map((listed) => details(world, listed, all))
  )

/** With a name, the type is ignored. */
const list = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const name = queryText(incoming, "name")?.toLowerCase()
  const type = queryText(incoming, "type")
  const selects = (worker: Details): boolean =>
    name === undefined ? type === undefined || worker["type"] === type : String(worker["name"]).toLowerCase() === name
  return maskedJson(incoming, 200, cachedList(world, seesAll(context)).filter(selects))
}

const refuseUnknown = (id: string): never => refuse(404, "WorkerNotFound", `There is no worker ${id}`)

const reply = (context: RouteContext, listed: ListedWorker): Answer =>
  maskedJson(context.incoming, 200, cachedDetails(context.world, listed, seesAll(context)))

/** The worker with the id in the path. */
export const workerInPath = ({ params, world }: RouteContext): Worker => {
  const id = params["id"] ?? ""
  return (findWorker(world, id) ?? refuseUnknown(id)).worker
}

const byId = (context: RouteContext): Answer => {
  const id = context.params["id"] ?? ""
  return reply(context, findWorker(context.world, id) ?? refuseUnknown(id))
}

const byName = (context: RouteContext): Answer => {
  const name = context.params["name"] ?? ""
  return reply(context, listWorkers(context.world).find(({ worker }) => worker.name === name) ?? refuseUnknown(name))
}

export const workerDetails: ReadonlyArray<Route> = [
  {
    endpoint: Workers.List.declaration,
    handler: list
  },
  {
    endpoint: Workers.GetByName.declaration,
    handler: byName
  },
  {
    endpoint: Workers.Get.declaration,
    handler: byId
  }
]
