/**
 * The store of pictures, which stands beside the API as the real one's does: links to fetch a picture and links to send
 * one, with neither limits nor JSON.
 */
import * as Cors from "../http/cors.js"
import { type Answer, type Incoming, xml } from "../http/reply.js"
import * as Pictures from "../kinds/image/pictures.js"
import * as Links from "../state/links.js"
import type { World } from "../state/world.js"

export interface Matched {
  readonly template: string
  readonly id: string
}

const places = [
  { template: "/objects/:id", pattern: /^\/objects\/([^/]+)\.webp$/, allow: "GET, HEAD, OPTIONS" },
  { template: "/uploads/:id", pattern: /^\/uploads\/([^/]+)$/, allow: "PUT, OPTIONS" }
]

export const match = (path: string): Matched | undefined => {
  for (const { pattern, template } of places) {
    const id = pattern.exec(path)?.[1]
    if (id !== undefined) return { template, id }
  }
  return undefined
}

/** Like the real store, it takes what it is sent for a picture, and at its word about the type. */
const take = (world: World, id: string, incoming: Incoming): Answer => {
  if (!Links.isGood(world, "PUT", id, incoming.query)) return xml(403, "AccessDenied")
  const contentType = incoming.headers["content-type"] ?? "image/webp"
  world.store.set(id, { bytes: incoming.bytes ?? new Uint8Array(), contentType, at: world.now })
  return { status: 200, headers: {}, body: "" }
}

export const answer = (world: World, incoming: Incoming, { id, template }: Matched): Answer => {
  const allow = places.find((place) => place.template === template)?.allow ?? ""
  if (incoming.method === "OPTIONS") return Cors.preflight(allow)
  if (!allow.split(", ").includes(incoming.method)) return xml(405, "MethodNotAllowed")
  if (incoming.method === "PUT") return take(world, id, incoming)
  const picture = Pictures.download(world, id, incoming.query)
  return incoming.method === "HEAD" ? { ...picture, body: "" } : picture
}

const kept = 120 * 60_000

/** What is two hours old is thrown away. */
export const prune = (world: World): void => {
  for (const [id, { at }] of world.store) if (at + kept <= world.now) world.store.delete(id)
}
