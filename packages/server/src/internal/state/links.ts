/**
 * Links into the store of pictures: whoever has one may do this one thing with this one picture for half an hour.
 */
import * as Hash from "effect/Hash"
import type { World } from "./world.js"

type Verb = "GET" | "PUT"

const lifetime = 1_800_000

const signature = (verb: Verb, id: string, expires: number): string =>
  (Hash.string(`${verb} ${id} ${expires}`) >>> 0).toString(16)

const query = (verb: Verb, id: string, expires: number): string =>
  `expires=${expires}&signature=${signature(verb, id, expires)}`

/** A link to a picture's bytes, good from the moment that it is handed out, unless it is to be dead already. */
export const download = (world: World, id: string, expired: boolean): string =>
  `${world.origin}/objects/${id}.webp?${query("GET", id, world.now + (expired ? 0 : lifetime))}`

/** A link to which a worker may send a picture. */
export const upload = (world: World, id: string): string =>
  `${world.origin}/uploads/${id}?${query("PUT", id, world.now + lifetime)}`

export const isGood = (world: World, verb: Verb, id: string, query: string): boolean => {
  const asked = new URLSearchParams(query)
  const expires = Number(asked.get("expires"))
  return asked.get("signature") === signature(verb, id, expires) && expires > world.now
}
