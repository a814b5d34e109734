/**
 * The picture store: signed links to download and to upload pictures. It is separate from the API: it has no rate
 * limits, and its errors are XML.
 */
import { type Answer, xml } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import * as AlchemyPictures from "../kinds/alchemy/pictures.js"
import * as Pictures from "../kinds/image/pictures.js"
import * as Links from "../state/links.js"

const download = ({ incoming, params, world }: RouteContext): Answer => {
  const id = params["id"] ?? ""
  if (!Links.isValid(world, "GET", id, incoming.query)) return xml(403, "AccessDenied")
  const picture = Pictures.download(world, id) ?? AlchemyPictures.download(world, id)
  if (picture === undefined) return xml(404, "NoSuchKey")
  return { status: 200, headers: { "content-type": picture.contentType }, body: picture.bytes }
}

/** Like the real store, it accepts any bytes and any content type. */
const upload = ({ incoming, params, world }: RouteContext): Answer => {
  const id = params["id"] ?? ""
  if (!Links.isValid(world, "PUT", id, incoming.query)) return xml(403, "AccessDenied")
  const contentType = incoming.headers["content-type"] ?? "image/webp"
  world.store.set(id, { bytes: incoming.bytes ?? new Uint8Array(), contentType, at: world.now })
  return { status: 200, headers: {}, body: "" }
}

export const pictureStore: ReadonlyArray<Route> = [
  { endpoint: { method: "GET", path: "/objects/:id", limits: [] }, suffix: ".webp", handler: download },
  { endpoint: { method: "PUT", path: "/uploads/:id", limits: [] }, handler: upload }
]
