/**
 * The filters of prompts, for moderators.
 */
import * as Filters from "effect-horde/Filters"
import { argumentsOf, required, requiredKey, text, whole } from "../http/arguments.js"
import { maskedJson, ok } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import { queryText, queryWhole } from "../http/query.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import { check, integer, string } from "../python/jsonSchema.js"
import * as Python from "../python/values.js"
import { filterTypes, type PromptFilter } from "../state/promptFilters.js"
import { refuse, refuseNul } from "../state/refusal.js"
import { moderatorOf } from "./callers.js"

const properties = { regex: string, filter_type: integer(10, 29), description: string, replacement: string }

interface Changes {
  readonly regex?: string
  readonly filter_type?: number
  readonly description?: string
  readonly replacement?: string
}

interface NewFilter extends Changes {
  readonly regex: string
  readonly filter_type: number
}

const checkNew = check<NewFilter>({ type: "object", required: ["regex", "filter_type"], properties })

const checkChanges = check<Changes>({ type: "object", properties })

const details = ({ author, description, filterType, id, regex, replacement }: PromptFilter) => ({
  id: String(id),
  regex,
  filter_type: filterType,
  description,
  replacement,
  user: author.username
})

const list = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const type = queryWhole(incoming, "filter_type")
  const contained = queryText(incoming, "contains") ?? ""
  moderatorOf(context)
  const selected = world.filters.all.filter(
    ({ description = "", filterType, regex }) =>
      (type === undefined || filterType === type) && (regex.includes(contained) || description.includes(contained))
  )
  return maskedJson(incoming, 200, selected.map(details))
}

/** A filter with the same regular expression and type is returned unchanged. */
const add = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const { description, filter_type: filterType, regex, replacement = "" } = validBody(incoming, checkNew)
  const author = moderatorOf(context)
  refuseNul([regex, description, replacement])
  const known = world.filters.all.find((filter) => filter.regex === regex && filter.filterType === filterType)
  const filter = known ?? world.filters.add({ author, regex, filterType, description, replacement }, world.now)
  // The documentation has 201.
  return maskedJson(incoming, 200, details(filter))
}

/** Checks a prompt; a suspicion of 2 or more means that a request with it would be refused. */
const testPrompt = (context: RouteContext): Answer => {
  const { incoming, world } = context
  requiredKey(incoming)
  const args = argumentsOf(incoming)
  const prompt = required("prompt", text(args, "prompt"))
  const type = whole(args, "filter_type")
  moderatorOf(context)
  const { level, matches } = world.filters.suspicionOf(prompt, world.now, type)
  return maskedJson(incoming, 200, { suspicion: String(level), matches })
}

/** The regular expressions in effect, by type; a type without filters has none. */
const regexes = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const type = queryWhole(incoming, "filter_type")
  moderatorOf(context)
  const shown = filterTypes.filter((filterType) => type === undefined || filterType === type)
  return maskedJson(
    incoming,
    200,
    shown.map((filterType) => ({ filter_type: filterType, regex: world.filters.regexOf(filterType, world.now) }))
  )
}

const refuseUnknown = (): never => refuse(404, "FilterNotFound", "There is no such filter")

const find = ({ params, world }: RouteContext): PromptFilter => {
  const id = params["id"] ?? ""
  const number = Python.isDigits(id) ? Python.int(id) : undefined
  return (number === undefined ? undefined : world.filters.find(number)) ?? refuseUnknown()
}

const get = (context: RouteContext): Answer => {
  moderatorOf(context)
  return maskedJson(context.incoming, 200, details(find(context)))
}

const modify = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const { description, filter_type: filterType, regex, replacement } = validBody(incoming, checkChanges)
  moderatorOf(context)
  const filter = find(context)
  if ([description, filterType, regex, replacement].every((value) => value === undefined)) {
    refuse(400, "NoFilterModSelected", "The request contains no field to change")
  }
  refuseNul([regex, description, replacement])
  const changes = {
    regex: regex ?? filter.regex,
    filterType: filterType ?? filter.filterType,
    description: description ?? filter.description,
    replacement: replacement ?? filter.replacement
  }
  world.filters.modify(filter, changes, world.now)
  return maskedJson(incoming, 200, details(filter))
}

const remove = (context: RouteContext): Answer => {
  const { incoming, world } = context
  moderatorOf(context)
  world.filters.delete(find(context), world.now)
  return ok(incoming)
}

export const filters: ReadonlyArray<Route> = [
  { endpoint: Filters.List.declaration, handler: list },
  { endpoint: Filters.Create.declaration, handler: add },
  { endpoint: Filters.Test.declaration, handler: testPrompt },
  { endpoint: Filters.Regex.declaration, handler: regexes },
  { endpoint: Filters.Get.declaration, handler: get, cachedFor: "10 seconds" },
  { endpoint: Filters.Modify.declaration, handler: modify },
  { endpoint: Filters.Delete.declaration, handler: remove }
]
