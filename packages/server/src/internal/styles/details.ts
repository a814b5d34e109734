/**
 * A style and a collection as replies show them.
 */

import { type Collection, fullName, type Style, stylesOf } from "../state/style.js"
import type { World } from "../state/world.js"
import type { StyleKind } from "./kind.js"
import * as SharedKeyDetails from "./sharedKeyDetails.js"

type Details = Readonly<Record<string, unknown>>

/** Absent values and empty objects are dropped. */
const present = (fields: Details): Details =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== undefined &&
        !(typeof value === "object" && !Array.isArray(value) && Object.keys(value ?? {}).length === 0)
    )
  )

/** The attached shared key with all its details: the server 5.1.5 shows it to everybody, newer ones to the owner. */
const sharedKey = (world: World, style: Style, apiKey: string | undefined): Details | undefined => {
  const key = world.sharedKeys.get(style.content.sharedKeyId ?? "")
  const isOwner = apiKey !== undefined && world.findUser(apiKey) === style.owner
  const isShown = isOwner || !world.isNewer
  return key === undefined || !isShown ? undefined : SharedKeyDetails.details(key)
}

export const styleDetails = (world: World, kind: StyleKind, style: Style, apiKey: string | undefined): Details => {
  const { content, examples, id, owner, useCount } = style
  return present({
    id,
    use_count: useCount,
    creator: owner.username,
    examples: kind.hasExamples ? [...examples.values()] : undefined,
    name: content.name,
    info: content.info,
    prompt: content.prompt,
    params: kind.shownParams(content.params),
    public: content.isPublic,
    nsfw: content.nsfw,
    tags: content.tags,
    models: content.models,
    shared_key: sharedKey(world, style, apiKey),
    template_fields: content.templateFields,
    parameter_policy: content.parameterPolicy
  })
}

export const collectionDetails = (world: World, collection: Collection): Details => ({
  id: collection.id,
  name: collection.name,
  type: collection.type,
  info: null,
  public: collection.isPublic,
  styles: stylesOf(world, collection).map((style) => ({ name: fullName(style), id: style.id })),
  use_count: collection.useCount
})
