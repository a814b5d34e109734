/**
 * The style that a request names: found, counted as used, and applied to the request.
 */
import type { Types } from "../state/kind.js"
import { internalError, refuse } from "../state/refusal.js"
import { type Style, stylesOf } from "../state/style.js"
import * as Version from "../state/version.js"
import type { World } from "../state/world.js"
import * as Find from "../styles/find.js"
import type { JobKind } from "./kind.js"

/** The kudos that the owner of a style earns with each use. */
const reward = 2

/** One of the styles of the collection. The real server 5.1.5 fails on a collection. */
const fromCollection = (world: World, reference: string): Style | undefined => {
  const collection = Find.collectionById(world, reference) ?? Find.collectionByName(world, reference)
  if (collection === undefined) return undefined
  if (!Version.includes(world.settings.version, "newer")) return internalError()
  const styles = stylesOf(world, collection)
  collection.useCount++
  return styles[world.integer() % styles.length]
}

const find = <T extends Types>(world: World, { styleType }: JobKind<T>, reference: string): Style => {
  const style =
    Find.styleById(world, reference) ??
    (styleType === undefined ? undefined : Find.styleByName(world, reference, styleType)) ??
    fromCollection(world, reference) ??
    refuse(404, "StyleNotFound", "There is no such style")
  return style.type === styleType ? style : refuse(400, "BadRequest", `This style is for another kind: ${style.type}`)
}

interface Styled<T extends Types> {
  readonly request: T["request"]
  readonly style: Style | undefined
}

/** Like on the real server, the use is counted and the owner is rewarded before any other check of the request. */
export const apply = <T extends Types>(world: World, kind: JobKind<T>, request: T["request"]): Styled<T> => {
  if (request.style === undefined) {
    if (request.templateFields !== undefined && Version.includes(world.settings.version, "newer")) {
      refuse(400, "TemplateFieldsRequireStyle", "template_fields needs a style")
    }
    return { request, style: undefined }
  }
  const style = find(world, kind, request.style)
  const styled = kind.withStyle(request, style)
  style.useCount++
  style.owner.kudos += reward
  style.owner.flows.styled += reward
  style.owner.records[kind.name].styled++
  return { request: styled, style }
}
