/**
 * What comes in, what goes out, and how the server says no.
 */
import type { Body } from "./body.js"

/** A request as it reached the server; header names are in lower case. */
export interface Incoming extends Body {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly ip: string
}

/** How much of a reply the caller gets to see. */
export type Delivery = "whole" | "reset" | "truncated" | "hangingSilent" | "hangingHalf" | "refused"

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

export interface Reply extends Answer {
  readonly delivery: Delivery
}

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(body)
})

/** What the store of pictures answers when it does not hand out or take one. */
export const xml = (status: number, code: string): Answer => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`
})

export const html = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { "content-type": "text/html; charset=utf-8", ...headers },
  body
})

/**
 * A refusal, thrown where it is found and turned into a reply at one place. Inside the synchronous core a refusal ends
 * a chain of checks from any depth, which is what an exception does best.
 */
export class Refusal {
  constructor(
    readonly status: number,
    readonly body: {
      readonly message: string
      readonly rc?: string
      readonly errors?: Readonly<Record<string, string>>
    }
  ) {}
}

export const refuse: (status: number, rc: string, message: string) => never = (status, rc, message) => {
  throw new Refusal(status, { message, rc })
}

/** Schema and argument errors carry `errors` and, unlike the server's other refusals, no `rc`. */
export const refuseFields: (errors: Readonly<Record<string, string>>) => never = (errors) => {
  throw new Refusal(400, { errors, message: "The request did not pass validation" })
}

/** The database cannot hold a NUL in any text, however deep in a value it is. */
export const refuseNul = (value: unknown): void => {
  if (typeof value === "string") {
    if (value.includes("\u0000")) refuse(400, "NulByteInPayload", "Text must not contain NUL bytes")
  } else if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      refuseNul(name)
      refuseNul(item)
    }
  }
}

/** What the real server answers when its own code or its database trips over a value. */
export const trip: () => never = () => {
  throw new Refusal(500, { message: "Internal Server Error" })
}
