/**
 * The server's own record of what it was asked and what became of it.
 */
import type { Exchange, JobRecord } from "../../HordeServer.js"
import { type RouteContext, sharedKeyOf, userOf } from "../http/context.js"
import type { Delivery } from "../http/reply.js"
import * as Job from "../jobs/lifeCycle.js"
import type { World } from "./world.js"

/** Where another process may read the record of a server that listens on a port. */
export const path = "/embedded/record"

const deliveries: Readonly<Record<Exclude<Delivery, "refused">, Exchange["delivered"]>> = {
  whole: "whole",
  reset: "reset",
  truncated: "truncated",
  hangingSilent: "hanging",
  hangingHalf: "hanging"
}

const roleOf = (world: World, apiKey: string | undefined): string | undefined => {
  if (apiKey === undefined) return undefined
  const user = userOf(world, apiKey) ?? sharedKeyOf(world, apiKey)?.owner
  return user?.account.role
}

export const write = (
  world: World,
  request: {
    readonly context: RouteContext
    readonly route: string | undefined
    readonly at: number
    readonly status: number | undefined
    readonly delivery: Delivery
  }
): void => {
  const { at, context, delivery, route, status } = request
  if (delivery === "refused" || context.incoming.path === path) return
  world.entries.push({
    at,
    method: context.incoming.method,
    path: context.incoming.path,
    route,
    account: roleOf(world, context.incoming.headers["apikey"]),
    requestId: context.requestId,
    status,
    delivered: deliveries[delivery],
    headers: context.incoming.headers
  })
}

export const exchanges = (world: World): ReadonlyArray<Exchange> => [...world.entries]

export const jobs = (world: World): ReadonlyArray<JobRecord> =>
  [...world.jobs.values()].map((job) => ({
    id: job.id,
    prompt: job.request.prompt,
    n: job.request.n,
    createdAt: job.createdAt,
    finished: Job.delivered(job).length,
    generations: Job.delivered(job).map(({ id }) => id),
    processing: Job.running(job),
    waiting: Job.waiting(job),
    restarted: job.failed,
    faulted: job.faulted,
    cancelledAt: job.cancelledAt,
    cancels: job.cancels,
    state: Job.state(job),
    account: job.owner.account.role
  }))
