/**
 * The state of the server.
 */
import * as Status from "effect-horde/Status"
import { json } from "../http/reply.js"
import type { Handler, Route } from "../http/route.js"
import { isModerator } from "../state/account.js"
import { refuse, refuseApiKey } from "../state/refusal.js"
import { recordedVersion } from "../state/version.js"

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
const modes: Handler = ({ incoming, world }) => {
  const apiKey = incoming.headers["apikey"]
  const caller = apiKey === undefined || apiKey === "" ? undefined : (world.findUser(apiKey) ?? refuseApiKey())
  if (caller !== undefined && !isModerator(caller)) {
    refuse(403, "NotModerator", "Only a moderator may see the modes under an API key")
  }
  const seen = { maintenance_mode: world.modes.maintenance, invite_only_mode: world.modes.inviteOnly }
  return json(200, caller === undefined ? seen : { ...seen, raid_mode: world.modes.raid })
}

export const status: ReadonlyArray<Route> = [
  { endpoint: Status.Heartbeat.declaration, handler: heartbeat },
  { endpoint: Status.Modes.declaration, handler: modes, cachedFor: "50 seconds" }
]
