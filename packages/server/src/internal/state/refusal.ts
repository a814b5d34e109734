/**
 * Refusals of requests: the status and the JSON body that the server replies with.
 */

/**
 * A refusal of the current request. A failed check throws it, and the exchange turns it into a reply. It is an
 * exception because checks are synchronous and nested.
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

/** A request that the server cannot carry out, without a code of its own. */
export const refuseRequest: (message: string) => never = (message) => refuse(400, "BadRequest", message)

/** Validation errors carry `errors` and, unlike all other refusals, no `rc`. */
export const refuseFields: (errors: Readonly<Record<string, string>>) => never = (errors) => {
  throw new Refusal(400, { errors, message: "The request did not pass validation" })
}

/** The database cannot store a NUL in any text, however deeply the text is nested in the value. */
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

export const refuseApiKey = (): never => refuse(401, "InvalidAPIKey", "There is no user with this API key")

/** The reply of the real server when its own code or its database fails on a value. */
export const internalError: () => never = () => {
  throw new Refusal(500, { message: "Internal Server Error" })
}

const numbersIn = (value: unknown): ReadonlyArray<number> => {
  if (typeof value === "number") return [value]
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : []
}

/** The database cannot store NaN or infinity in JSON. */
export const failNotFinite = (value: unknown): void => {
  if (!numbersIn(value).every(Number.isFinite)) internalError()
}
