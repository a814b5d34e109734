/**
 * Alchemy requests: their JSON schema, as the real server applies it, and the request that a job keeps.
 */
import { bool, type Check, check, list, oneOf, string, text } from "../../python/jsonSchema.js"
import type { AlchemyRequest } from "../../state/alchemy.js"
import * as Version from "../../state/version.js"
import type { World } from "../../state/world.js"
import { postProcessors } from "../image/schema.js"
import { commonFields } from "../requestFields.js"

const names = ["caption", "interrogation", "nsfw", "vectorize", "palette", "describe", "aesthetic"]

/** The names of the forms that the server has. */
export const formNames = (version: Version.ServerVersion): ReadonlyArray<string> => [
  ...names,
  ...(Version.includes(version, "newer") ? ["annotation"] : []),
  ...postProcessors
]

/** The body of a valid request. The schema requires nothing: the argument parser does. */
export interface AlchemyBody extends Readonly<Record<string, unknown>> {
  readonly forms?: ReadonlyArray<{ readonly name: string; readonly payload?: Readonly<Record<string, string>> }>
  readonly source_image?: string
  readonly slow_workers?: boolean
  readonly webhook?: string
}

const checkFor = (version: Version.ServerVersion): Check<AlchemyBody> =>
  check({
    type: "object",
    properties: {
      forms: list({
        type: "object",
        required: ["name"],
        properties: {
          name: oneOf(formNames(version)),
          payload: { type: "object", additionalProperties: string }
        }
      }),
      source_image: string,
      slow_workers: bool,
      webhook: text(10, 1024)
    }
  })

const checks: Readonly<Record<Version.ServerVersion, Check<AlchemyBody>>> = {
  "5.1.5": checkFor("5.1.5"),
  newer: checkFor("newer")
}

export const checkAlchemyRequest = (version: Version.ServerVersion): Check<AlchemyBody> => checks[version]

/** The server reads no other fields of the body; `trusted_workers` is converted, whatever its type. */
export const fromBody = (world: World, body: AlchemyBody, sourceImage: string): AlchemyRequest => {
  const forms = (body.forms ?? []).map(({ name, payload }) => ({ id: world.uuid(), name, payload }))
  const common = commonFields({ trusted_workers: Boolean(body["trusted_workers"]) })
  const { slow_workers = true, webhook } = body
  return {
    ...common,
    slowWorkers: slow_workers,
    webhook,
    prompt: undefined,
    n: forms.length,
    models: [],
    forms,
    sourceImage
  }
}
