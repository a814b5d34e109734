/**
 * Time-outs of IP addresses, and of the addresses of workers, for moderators.
 */
import * as Operations from "effect-horde/Operations"
import { maskedJson, ok } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import { check, integer, text } from "../python/jsonSchema.js"
import { isAddress } from "../state/ipTimeouts.js"
import { refuseRequest } from "../state/refusal.js"
import { moderatorOf } from "./callers.js"
import { workerInPath } from "./workerDetails.js"

const ipaddr = text(7, 40)

const checkAdded = check<{ readonly ipaddr: string; readonly hours: number }>({
  type: "object",
  required: ["ipaddr", "hours"],
  properties: { ipaddr, hours: integer(1, 720) }
})

const checkDeleted = check<{ readonly ipaddr: string }>({
  type: "object",
  required: ["ipaddr"],
  properties: { ipaddr }
})

const checkBlock = check<{ readonly days: number }>({
  type: "object",
  required: ["days"],
  properties: { days: integer(1, 30) }
})

const hour = 3_600_000

const checkAddress = (ipaddr: string): void => {
  if (!isAddress(ipaddr)) refuseRequest("This is no IP address and no block in CIDR notation")
}

/** The blocks in time-out; the real server does not list single addresses. */
const list = (context: RouteContext): Answer => {
  const { incoming, world } = context
  moderatorOf(context)
  return maskedJson(incoming, 200, world.timeouts.blocks(world.now))
}

const add = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const { hours, ipaddr } = validBody(incoming, checkAdded)
  checkAddress(ipaddr)
  moderatorOf(context)
  world.timeouts.set(ipaddr, world.now + hours * hour)
  return ok(incoming)
}

const remove = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const { ipaddr } = validBody(incoming, checkDeleted)
  checkAddress(ipaddr)
  moderatorOf(context)
  world.timeouts.delete(ipaddr)
  return ok(incoming)
}

const get = (context: RouteContext): Answer => {
  const { incoming, params, world } = context
  const ipaddr = params["ipaddr"] ?? ""
  checkAddress(ipaddr)
  moderatorOf(context)
  return maskedJson(incoming, 200, world.timeouts.matching(ipaddr, world.now))
}

const blockWorker = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const { days } = validBody(incoming, checkBlock)
  moderatorOf(context)
  world.timeouts.set(workerInPath(context).ip, world.now + days * 24 * hour)
  return ok(incoming)
}

const unblockWorker = (context: RouteContext): Answer => {
  moderatorOf(context)
  context.world.timeouts.delete(workerInPath(context).ip)
  return ok(context.incoming)
}

export const operations: ReadonlyArray<Route> = [
  { endpoint: Operations.Timeouts.declaration, handler: list },
  { endpoint: Operations.AddTimeout.declaration, handler: add },
  { endpoint: Operations.RemoveTimeout.declaration, handler: remove },
  { endpoint: Operations.TimeoutsOf.declaration, handler: get },
  { endpoint: Operations.BlockWorker.declaration, handler: blockWorker },
  { endpoint: Operations.UnblockWorker.declaration, handler: unblockWorker }
]
