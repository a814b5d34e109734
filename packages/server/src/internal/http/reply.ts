/**
 * Replies, and how much of one the caller receives.
 */

/** Everything but `whole` and `refused` is the effect of a scripted fault on a request that the server received. */
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

/** An error of the picture store. */
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
