/** The names under which a program wrote the fields of a request that a function made from its options. */

const FieldNames = Symbol.for("effect-horde/FieldNames")

/** From the name in errors, such as `payload.params.width`, to the option that it comes from, such as `size`. */
export type FieldNames = { readonly [field: string]: string }

/** Adds the names to a request, out of sight: they are not sent, and a copy of the request does not have them. */
export const withFieldNames = <A extends object>(request: A, names: FieldNames): A =>
  Object.defineProperty(request, FieldNames, { value: names, enumerable: false })

const namesOf = (request: unknown): FieldNames =>
  typeof request === "object" && request !== null ? (Reflect.get(request, FieldNames) ?? {}) : {}

/** The errors under the names that the program wrote. Of several errors of one option the first one stays. */
export const renameFields = (
  request: unknown,
  errors: { readonly [field: string]: string }
): { readonly [field: string]: string } => {
  const names = Object.entries(namesOf(request))
  if (names.length === 0) return errors
  const renamed: Record<string, string> = {}
  for (const [field, rule] of Object.entries(errors)) {
    const option = names.find(([name]) => field === name || field.startsWith(`${name}.`))?.[1]
    renamed[option ?? field] ??= rule
  }
  return renamed
}
