/** The options that describe pictures, for `draw` and `price`. */
import * as Options from "@effect/cli/Options"
import * as Option from "effect/Option"

/** A size as it is typed: `512x768`. */
const size = Options.text("size").pipe(
  Options.withDescription("Width x height in pixels, multiples of 64; 512x512 by default."),
  Options.optional
)

/** The requested pictures. */
export interface ImageInput {
  readonly number: number
  readonly size: Option.Option<string>
  readonly steps: Option.Option<number>
  readonly seed: Option.Option<string>
  readonly model: ReadonlyArray<string>
  readonly negative: Option.Option<string>
  readonly sfw: boolean
}

export const image = {
  number: Options.integer("number").pipe(
    Options.withAlias("n"),
    Options.withDescription("The number of pictures, 1 to 20."),
    Options.withDefault(1)
  ),
  size,
  steps: Options.integer("steps").pipe(
    Options.withDescription("The number of sampling steps; 30 by default."),
    Options.optional
  ),
  seed: Options.text("seed").pipe(
    Options.withDescription("The seed: the same request with the same seed gives the same picture."),
    Options.optional
  ),
  model: Options.text("model").pipe(
    Options.withAlias("m"),
    Options.withDescription("A model that may be used; can be repeated. stable_diffusion by default."),
    Options.repeated
  ),
  negative: Options.text("negative").pipe(Options.withDescription("What to avoid in the picture."), Options.optional),
  sfw: Options.boolean("sfw").pipe(Options.withDescription("Only pictures that are safe for work."))
}

/** The width and height of a size, `undefined` if it is malformed. */
export const sizeOf = (text: string): readonly [number, number] | undefined => {
  const [, width, height] = /^(\d{1,5})\s*[x×*]\s*(\d{1,5})$/i.exec(text.trim()) ?? []
  return width === undefined || height === undefined ? undefined : [Number(width), Number(height)]
}

/** The value of an option that may be missing. */
export const valueOf = <A>(option: Option.Option<A>): A | undefined => Option.getOrUndefined(option)
