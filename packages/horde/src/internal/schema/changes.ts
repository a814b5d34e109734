/** Requests that change only the fields that they have. */
import * as Schema from "effect/Schema"
import type { FreeForm } from "./optional.js"

/** The request with at least one field: the server refuses an empty one. */
export const changes = <A extends { readonly extra?: FreeForm | undefined }, I>(
  identifier: string,
  schema: Schema.Schema<A, I>
): Schema.Schema<A, I> =>
  schema.pipe(
    Schema.filter(({ extra, ...known }) => Object.values({ ...known, ...extra }).some((value) => value !== undefined), {
      description: "an object with at least one field"
    }),
    Schema.annotations({ identifier })
  )
