/**
 * The `Idempotency-Key` of a call: the server carries out calls with the same key and the same request only once, so
 * that the call can be retried after its reply was lost.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as HordeError from "../../HordeError.js"
import { isBrowser } from "../platform/browser.js"
import { randomId } from "../platform/randomId.js"
import type { Declaration, PreparedCall } from "./declaration.js"
import { invalid } from "./encodeRequest.js"
import { headerFault } from "./headerFault.js"

/** The key that the program chose for a call, if any. */
export class CurrentIdempotencyKey extends Context.Reference<CurrentIdempotencyKey>()(
  "effect-horde/CurrentIdempotencyKey",
  { defaultValue: (): Option.Option<string> => Option.none() }
) {}

/**
 * Adds the program's key to a call, or a new one. Not from Effect's `Random`: its seed has 32 bits, and two transfers
 * of one account with the same key would become one.
 *
 * In browsers no key is sent, because the server's CORS preflight does not allow the header.
 */
export const withIdempotencyKey = (
  declaration: Declaration,
  call: PreparedCall
): Effect.Effect<PreparedCall, HordeError.InvalidRequest> =>
  Effect.flatMap(CurrentIdempotencyKey, (chosen) => {
    const key = Option.getOrElse(chosen, () => randomId(16))
    const fault = headerFault(key)
    if (fault !== undefined) return Effect.fail(invalid(declaration, { idempotencyKey: fault }))
    return Effect.succeed(
      isBrowser()
        ? call
        : { ...call, declaration: { ...declaration, idempotent: true }, headers: { "idempotency-key": key } }
    )
  })
