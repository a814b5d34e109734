/**
 * The IP addresses that service accounts state for their own users.
 */
import type { World } from "./world.js"

/**
 * The address of the end user. Like the real server, it accepts any passkey as soon as one account has one.
 */
export const statedIp = (world: World, headers: Readonly<Record<string, string>>, ip: string): string => {
  const stated = headers["proxied-for"]
  const passkey = headers["proxy-authorization"]
  if (stated === undefined || stated === "" || passkey === undefined || passkey === "") return ip
  return [...world.users.values()].some(({ proxyPasskey }) => proxyPasskey !== undefined) ? stated : ip
}
