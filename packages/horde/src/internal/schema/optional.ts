/** Fields of a request that may be left out. */
import * as Schema from "effect/Schema"

/** The type of a request's field that may be absent or `undefined`. */
export type Optional<A, I = A> = Schema.PropertySignature<"?:", A | undefined, never, "?:", I | undefined>

/** A field of a request that may be absent or `undefined`. */
export const optional = <A, I>(schema: Schema.Schema<A, I>): Optional<A, I> => Schema.optional(schema)

/** Fields without a model. They are neither checked nor changed. */
export interface FreeForm {
  readonly [field: string]: unknown
}

/** The schema of {@link FreeForm}. */
export const FreeForm: Schema.Schema<FreeForm> = Schema.Record({ key: Schema.String, value: Schema.Unknown })

/** The field `extra` of a request. */
export const extra: Optional<FreeForm> = optional(FreeForm)
