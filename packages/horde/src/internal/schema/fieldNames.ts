/** Errors of a request that a function made from options: maps the request's fields back to the options. */

/** Maps a field in errors, such as `payload.params.width`, to its option, such as `size`. */
export type FieldNames = { readonly [field: string]: string }

/** Keyed by the request object: the names are not sent, and a copy of the request does not have them. */
const namesByRequest = new WeakMap<object, FieldNames>()

export const withFieldNames = <A extends object>(request: A, names: FieldNames): A => {
  namesByRequest.set(request, names)
  return request
}

/** Replaces the fields in errors by their options. If an option has several errors, the first one is kept. */
export const renameFields = (
  request: unknown,
  errors: { readonly [field: string]: string }
): { readonly [field: string]: string } => {
  const names = typeof request === "object" && request !== null ? namesByRequest.get(request) : undefined
  if (names === undefined) return errors
  const renamed: Record<string, string> = {}
  for (const [field, rule] of Object.entries(errors)) {
    const option = Object.entries(names).find(([name]) => field === name || field.startsWith(`${name}.`))?.[1]
    renamed[option ?? field] ??= rule
  }
  return renamed
}
