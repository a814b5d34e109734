/** Schemas of replies. */
import * as Schema from "effect/Schema"

/**
 * The schema of a model `A` whose fields are declared in `F`. A schema of this type keeps the name of the model in the
 * hovers of the models that contain it.
 */
export type Model<A, F extends Schema.Struct.Fields> = Schema.Schema<A, Schema.Struct.Encoded<F>>

/** A model with its published name. The cast drops the requirements of the fields: no field of a model has any. */
export const model = <F extends Schema.Struct.Fields>(
  identifier: string,
  fields: F
): Schema.Schema<Schema.Struct.Type<F>, Schema.Struct.Encoded<F>> =>
  Schema.Struct(fields).annotations({ identifier }) as unknown as Schema.Schema<
    Schema.Struct.Type<F>,
    Schema.Struct.Encoded<F>
  >
