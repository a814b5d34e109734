/** Models of objects, with their published name. */
import * as Schema from "effect/Schema"
import type { FreeForm } from "./optional.js"

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

const others = Schema.Record({ key: Schema.String, value: Schema.Unknown })

type Open<F extends Schema.Struct.Fields> = Schema.TypeLiteral<F, readonly [typeof others]>

/** Like {@link Model}, for a model that keeps undeclared fields. */
export type OpenModel<A, F extends Schema.Struct.Fields> = Schema.Schema<A, Schema.Struct.Encoded<F> & FreeForm>

/** Like {@link model}, but the model keeps undeclared fields. */
export const openModel = <F extends Schema.Struct.Fields>(
  identifier: string,
  fields: F
): Schema.Schema<Open<F>["Type"], Open<F>["Encoded"], Open<F>["Context"]> =>
  Schema.Struct(fields, others).annotations({ identifier })
