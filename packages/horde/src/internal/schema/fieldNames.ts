/** The names under which a program wrote the fields of a request that a function made from its options. */

/** From the name in errors, such as `payload.params.width`, to the option that it comes from, such as `size`. */
export type FieldNames = { readonly [field: string]: string }

/** By request: nothing of it is sent, and a copy of a request does not have it. */
const namesByRequest = new WeakMap<object, FieldNames>()

export const withFieldNames = <A extends object>(request: A, names: FieldNames): A => {
  namesByRequest.set(request, names)
  return request
}

/** The errors under the names that the program wrote. Of several errors of one option the first one stays. */
export const renameFields = (
  request: unknown,
  errors: { readonly [field: string]: string }
): { readonly [field: string]: string } => {
  const names = typeof request === "object" && request !== null ? namesByRequest.get(request) : undefined
  if (names === undefined) return errors
  const renamed: Record<string, string> = {}
  for (const [field, rule] of Object.entries(errors)) {
    const written = Object.entries(names).find(([name]) => field === name || field.startsWith(`${name}.`))?.[1]
    renamed[written ?? field] ??= rule
  }
  return renamed
}
