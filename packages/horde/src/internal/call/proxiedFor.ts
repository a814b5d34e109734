/** The headers with which a service account states for which user it sends a request. */
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type * as HordeError from "../../HordeError.js"
import type { PreparedCall } from "./declaration.js"
import { invalid } from "./encodeRequest.js"
import { headerFault } from "./headerFault.js"

/**
 * The user of a service account.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProxiedUser {
  /** The IP address of the user, v4 or v6. */
  readonly ip: string
  /** The `proxy_passkey` of the service account. */
  readonly passkey: Redacted.Redacted
}

const isAddress = (ip: string): boolean => /^[\da-f.:]{2,45}$/i.test(ip)

/** Adds the headers to a call. The address and the passkey are masked in the server's messages. */
export const withProxiedUser = (
  call: PreparedCall,
  { ip, passkey }: ProxiedUser
): Either.Either<PreparedCall, HordeError.InvalidRequest> => {
  const key = Redacted.value(passkey)
  const fault = headerFault(key)
  const errors = {
    ...(isAddress(ip) ? {} : { "proxiedFor.ip": "must be an IP address" }),
    ...(fault === undefined ? {} : { "proxiedFor.passkey": fault })
  }
  if (Object.keys(errors).length > 0) return Either.left(invalid(call.declaration, errors))
  return Either.right({
    ...call,
    headers: { ...call.headers, "proxied-for": ip, "proxy-authorization": key },
    secrets: () => [...call.secrets(), ip, key]
  })
}

/** The user for whom a call is sent, whose address the server counts requests by; empty for none. */
export const proxiedIp = (call: PreparedCall): string => call.headers?.["proxied-for"] ?? ""
