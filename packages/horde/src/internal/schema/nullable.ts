/** Fields of a reply that may be absent or `null`. */
import * as Schema from "effect/Schema"

/** The type of {@link nullable}. */
export type Nullable<A, I = A> = Schema.PropertySignature<"?:", A, never, "?:", I | null>

/** An optional field: absent and `null` both decode as absent. */
export const nullable = <A, I>(schema: Schema.Schema<A, I>): Nullable<A, I> =>
  Schema.optionalWith(schema, { exact: true, nullable: true })

export const nullableFlag: Nullable<boolean> = nullable(Schema.Boolean)
export const nullableNumber: Nullable<number> = nullable(Schema.Number)
export const nullableText: Nullable<string> = nullable(Schema.String)
export const nullableTexts: Nullable<ReadonlyArray<string>> = nullable(Schema.Array(Schema.String))

/** A field with a published default, which replaces an absent value and `null`. */
export const withDefault = <A, I>(
  schema: Schema.Schema<A, I>,
  value: NoInfer<A>
): Schema.PropertySignature<":", A, never, "?:", I | null | undefined, true> =>
  Schema.optionalWith(schema, { nullable: true, default: () => value })
