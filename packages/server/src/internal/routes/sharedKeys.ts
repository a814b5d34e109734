/**
 * Shared keys: create, get, modify and delete. Like on the real server, the published bounds of the fields are not
 * enforced; a field is refused only if it cannot be converted to its type.
 */
import * as SharedKeys from "effect-horde/SharedKeys"
import { argumentsOf, requiredKey, text, whole } from "../http/arguments.js"
import { maskedJson, ok } from "../http/fieldMask.js"
import type { Incoming } from "../http/incoming.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import * as AccountDetails from "../state/accountDetails.js"
import { internalError, refuse, refuseApiKey, refuseNul } from "../state/refusal.js"
import type { SharedKey } from "../state/sharedKey.js"
import type { World } from "../state/world.js"
import { details } from "../styles/sharedKeyDetails.js"

const day = 86_400_000

interface Input {
  readonly kudos: number | undefined
  readonly expiry: number | undefined
  readonly name: string | undefined
  readonly max_image_pixels: number | undefined
  readonly max_image_steps: number | undefined
  readonly max_text_tokens: number | undefined
}

const readInput = (incoming: Incoming): Input => {
  const args = argumentsOf(incoming)
  return {
    kudos: whole(args, "kudos"),
    expiry: whole(args, "expiry"),
    name: text(args, "name"),
    max_image_pixels: whole(args, "max_image_pixels"),
    max_image_steps: whole(args, "max_image_steps"),
    max_text_tokens: whole(args, "max_text_tokens")
  }
}

const fitsBits = (value: number, bits: number): boolean => value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1)

/** A value that exceeds its database column makes the real server fail. */
const checkStorable = (input: Input): void => {
  refuseNul(input.name)
  if (Python.length(input.name ?? "") > 255) internalError()
  if (!fitsBits(input.kudos ?? 0, 64)) internalError()
  for (const limit of [input.max_image_pixels, input.max_image_steps, input.max_text_tokens]) {
    if (!fitsBits(limit ?? 0, 32)) internalError()
  }
}

/** The time in this many days. The real server fails on dates after the year 9999. */
const inDays = (world: World, days: number): number => {
  const at = world.now + days * day
  const year = new Date(at).getUTCFullYear()
  return year >= 1 && year <= 9999 ? at : internalError()
}

const reply = ({ incoming }: RouteContext, key: SharedKey): Answer => maskedJson(incoming, 200, details(key))

const maxKeys = (user: Account.User): number => {
  if (Account.isTrusted(user)) return 10
  return user.roles.has("education") ? 1000 : 3
}

const create = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const apiKey = requiredKey(incoming)
  const input = readInput(incoming)
  const owner = world.findUser(apiKey) ?? refuseApiKey()
  if (Account.isAnonymous(owner)) refuse(403, "AnonForbidden", "The anonymous account cannot have shared keys")
  const limit = maxKeys(owner)
  const count = [...world.sharedKeys.values()].filter((key) => key.owner === owner).length
  if (count >= limit) refuse(403, "Forbidden", `This account already holds ${limit} shared keys, its maximum`)
  checkStorable(input)
  const days = input.expiry ?? -1
  const key: SharedKey = {
    id: world.uuid(),
    owner,
    name: input.name,
    kudos: input.kudos ?? 5000,
    utilized: 0,
    expiresAt: days === 0 || days === -1 ? undefined : inDays(world, days),
    maxImagePixels: input.max_image_pixels ?? -1,
    maxImageSteps: input.max_image_steps ?? -1,
    maxTextTokens: input.max_text_tokens ?? -1
  }
  world.sharedKeys.set(key.id, key)
  AccountDetails.invalidate(world, owner)
  return reply(context, key)
}

const find = ({ params, world }: RouteContext): SharedKey =>
  world.findSharedKey(params["id"] ?? "") ?? refuse(401, "InvalidAPIKey", "There is no shared key with this id")

/** Only the owner may change a key; moderators may not. Like the real one, the refusal contains the key. */
const findOwned = (context: RouteContext, apiKey: string): SharedKey => {
  const key = find(context)
  const caller = context.world.findUser(apiKey) ?? refuseApiKey()
  if (caller !== key.owner) {
    refuse(403, "Forbidden", `Shared key ${key.id} belongs to ${key.owner.username}, not to ${caller.username}`)
  }
  return key
}

const get = (context: RouteContext): Answer => reply(context, find(context))

const modify = (context: RouteContext): Answer => {
  const apiKey = requiredKey(context.incoming)
  const input = readInput(context.incoming)
  const key = findOwned(context, apiKey)
  if (Object.values(input).every((value) => value === undefined)) {
    refuse(400, "NoSharedKeyModSelected", "The request contains no field to change")
  }
  checkStorable(input)
  if (input.expiry !== undefined) key.expiresAt = input.expiry === -1 ? undefined : inDays(context.world, input.expiry)
  key.name = input.name ?? key.name
  key.kudos = input.kudos ?? key.kudos
  key.maxImagePixels = input.max_image_pixels ?? key.maxImagePixels
  key.maxImageSteps = input.max_image_steps ?? key.maxImageSteps
  key.maxTextTokens = input.max_text_tokens ?? key.maxTextTokens
  return reply(context, key)
}

/** Deletes the key. The server forgets the jobs that were submitted with it. */
const remove = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const key = findOwned(context, requiredKey(incoming))
  world.sharedKeys.delete(key.id)
  for (const job of world.live) if (job.sharedKey === key) world.forget(job)
  return ok(incoming)
}

export const sharedKeys: ReadonlyArray<Route> = [
  { endpoint: SharedKeys.Create.declaration, handler: create },
  { endpoint: SharedKeys.Get.declaration, handler: get, cachedFor: "1 minute" },
  { endpoint: SharedKeys.Modify.declaration, handler: modify },
  { endpoint: SharedKeys.Delete.declaration, handler: remove }
]
