/**
 * Reads and checks what the owner of a style writes.
 */
import * as Python from "../python/values.js"
import type { User } from "../state/account.js"
import { refuse, refuseNul, refuseRequest } from "../state/refusal.js"
import type { Style, StyleContent } from "../state/style.js"
import type { World } from "../state/world.js"
import type { StyleKind } from "./kind.js"
import type { StyleBody } from "./schema.js"

const maxModels = 5
const maxTags = 10

/** The content of a new style. Newer servers read the fields that the others ignore. */
export const newContent = (world: World, kind: StyleKind, name: string, body: StyleBody): StyleContent => {
  const isNewer = world.isNewer
  return {
    name,
    info: body.info,
    prompt: body.prompt ?? kind.defaultPrompt,
    params: body.params ?? {},
    isPublic: body.public ?? true,
    nsfw: body.nsfw ?? false,
    tags: [...new Set(body.tags ?? [])],
    models: [...new Set(body.models ?? [])],
    sharedKeyId: body.sharedkey === undefined ? undefined : (Python.uuid(body.sharedkey) ?? body.sharedkey),
    templateFields: isNewer ? body.template_fields : undefined,
    parameterPolicy: isNewer ? body.parameter_policy : undefined
  }
}

/** The content after a change. The real server 5.1.5 resets fields that are absent and have a default. */
export const changedContent = (world: World, kind: StyleKind, style: Style, body: StyleBody): StyleContent => {
  const { content } = style
  const isNewer = world.isNewer
  const fresh = newContent(world, kind, body.name ?? content.name, body)
  return {
    name: fresh.name,
    info: body.info ?? content.info,
    prompt: body.prompt ?? (isNewer ? content.prompt : fresh.prompt),
    params: body.params ?? content.params,
    isPublic: body.public ?? (isNewer ? content.isPublic : fresh.isPublic),
    nsfw: body.nsfw ?? (isNewer ? content.nsfw : fresh.nsfw),
    tags: body.tags === undefined ? content.tags : fresh.tags,
    models: body.models === undefined ? content.models : fresh.models,
    sharedKeyId: fresh.sharedKeyId ?? content.sharedKeyId,
    templateFields: fresh.templateFields ?? content.templateFields,
    parameterPolicy: fresh.parameterPolicy ?? content.parameterPolicy
  }
}

const checkSharedKey = (world: World, id: string): void => {
  const key = world.findSharedKey(id) ?? refuseRequest("There is no shared key with this id")
  if (key.kudos === 0) refuseRequest("This shared key has no kudos left")
  if (key.expiresAt !== undefined && key.expiresAt <= world.now) refuseRequest("This shared key has expired")
}

/** Every declared field is a placeholder of the prompt. */
const checkFields = ({ prompt, templateFields = [] }: StyleContent): void => {
  if (templateFields.length > 16) refuse(400, "StyleDeclarationInvalid", "A style has at most 16 template fields")
  for (const { name } of templateFields) {
    if (!prompt.includes(`{${name}}`)) {
      refuse(400, "StyleDeclarationInvalid", `The prompt lacks the placeholder of the template field ${name}`)
    }
  }
}

/** Whether the account has another style of this type with this name. */
const isTaken = (world: World, { type }: StyleKind, owner: User, name: string, except: Style | undefined): boolean =>
  [...world.styles.values()].some(
    (style) => style !== except && style.owner === owner && style.type === type && style.content.name === name
  )

/** Checks the content of a style, which replaces that of `except`. */
export const checkContent = (
  world: World,
  kind: StyleKind,
  owner: User,
  content: StyleContent,
  except: Style | undefined
): void => {
  const { models, name, prompt, sharedKeyId, tags } = content
  if (models.length === 0 || models.length > maxModels) refuseRequest(`A style has between 1 and ${maxModels} models`)
  if (tags.length > maxTags) refuseRequest(`A style has at most ${maxTags} tags`)
  if (sharedKeyId !== undefined && sharedKeyId !== except?.content.sharedKeyId) checkSharedKey(world, sharedKeyId)
  for (const placeholder of kind.placeholders) {
    if (!prompt.includes(placeholder)) refuseRequest(`The prompt of a style must contain ${placeholder}`)
  }
  if (isTaken(world, kind, owner, name, except)) refuseRequest("This account already has a style with this name")
  checkFields(content)
  kind.checkParams(world, content)
  refuseNul([content.name, content.info, content.params, prompt, models, tags])
}
