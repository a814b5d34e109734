/**
 * Receives a request, applies scripted faults to it and to its reply, and records it.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as RequestFaults from "../faults/requestFaults.js"
import * as Python from "../python/values.js"
import type { Exchange } from "../state/records.js"
import * as RequestLog from "../state/requestLog.js"
import { respond, type Server } from "./exchange.js"
import type { Incoming } from "./incoming.js"
import type { Answer, Delivery, Reply } from "./reply.js"
import type { RouteContext } from "./route.js"
import type { Matched } from "./router.js"

/** The id of the job in the path, in the server's own notation. */
const jobIdOf = (matched: Matched | undefined): string | undefined => {
  const id = matched?.routes.some(({ namesJob }) => namesJob === true) === true ? matched.params["id"] : undefined
  return id === undefined ? undefined : (Python.uuid(id) ?? id)
}

const noAnswer: Answer = { status: 0, headers: {}, body: "" }

/** Processes a request, unless a fault prevents it, and applies the fault to the reply. */
const applyFault = (action: RequestFaults.RequestFaults["action"], process: () => Answer): Reply => {
  switch (action?._tag) {
    case undefined:
      return { ...process(), delivery: "whole" }
    case "Refuse":
      return { ...noAnswer, delivery: "refused" }
    case "Truncate":
      return { ...process(), delivery: "truncated" }
    case "Reset":
      return { ...(action.when === "before" ? noAnswer : process()), delivery: "reset" }
    case "Hang": {
      if (action.when === "before") return { ...noAnswer, delivery: "hangingSilent" }
      return { ...process(), delivery: action.sends === "half" ? "hangingHalf" : "hangingSilent" }
    }
    case "Respond": {
      if (action.when === "after") process()
      const { body, contentType, headers, status } = action.response
      const type = contentType ?? "text/html; charset=utf-8"
      return { status, headers: { "content-type": type, ...headers }, body: body ?? "", delivery: "whole" }
    }
  }
}

const delivered: Readonly<Record<Exclude<Delivery, "refused">, Exchange["delivered"]>> = {
  whole: "whole",
  reset: "reset",
  truncated: "truncated",
  hangingSilent: "hanging",
  hangingHalf: "hanging"
}

const record = (context: RouteContext, matched: Matched | undefined, { delivery, status }: Reply, at: number): void => {
  const { headers, method, path } = context.incoming
  if (delivery === "refused" || matched?.routes.some(({ isUnrecorded }) => isUnrecorded === true) === true) return
  RequestLog.append(context.world, {
    at,
    method,
    path,
    route: matched?.template,
    requestId: context.requestId,
    status: status === 0 ? undefined : status,
    delivered: delivered[delivery],
    headers
  })
}

/**
 * Replies to one request, at the time of the caller's clock. A delayed request is processed in its own fiber, so that an
 * interruption of the caller does not stop it: the server has received the request.
 */
export const receive = (server: Server, incoming: Incoming): Effect.Effect<Reply> =>
  Effect.flatMap(Clock.currentTimeMillis, (at) => {
    const { router, world } = server
    world.advance(at)
    const matched = router.match(incoming.path)
    const { action, delays } = RequestFaults.forRequest(world, { ...incoming, route: matched?.template })
    const process = Effect.map(Clock.currentTimeMillis, (now) => {
      world.advance(now)
      const context: RouteContext = { world, incoming, params: matched?.params ?? {}, requestId: jobIdOf(matched) }
      const reply = applyFault(action, () => respond(server, context, matched))
      record(context, matched, reply, at)
      return reply
    })
    if (delays.length === 0) return process
    const delay = delays.reduce<Duration.Duration>((sum, next) => Duration.sum(sum, next), Duration.zero)
    return Effect.flatMap(Effect.forkDaemon(Effect.delay(process, delay)), Fiber.join)
  })
