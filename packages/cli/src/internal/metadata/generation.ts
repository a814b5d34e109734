/** How a picture was generated, as it is stored in the picture itself. It contains no keys and no ids. */
import * as Schema from "effect/Schema"

const fields = {
  prompt: Schema.optional(Schema.String),
  negativePrompt: Schema.optional(Schema.String),
  model: Schema.optional(Schema.String),
  seed: Schema.optional(Schema.String),
  width: Schema.optional(Schema.Number),
  height: Schema.optional(Schema.Number),
  steps: Schema.optional(Schema.Number),
  /** The time of the submit. */
  createdAt: Schema.optional(Schema.String),
  /** The program that wrote this. */
  software: Schema.optional(Schema.String)
}

export interface Generation extends Schema.Struct.Type<typeof fields> {}

export const Generation: Schema.Schema<Generation> = Schema.Struct(fields)
