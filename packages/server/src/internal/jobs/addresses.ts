/**
 * Checks of the IP addresses of callers.
 */
import { refuse } from "../state/refusal.js"
import type { World } from "../state/world.js"

/** Refuses an address that moderators have banned. */
export const checkIp = (world: World, ip: string): void => {
  const [timeout] = world.timeouts.matching(ip, world.now)
  if (timeout !== undefined) refuse(403, "TimeoutIP", `This IP address is in time-out for ${timeout.seconds} seconds`)
}
