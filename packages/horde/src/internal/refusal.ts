/** Turns a reply of status 400 or more into a typed error, whatever its body looks like. */
import type { Call } from "../Declaration.js"
import * as HordeError from "../HordeError.js"
import { retryAfter, secondsNamed, windowNamed } from "./limiterWords.js"
import { scrub } from "./secrets.js"

const aboutKudos = new Set([
  "KudosUpfront",
  "SharedKeyEmpty",
  "SharedKeyExpired",
  "SharedKeyInsufficientKudos",
  "SharedKeyAssignedStyles"
])

interface Body {
  readonly isJson: boolean
  readonly message: string | undefined
  readonly rc: string | undefined
  readonly errors: { readonly [field: string]: string } | undefined
}

const readBody = (text: string, secrets: ReadonlyArray<string>): Body => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { isJson: false, message: undefined, rc: undefined, errors: undefined }
  }
  const body: { readonly [field: string]: unknown } = typeof json === "object" && json !== null ? { ...json } : {}
  const words = (value: unknown) => (typeof value === "string" ? scrub(value, secrets) : undefined)
  const errors =
    typeof body.errors === "object" && body.errors !== null
      ? Object.fromEntries(
          Object.entries(body.errors).map(([field, rule]) => [scrub(field, secrets), scrub(String(rule), secrets)])
        )
      : undefined
  return { isJson: true, message: words(body.message), rc: words(body.rc), errors }
}

export const refusal = (
  call: Call,
  reply: { readonly status: number; readonly headers: { readonly [name: string]: string }; readonly body: string },
  secrets: ReadonlyArray<string>,
  now: number
): HordeError.Refusal | HordeError.OutcomeUnknown => {
  const { status } = reply
  const { method, path, idempotent, hints } = call.declaration
  const body = readBody(reply.body, secrets)
  const said = body.message ?? (body.isJson ? `HTTP ${status} without a message` : `HTTP ${status} without a JSON body`)
  const hint = hints?.[status]
  const about = {
    status,
    method,
    path,
    message: hint === undefined ? said : `${hint} (the server: ${said})`,
    ...(body.rc === undefined ? {} : { rc: body.rc })
  }
  if (body.rc === "MaintenanceMode") return new HordeError.Maintenance(about)
  switch (status) {
    case 400:
      return new HordeError.BadRequest(body.errors === undefined ? about : { ...about, errors: body.errors })
    case 401:
      return new HordeError.Unauthorized(about)
    case 403: {
      if (body.rc !== undefined && aboutKudos.has(body.rc)) return new HordeError.KudosRefused(about)
      const left = body.rc === "TimeoutIP" ? secondsNamed(body.message) : undefined
      return new HordeError.Forbidden(left === undefined ? about : { ...about, retryAfter: left })
    }
    case 404:
      return body.rc === undefined ? new HordeError.UnexpectedResponse(about) : new HordeError.NotFound(about)
    case 429: {
      if (body.rc !== undefined) return new HordeError.TooManyJobs(about)
      const wait = retryAfter(reply.headers["retry-after"], now) ?? windowNamed(body.message)
      return new HordeError.RateLimited(wait === undefined ? about : { ...about, retryAfter: wait })
    }
  }
  if (status < 500) return new HordeError.UnexpectedResponse(about)
  // a gateway's answer says nothing about what the server behind it did
  if (!idempotent && (status === 502 || status === 504 || !body.isJson)) {
    return new HordeError.OutcomeUnknown({
      method,
      path,
      status,
      message: `${said}: the call may have been carried out`
    })
  }
  return new HordeError.ServerError(about)
}

/** The server does not know the job (any more). Only its own word counts, not any 404. */
export const isUnknownJob = (error: HordeError.CallError): boolean =>
  error._tag === "NotFound" && error.rc === "RequestNotFound"
