import type * as Schema from "effect/Schema"

/**
 * The schema of a model `A` whose fields are declared in `F`. A schema of this type keeps the name of the model in the
 * hovers of the models that contain it.
 */
export type Model<A, F extends Schema.Struct.Fields> = Schema.Schema<A, Schema.Struct.Encoded<F>>
