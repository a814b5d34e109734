/** Converts a refusal of the horde, a JSON object with a `message`, to a typed error. */
import * as HordeError from "../../HordeError.js"
import type { Reply } from "../../Reply.js"
import { retryAfter, secondsNamed, windowNamed } from "../limits/limiterMessage.js"
import type { PreparedCall } from "./declaration.js"
import { gatewayRetryAfter } from "./gatewayReply.js"
import { isIn, scrub, scrubName } from "./scrub.js"

const aboutKudos = new Set([
  "KudosUpfront",
  "SharedKeyEmpty",
  "SharedKeyExpired",
  "SharedKeyInsufficientKudos",
  "SharedKeyAssignedStyles"
])

/** The codes of gateways: the server behind the gateway may have carried out the call. */
export const isGatewayStatus = (status: number): boolean =>
  status === 502 || status === 504 || (status >= 520 && status <= 527) || status === 530

/** The fields of a refusal. */
interface Body {
  readonly message: string
  readonly rc: string | undefined
  readonly errors: object | undefined
}

const refusalBody = (json: unknown): Body | undefined => {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined
  const { errors, message, rc }: { readonly [field: string]: unknown } = { ...json }
  if (typeof message !== "string") return undefined
  return {
    message,
    rc: typeof rc === "string" && rc !== "" ? rc : undefined,
    errors: typeof errors === "object" && errors !== null ? errors : undefined
  }
}

/** Whether a reply of status 400 or more comes from the horde, and not from a gateway. */
export const isRefusal = (reply: Reply): boolean => refusalBody(reply.json) !== undefined

const maxFields = 100
const maxLength = 2000

/** Text far beyond the part that is shown is not searched for secrets. */
const searchedLength = 5 * maxLength

const shown = (text: string, clean: (text: string) => string): string => {
  const searched = clean(text.slice(0, searchedLength))
  return searched.length <= maxLength && text.length <= searchedLength ? searched : `${searched.slice(0, maxLength)}…`
}

const ruleOf = (rule: unknown): string =>
  typeof rule === "string" || typeof rule === "number" || typeof rule === "boolean" ? String(rule) : "is not valid"

const fieldErrors = (errors: object, secrets: ReadonlyArray<string>): { readonly [field: string]: string } =>
  Object.fromEntries(
    Object.entries(errors)
      .slice(0, maxFields)
      .map(([field, rule]) => [
        shown(field, (text) => scrubName(text, secrets)),
        shown(ruleOf(rule), (text) => scrub(text, secrets))
      ])
  )

/** The ids in the path of a call. */
const idsIn = ({ declaration, path }: PreparedCall): ReadonlyArray<string> => {
  const segments = (path.split("?")[0] ?? "").split("/")
  return declaration.path
    .split("/")
    .flatMap((name, index) => (name.startsWith(":") ? [decodeURIComponent(segments[index] ?? "")] : []))
}

/**
 * `undefined` if the reply does not come from the horde. `apiKey` is the key that was sent, `secrets` are the other
 * texts that must be masked, and `now` is the wall-clock time in milliseconds.
 */
export const refusal = (
  call: PreparedCall,
  reply: Reply,
  apiKey: string,
  secrets: ReadonlyArray<string>,
  now: number
): HordeError.Refusal | HordeError.OutcomeUnknown | undefined => {
  const body = refusalBody(reply.json)
  if (body === undefined) return undefined
  const { status } = reply
  const { hints, idempotent, method, path } = call.declaration
  const said = shown(body.message, (text) => scrub(text, secrets))
  const hint = hints?.[status]
  // programs compare the code, so it is never masked: a code that contains a key or an id is dropped
  const secretIds = idsIn(call).filter((id) => secrets.includes(id))
  const isCode = body.rc !== undefined && body.rc.length <= 200 && !isIn(body.rc, [apiKey, ...secretIds])
  const rc = isCode ? body.rc : undefined
  const about = {
    status,
    method,
    path,
    message: hint === undefined ? said : `${hint} (the server: ${said})`,
    ...(rc === undefined ? {} : { rc })
  }
  if (rc === "MaintenanceMode") return new HordeError.Maintenance(about)
  switch (status) {
    case 400:
      return new HordeError.BadRequest(
        body.errors === undefined ? about : { ...about, errors: fieldErrors(body.errors, secrets) }
      )
    case 401:
      return new HordeError.Unauthorized(about)
    case 403: {
      if (rc !== undefined && aboutKudos.has(rc)) return new HordeError.KudosRefused(about)
      const left = rc === "TimeoutIP" ? secondsNamed(body.message) : undefined
      return new HordeError.Forbidden(left === undefined ? about : { ...about, retryAfter: left })
    }
    case 404:
      return rc === undefined ? new HordeError.UnexpectedResponse(about) : new HordeError.NotFound(about)
    case 423:
      return new HordeError.Locked(about)
    case 429: {
      if (rc === "TooManyPrompts") return new HordeError.TooManyJobs(about)
      const wait = retryAfter(reply.headers["retry-after"], now) ?? windowNamed(body.message)
      return new HordeError.RateLimited(wait === undefined ? about : { ...about, retryAfter: wait })
    }
  }
  if (status < 500) return new HordeError.UnexpectedResponse(about)
  if (!idempotent && isGatewayStatus(status)) {
    const message = `${said}: the call may have been carried out`
    return new HordeError.OutcomeUnknown({ method, path, status, message })
  }
  return new HordeError.ServerError({ ...about, ...gatewayRetryAfter(reply.headers, now) })
}

/** Whether the horde has no such job (any more). The 404 of a gateway does not count. */
export const isUnknownJob = (error: HordeError.CallError): boolean =>
  error._tag === "NotFound" && error.rc === "RequestNotFound"
