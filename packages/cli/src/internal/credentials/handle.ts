/** Short names of shared keys. */
import { createHash } from "node:crypto"
import * as Redacted from "effect/Redacted"
import type { SharedKeyId } from "effect-horde/SharedKeys"

/**
 * The handle of a shared key: the start of a hash of its id. The id is a credential, so it must not be typed on a
 * command line nor be printed; its hash does not reveal it.
 */
export const handleOf = (id: SharedKeyId): string =>
  createHash("sha256").update(Redacted.value(id)).digest("hex").slice(0, 8)

/** Whether a text is the id of a shared key. */
export const isId = (text: string): boolean => /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text.trim())
