/**
 * The style that a request names: found, counted as used, and applied to the request.
 */
import * as Account from "../state/account.js"
import type { JobRequest, ModelKind, Types } from "../state/kind.js"
import { internalError, refuse, refuseRequest } from "../state/refusal.js"
import { type Style, stylesOf } from "../state/style.js"
import type { World } from "../state/world.js"
import * as Find from "../styles/find.js"
import type { JobKind } from "./kind.js"

/** The kudos that the owner of a style earns with each use. */
const reward = 2

/** One of the styles of the collection that have the given fields. The real server 5.1.5 fails on a collection. */
const fromCollection = (world: World, reference: string, fields: JobRequest["templateFields"]): Style | undefined => {
  const collection = Find.collectionById(world, reference) ?? Find.collectionByName(world, reference)
  if (collection === undefined) return undefined
  if (!world.isNewer) return internalError()
  const names = Object.keys(fields ?? {})
  const styles = stylesOf(world, collection).filter(({ content: { templateFields = [] } }) =>
    names.every((name) => templateFields.some((field) => field.name === name))
  )
  if (styles.length === 0 && names.length > 0) {
    refuse(400, "TemplateFieldsMatchNoCollectionStyle", "No style of this collection has these template fields")
  }
  collection.useCount++
  return styles[world.integer() % styles.length]
}

const find = (world: World, type: ModelKind, reference: string, fields: JobRequest["templateFields"]): Style => {
  const style =
    Find.styleById(world, reference) ??
    Find.styleByName(world, reference, type) ??
    fromCollection(world, reference, fields) ??
    refuse(404, "StyleNotFound", "There is no such style")
  return style.type === type ? style : refuseRequest(`This style is for another kind: ${style.type}`)
}

interface Styled<T extends Types> {
  readonly request: T["request"]
  readonly style: Style | undefined
}

/** Like on the real server, the use is counted and the owner is rewarded before any other check of the request. */
export const apply = <T extends Types>(world: World, kind: JobKind<T>, request: T["request"]): Styled<T> => {
  const { styles } = kind
  if (styles === undefined || request.style === undefined) {
    if (request.templateFields !== undefined && world.isNewer) {
      refuse(400, "TemplateFieldsRequireStyle", "template_fields needs a style")
    }
    return { request, style: undefined }
  }
  const style = find(world, styles.type, request.style, request.templateFields)
  const styled = styles.apply(request, style)
  style.useCount++
  Account.mint(style.owner, reward, "styled")
  style.owner.records[kind.name].styled++
  return { request: styled, style }
}
