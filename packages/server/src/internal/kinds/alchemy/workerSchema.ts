/**
 * The JSON schema of an alchemy worker's pop, as the real server applies it, and the capabilities that it declares.
 */
import { commonAbilities, type WorkerDescription } from "../../jobs/registerWorker.js"
import { type Check, check, integer, list, oneOf, string, text, wholeNumber } from "../../python/jsonSchema.js"
import type { User } from "../../state/account.js"
import type { AlchemyAbilities } from "../../state/alchemy.js"
import type { ServerVersion } from "../../state/version.js"
import { formNames } from "./request.js"

/** A valid poll for work. */
export interface PopBody extends WorkerDescription {
  readonly forms?: ReadonlyArray<string>
}

const checkFor = (version: ServerVersion): Check<PopBody> =>
  check({
    type: "object",
    properties: {
      name: string,
      priority_usernames: list(string),
      forms: list(oneOf(formNames(version))),
      amount: wholeNumber,
      bridge_agent: text(0, 1000),
      threads: integer(1, 100),
      max_tiles: integer(1, 256)
    }
  })

const checks: Readonly<Record<ServerVersion, Check<PopBody>>> = { "5.1.5": checkFor("5.1.5"), newer: checkFor("newer") }

export const checkPop = (version: ServerVersion): Check<PopBody> => checks[version]

/** Every program may serve every form. */
const knownBridges: ReadonlySet<string> = new Set()

export const abilities = (owner: User, body: PopBody): AlchemyAbilities => ({
  ...commonAbilities(owner, body, knownBridges),
  forms: body.forms ?? []
})
