/**
 * The server's record of the requests it received.
 */
import type { Exchange } from "./records.js"
import type { World } from "./world.js"

const roleOf = (world: World, apiKey: string | undefined): string | undefined => {
  if (apiKey === undefined) return undefined
  const user = world.findUser(apiKey) ?? world.findSharedKey(apiKey)?.owner
  return user?.account.role
}

/** Records a request. The account is the one that the API key belongs to after the request was processed. */
export const append = (world: World, exchange: Omit<Exchange, "account">): void => {
  world.exchanges.push({ ...exchange, account: roleOf(world, exchange.headers["apikey"]) })
}

export const exchanges = (world: World): ReadonlyArray<Exchange> => [...world.exchanges]
