/**
 * The state of the server: heartbeat, modes, performance and news.
 */
import * as Status from "effect-horde/Status"
import { argumentsOf, flag } from "../http/arguments.js"
import { maskedJson } from "../http/fieldMask.js"
import { json } from "../http/reply.js"
import type { Handler, Route } from "../http/route.js"
import * as LifeCycle from "../jobs/lifeCycle.js"
import { pastMinute, pixelStepsPerUnit, queueLoad } from "../kinds/load.js"
import { refuse } from "../state/refusal.js"
import { recordedVersion } from "../state/version.js"
import { callerOf, checkAdmin, checkModerator, optionalCaller } from "./callers.js"

const heartbeat: Handler = ({ world }) =>
  json(200, {
    message: "OK",
    version: recordedVersion,
    queue: 0,
    threads: 1,
    active_count: world.live.length,
    db_connection: true
  })

/** The server refuses every API key except those of moderators. */
const modes: Handler = (context) => {
  const { inviteOnly, maintenance, raid } = context.world.modes
  const caller = optionalCaller(context)
  if (caller !== undefined) checkModerator(caller)
  const seen = { maintenance_mode: maintenance, invite_only_mode: inviteOnly }
  return json(200, caller === undefined ? seen : { ...seen, raid_mode: raid })
}

/** Maintenance stops the image jobs that wait. Text jobs go on, as on the real server. */
const setModes: Handler = (context) => {
  const { incoming, world } = context
  const args = argumentsOf(incoming)
  const caller = callerOf(context)
  const maintenance = flag(args, "maintenance_mode")
  const inviteOnly = flag(args, "invite_only_mode")
  const raid = flag(args, "raid_mode")
  if (maintenance !== undefined) {
    checkAdmin(caller)
    world.modes.maintenance = maintenance
    if (maintenance) for (const job of world.image.live.values()) LifeCycle.stopForMaintenance(job)
  }
  if (inviteOnly !== undefined || raid !== undefined) {
    checkModerator(caller)
    world.modes.inviteOnly = inviteOnly ?? world.modes.inviteOnly
    world.modes.raid = raid ?? world.modes.raid
  }
  if (maintenance === undefined && inviteOnly === undefined && raid === undefined) {
    refuse(400, "NoHordeModSelected", "The request contains no mode to change")
  }
  return maskedJson(incoming, 200, { maintenance_mode: maintenance, invite_only_mode: inviteOnly, raid_mode: raid })
}

const hundredths = (amount: number): number => Math.round(amount * 100) / 100

const performance: Handler = ({ incoming, world }) => {
  const image = queueLoad(world, "image")
  const text = queueLoad(world, "text")
  const alchemy = queueLoad(world, "alchemy")
  return maskedJson(incoming, 200, {
    queued_requests: image.requests,
    queued_text_requests: text.requests,
    worker_count: image.workers,
    text_worker_count: text.workers,
    thread_count: image.threads,
    text_thread_count: text.threads,
    queued_megapixelsteps: hundredths(image.work / pixelStepsPerUnit),
    past_minute_megapixelsteps: hundredths(pastMinute(world, "image")),
    queued_forms: alchemy.requests,
    interrogator_count: alchemy.workers,
    interrogator_thread_count: alchemy.threads,
    queued_tokens: text.work,
    past_minute_tokens: pastMinute(world, "text")
  })
}

/** Newest first. */
const newspieces = [
  {
    date_published: "2026-11-22",
    title: "Recorded conversations",
    newspiece: "The embedded horde replies like a real server of version 5.1.5 that was recorded on this day.",
    importance: "Information",
    tags: ["embedded horde", "recordings"],
    more_info_urls: ["https://example.invalid/recordings"]
  },
  {
    date_published: "2026-11-01",
    title: "An embedded horde for development",
    newspiece: "This horde runs inside of a program, in memory. Its pictures and texts come from built-in workers.",
    importance: "Information",
    tags: ["embedded horde"],
    more_info_urls: []
  }
]

const news: Handler = ({ incoming }) => maskedJson(incoming, 200, newspieces)

export const status: ReadonlyArray<Route> = [
  { endpoint: Status.Heartbeat.declaration, handler: heartbeat },
  { endpoint: Status.Modes.declaration, handler: modes, cachedFor: "50 seconds" },
  {
    endpoint: Status.SetModes.declaration,
    handler: setModes
  },
  { endpoint: Status.Performance.declaration, handler: performance },
  {
    endpoint: Status.News.declaration,
    handler: news,
    cachedFor: "5 minutes"
  }
]
