/** The options that describe texts, for `write` and `price`. */
import * as Options from "@effect/cli/Options"

export const length = Options.integer("length").pipe(
  Options.withAlias("l"),
  Options.withDescription("The maximum length of a text in tokens, about 4 characters each; 80 by default."),
  Options.optional
)

export const text = {
  length,
  model: Options.text("model").pipe(
    Options.withAlias("m"),
    Options.withDescription("A model that may be used; can be repeated. Any model by default."),
    Options.repeated
  )
}
