/**
 * Collections of styles: list, create, get by id or by name, modify and delete.
 */

import * as Collections from "effect-horde/Collections"
import { required, requiredKey } from "../http/arguments.js"
import { maskedJson, ok } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import { queryChoice } from "../http/query.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import { bool, check, list, text } from "../python/jsonSchema.js"
import type { ModelKind } from "../state/kind.js"
import { internalError, refuse, refuseNul, refuseRequest } from "../state/refusal.js"
import type { Collection, Style } from "../state/style.js"
import type { World } from "../state/world.js"
import { collectionDetails } from "../styles/details.js"
import * as Find from "../styles/find.js"
import { page } from "../styles/lists.js"
import * as Permissions from "../styles/permissions.js"
import { callerOf, checkOwnerOrModerator } from "./callers.js"

interface CollectionBody {
  readonly name?: string
  readonly info?: string
  readonly public?: boolean
  readonly styles?: ReadonlyArray<string>
}

const checkBody = check<CollectionBody>({
  type: "object",
  properties: { name: text(1, 100), info: text(1, 1000), public: bool, styles: list(text(1)) }
})

/** A style by its name or, on newer servers, by its id, on which the real server 5.1.5 fails. */
const findStyle = (world: World, reference: string): Style => {
  const style = Find.styleById(world, reference)
  if (style !== undefined) return world.isNewer ? style : internalError()
  return Find.styleByName(world, reference, "image") ?? refuseRequest(`There is no style ${reference}`)
}

interface Contents {
  readonly type: ModelKind
  readonly styleIds: ReadonlyArray<string>
}

/** The styles of a collection, which are all of one type. */
const contents = (world: World, references: ReadonlyArray<string>): Contents => {
  const styles = references.map((reference) => findStyle(world, reference))
  const type = styles[0]?.type ?? refuseRequest("A collection has at least one style")
  if (styles.some((style) => style.type !== type)) refuseRequest("A collection has styles of one type")
  return { type, styleIds: [...new Set(styles.map(({ id }) => id))] }
}

const find = ({ params, world }: RouteContext): Collection =>
  Find.collectionById(world, params["id"] ?? "") ?? refuse(404, "CollectionNotFound", "There is no such collection")

const modified = ({ incoming }: RouteContext, { id }: Collection): Answer =>
  maskedJson(incoming, 200, { id, message: "OK", warnings: [] })

const getAll = ({ incoming, world }: RouteContext): Answer => {
  const type = queryChoice(incoming, "type", ["all", "image", "text"], "all")
  const collections = [...world.collections.values()].filter(
    (collection) => collection.isPublic && (type === "all" || collection.type === type)
  )
  return maskedJson(
    incoming,
    200,
    page(incoming, collections).map((collection) => collectionDetails(world, collection))
  )
}

const create = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const body = validBody(incoming, checkBody)
  requiredKey(incoming)
  const name = required("name", body.name)
  const references = required("styles", body.styles)
  const owner = callerOf(context)
  Permissions.refuseDeleted(owner)
  Permissions.refuseAnonymous(owner)
  refuseNul([name, body.info])
  const { styleIds, type } = contents(world, references)
  const isPublic = body.public ?? true
  const collection: Collection = { id: world.uuid(), type, owner, name, isPublic, styleIds, useCount: 0 }
  world.collections.set(collection.id, collection)
  return modified(context, collection)
}

const get = (context: RouteContext): Answer =>
  maskedJson(context.incoming, 200, collectionDetails(context.world, find(context)))

const getByName = ({ incoming, params, world }: RouteContext): Answer => {
  const collection =
    Find.collectionByName(world, params["name"] ?? "") ??
    refuse(404, "CollectionNotFound", "There is no collection with this name")
  return maskedJson(incoming, 200, collectionDetails(world, collection))
}

const modify = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const body = validBody(incoming, checkBody)
  const caller = callerOf(context)
  const collection = find(context)
  Permissions.checkOwner(caller, collection.owner)
  refuseNul([body.name, body.info])
  // The real server 5.1.5 takes absent styles for styles of several types.
  if (body.styles === undefined && !world.isNewer) {
    refuseRequest("A collection has styles of one type")
  }
  if (body.styles !== undefined) {
    const { styleIds, type } = contents(world, body.styles)
    if (type !== collection.type) refuseRequest(`This collection has styles of the type ${collection.type}`)
    collection.styleIds = styleIds
  }
  collection.name = body.name ?? collection.name
  collection.isPublic = body.public ?? collection.isPublic
  return modified(context, collection)
}

const remove = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const caller = callerOf(context)
  const collection = find(context)
  checkOwnerOrModerator(caller, collection.owner, "Forbidden")
  world.collections.delete(collection.id)
  return ok(incoming)
}

const cachedFor = "30 seconds"

export const collections: ReadonlyArray<Route> = [
  { endpoint: Collections.List.declaration, handler: getAll, cachedFor, cachedBy: "query" },
  { endpoint: Collections.Create.declaration, handler: create },
  { endpoint: Collections.Get.declaration, handler: get, cachedFor },
  { endpoint: Collections.Modify.declaration, handler: modify },
  { endpoint: Collections.Delete.declaration, handler: remove },
  { endpoint: Collections.GetByName.declaration, handler: getByName, cachedFor }
]
