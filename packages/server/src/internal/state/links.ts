/**
 * Signed links into the picture store. A link permits one method on one picture for half an hour.
 */
import * as Hash from "effect/Hash"
import type { World } from "./world.js"

type Method = "GET" | "PUT"

const lifetime = 1_800_000

const signature = (method: Method, id: string, expires: number): string =>
  (Hash.string(`${method} ${id} ${expires}`) >>> 0).toString(16)

const query = (method: Method, id: string, expires: number): string =>
  `expires=${expires}&signature=${signature(method, id, expires)}`

/** A link to download a picture. With `expired` it is already invalid when it is issued. */
export const download = (world: World, id: string, expired: boolean): string =>
  `${world.origin}/objects/${id}.webp?${query("GET", id, world.now + (expired ? 0 : lifetime))}`

/** A link to upload a picture. */
export const upload = (world: World, id: string): string =>
  `${world.origin}/uploads/${id}?${query("PUT", id, world.now + lifetime)}`

export const isValid = (world: World, method: Method, id: string, query: string): boolean => {
  const params = new URLSearchParams(query)
  const expires = Number(params.get("expires"))
  return params.get("signature") === signature(method, id, expires) && expires > world.now
}

/** The id of the picture that a valid download link of this server opens. */
export const downloadedBy = (world: World, link: string): string | undefined => {
  const url = new URL(link)
  const id = /^\/objects\/(.+)\.webp$/.exec(url.pathname)?.[1]
  return id !== undefined && url.origin === world.origin && isValid(world, "GET", id, url.search) ? id : undefined
}
