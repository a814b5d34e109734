import type * as Schema from "effect/Schema"

/** The schema of a model `A` whose fields are declared by the struct `S`. Hovers show the name of the model. */
export type Model<A, S extends Schema.Schema.AnyNoContext> = Schema.Schema<A, Schema.Schema.Encoded<S>>
