/** Fields of a reply that may be absent or `null`. */
import * as Schema from "effect/Schema"

/** An optional field: absent and `null` both decode as absent. */
export const nullable = <A, I>(schema: Schema.Schema<A, I>): Schema.PropertySignature<"?:", A, never, "?:", I | null> =>
  Schema.optionalWith(schema, { exact: true, nullable: true })

/** A field with a published default, which replaces an absent value and `null`. */
export const withDefault = <A, I>(
  schema: Schema.Schema<A, I>,
  value: NoInfer<A>
): Schema.PropertySignature<":", A, never, "?:", I | null | undefined, true> =>
  Schema.optionalWith(schema, { nullable: true, default: () => value })
