/**
 * The sizes of text models. The real server reads them from a published model reference; here the size is derived from
 * the name, and a model without a size in its name is unknown.
 */

/** Names without a size: the model of the recordings, whose price is that of 7 billion parameters. */
const named: ReadonlyMap<string, number> = new Map([["koboldcpp/LLaMA", 7]])

/** Billions of parameters; undefined for an unknown model. `NAME::ACCOUNT` is a model of an account. */
export const sizeOf = (model: string): number | undefined => {
  const [name = ""] = model.split("::")
  const size = named.get(name) ?? Number(/(\d+(?:\.\d+)?)b(?![a-z0-9])/i.exec(name)?.[1] ?? Number.NaN)
  return Number.isNaN(size) ? undefined : size
}
