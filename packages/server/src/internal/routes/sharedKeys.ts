/**
 * The shared keys' routes. Nothing is validated here but what cannot be turned into the wanted type: the real server's
 * published bounds for these fields are not enforced either.
 */

import { argumentsOf, text, whole } from "../http/arguments.js"
import { type RouteContext, requiredKey, rfc822, sharedKeyOf, unknownCaller, userOf } from "../http/context.js"
import * as Mask from "../http/fieldMask.js"
import { type Answer, json, refuse, refuseNul, trip } from "../http/reply.js"
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import type { SharedKey, User, World } from "../state/world.js"
import * as Users from "./users.js"

const day = 86_400_000

interface Input {
  readonly kudos: number | undefined
  readonly expiry: number | undefined
  readonly name: string | undefined
  readonly max_image_pixels: number | undefined
  readonly max_image_steps: number | undefined
  readonly max_text_tokens: number | undefined
}

const readArguments = (context: RouteContext): Input => {
  const args = argumentsOf(context)
  return {
    kudos: whole(args, "kudos"),
    expiry: whole(args, "expiry"),
    name: text(args, "name"),
    max_image_pixels: whole(args, "max_image_pixels"),
    max_image_steps: whole(args, "max_image_steps"),
    max_text_tokens: whole(args, "max_text_tokens")
  }
}

const withinBits = (value: number, bits: number): boolean => value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1)

/** The columns have sizes; what does not fit is not refused but breaks the server's statement. */
const storable = (args: Input): void => {
  refuseNul(args.name)
  if (Python.length(args.name ?? "") > 255) trip()
  if (!withinBits(args.kudos ?? 0, 64)) trip()
  for (const limit of [args.max_image_pixels, args.max_image_steps, args.max_text_tokens]) {
    if (!withinBits(limit ?? 0, 32)) trip()
  }
}

/** The server's dates end with the year 9999; a later one breaks its statement as well. */
const inDays = (world: World, days: number): number => {
  const at = world.now + days * day
  const year = new Date(at).getUTCFullYear()
  return year >= 1 && year <= 9999 ? at : trip()
}

const details = (key: SharedKey): Readonly<Record<string, unknown>> => ({
  id: key.id,
  username: key.owner.username,
  ...(key.name === undefined ? {} : { name: key.name }),
  kudos: key.kudos,
  ...(key.expiresAt === undefined ? {} : { expiry: rfc822(key.expiresAt) }),
  utilized: key.utilized,
  max_image_pixels: key.maxImagePixels,
  max_image_steps: key.maxImageSteps,
  max_text_tokens: key.maxTextTokens
})

const answer = (context: RouteContext, key: SharedKey): Answer =>
  json(200, Mask.apply(context.incoming.headers["x-fields"], details(key)))

const mostKeys = (user: User): number => {
  if (Account.isTrusted(user)) return 10
  return user.account.education === true ? 1000 : 3
}

export const create = (context: RouteContext): Answer => {
  const { world } = context
  const apiKey = requiredKey(context)
  const args = readArguments(context)
  const owner = userOf(world, apiKey) ?? unknownCaller()
  if (Account.isAnonymous(owner)) refuse(403, "AnonForbidden", "The anonymous account cannot have shared keys")
  const most = mostKeys(owner)
  const held = [...world.sharedKeys.values()].filter((key) => key.owner === owner).length
  if (held >= most) refuse(403, "Forbidden", `This account already holds ${most} shared keys, the most it may`)
  storable(args)
  const days = args.expiry ?? -1
  const key: SharedKey = {
    id: world.uuid(),
    owner,
    name: args.name,
    kudos: args.kudos ?? 5000,
    utilized: 0,
    expiresAt: days === 0 || days === -1 ? undefined : inDays(world, days),
    maxImagePixels: args.max_image_pixels ?? -1,
    maxImageSteps: args.max_image_steps ?? -1,
    maxTextTokens: args.max_text_tokens ?? -1
  }
  world.sharedKeys.set(key.id, key)
  Users.refresh(world, owner)
  return answer(context, key)
}

const existing = (context: RouteContext): SharedKey =>
  sharedKeyOf(context.world, context.params["id"] ?? "") ??
  refuse(401, "InvalidAPIKey", "There is no shared key with this id")

/** Nobody but the owner may touch a key, moderators neither. The refusal names the key, as the real one does. */
const owned = (context: RouteContext, apiKey: string): SharedKey => {
  const key = existing(context)
  const caller = userOf(context.world, apiKey) ?? unknownCaller()
  if (caller !== key.owner) {
    refuse(403, "Forbidden", `Shared key ${key.id} belongs to ${key.owner.username}, not to ${caller.username}`)
  }
  return key
}

export const get = (context: RouteContext): Answer => answer(context, existing(context))

export const modify = (context: RouteContext): Answer => {
  const apiKey = requiredKey(context)
  const args = readArguments(context)
  const key = owned(context, apiKey)
  if (Object.values(args).every((value) => value === undefined)) {
    refuse(400, "NoSharedKeyModSelected", "Nothing was given to change")
  }
  storable(args)
  if (args.expiry !== undefined) key.expiresAt = args.expiry === -1 ? undefined : inDays(context.world, args.expiry)
  key.name = args.name ?? key.name
  key.kudos = args.kudos ?? key.kudos
  key.maxImagePixels = args.max_image_pixels ?? key.maxImagePixels
  key.maxImageSteps = args.max_image_steps ?? key.maxImageSteps
  key.maxTextTokens = args.max_text_tokens ?? key.maxTextTokens
  return answer(context, key)
}

export const remove = (context: RouteContext): Answer => {
  const key = owned(context, requiredKey(context))
  context.world.sharedKeys.delete(key.id)
  for (const job of context.world.live.values()) if (job.sharedKey === key) context.world.forget(job)
  return json(200, Mask.apply(context.incoming.headers["x-fields"], { message: "OK" }))
}
