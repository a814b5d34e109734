/**
 * A request as it reached the server.
 */
import type { Body } from "./body.js"

export interface Incoming extends Body {
  readonly method: string
  readonly path: string
  readonly query: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly ip: string
}

/** The client's address: the last one in `X-Forwarded-For`, as for the real server behind its proxy. */
export const ipOf = (headers: Readonly<Record<string, string>>, remote: string): string => {
  const forwarded = headers["x-forwarded-for"]?.split(",").at(-1)?.trim()
  return forwarded === undefined || forwarded === "" ? remote : forwarded
}
