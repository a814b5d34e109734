/** Fields that the models do not know yet stand in a plain field `extra` of a request, and go to the wire beside the rest. */

const isPlain = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** Writes what is wrong into `errors`: an extra field must not hide one that the model has. */
export const spreadExtra = (value: unknown, path: string, errors: Record<string, string>): unknown => {
  if (Array.isArray(value)) return value.map((item, index) => spreadExtra(item, `${path}.${index}`, errors))
  if (!isPlain(value)) return value
  const { extra, ...own } = value
  const spread: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(own)) spread[name] = spreadExtra(member, `${path}.${name}`, errors)
  if (isPlain(extra)) {
    for (const [name, member] of Object.entries(extra)) {
      if (spread[name] !== undefined) errors[`${path}.extra.${name}`] = `is set already, as ${path}.${name}`
      else spread[name] = member
    }
  }
  return spread
}
