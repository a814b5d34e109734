/**
 * Applies a style to the fields of a request.
 */
import { refuse, refuseRequest } from "../state/refusal.js"
import type { ParameterPolicy, Style } from "../state/style.js"

type Params = Readonly<Record<string, unknown>>

/** Replaces the placeholders of a prompt, such as `{p}`; unknown ones are left. */
export const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder)

/** The values of the placeholders that the style declares. */
export const fieldValues = (
  { content: { templateFields = [] } }: Style,
  given: Readonly<Record<string, string>> = {}
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    templateFields.map(({ name, required }) => {
      if (required === true && given[name] === undefined) {
        refuseRequest(`The style needs the template field ${name}`)
      }
      return [name, given[name] ?? ""]
    })
  )

/** The parameters of a request with those of its style, which the style's policy may let the request override. */
export const mergeParams = <P extends Params>(requested: P, params: Params, policy: ParameterPolicy = {}): P => {
  const { ceilings = {}, overridable = [], override = "none" } = policy
  const mayOverride = (name: string): boolean =>
    override === "all" || (override === "listed" && overridable.includes(name))
  const overriding = Object.fromEntries(Object.entries(requested).filter(([name]) => mayOverride(name)))
  for (const [name, ceiling] of Object.entries(ceilings)) {
    const value = overriding[name]
    if (typeof value === "number" && value > ceiling) {
      refuse(400, "StyleParameterAboveCeiling", `The style allows ${name} up to ${ceiling}`)
    }
  }
  return { ...requested, ...params, ...overriding }
}
