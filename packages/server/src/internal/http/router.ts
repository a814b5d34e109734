/**
 * Every route with its published limits, read from the SDK's own declarations where there is one: method, path and
 * limits are stated there, and nowhere else. What a request may contain is not taken from there.
 */
import type { Limit, Method } from "effect-horde/Declaration"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Status from "effect-horde/Status"
import * as Users from "effect-horde/Users"

interface Declared {
  readonly declaration: { readonly method: Method; readonly path: string; readonly limits: ReadonlyArray<Limit> }
}

const endpoints = {
  sharedKeyCreate: SharedKeys.Create,
  sharedKeyGet: SharedKeys.Get,
  sharedKeyModify: SharedKeys.Modify,
  sharedKeyDelete: SharedKeys.Delete,
  imageSubmit: ImageGeneration.Submit,
  imageCheck: ImageGeneration.Check,
  imageStatus: ImageGeneration.Status,
  imageCancel: ImageGeneration.Cancel,
  imageSubmitted: ImageGeneration.Submitted,
  findUser: Users.Find,
  user: Users.Get,
  heartbeat: Status.Heartbeat
} satisfies Record<string, Declared>

/** All of a worker's calls from one address, whatever the job. */
const workerLimits: ReadonlyArray<Limit> = [{ max: 60, per: "1 second", key: "endpoint" }]

/** The routes that the SDK does not call. */
const serverOnly = {
  imagePop: { method: "POST", path: "/v2/generate/pop", limits: workerLimits },
  imageDeliver: { method: "POST", path: "/v2/generate/submit", limits: workerLimits },
  kudosTransfer: {
    method: "POST",
    path: "/v2/kudos/transfer",
    limits: [
      { max: 1, per: "1 second", key: "apiKey" },
      { max: 90, per: "1 hour", key: "apiKey" }
    ]
  }
} satisfies Record<string, Omit<Route, "name">>

export type RouteName = keyof typeof endpoints | keyof typeof serverOnly

export interface Route {
  readonly name: RouteName
  readonly method: Method
  readonly path: string
  readonly limits: ReadonlyArray<Limit>
}

const declared = (Object.keys(endpoints) as Array<keyof typeof endpoints>).map((name): Route => {
  const { limits, method, path }: Declared["declaration"] = endpoints[name].declaration
  return { name, method, path, limits }
})

const others = (Object.keys(serverOnly) as Array<keyof typeof serverOnly>).map(
  (name): Route => ({ name, ...serverOnly[name] })
)

const routes: ReadonlyArray<Route> = [...declared, ...others]

/** All callers without an account share this one. */
const anonymousSubmit: Limit = { max: 60, per: "1 second", key: "apiKey" }

/** A caller whose address a trusted account has generated from within a day may do more. */
export const limitsFor = (
  route: Route,
  caller: { readonly trusted: boolean; readonly anonymous: boolean }
): ReadonlyArray<Limit> => {
  if (caller.trusted) return route.limits.map((limit) => ({ ...limit, max: limit.raised ?? limit.max }))
  if (route.name !== "imageSubmit") return route.limits
  return caller.anonymous
    ? route.limits.map((limit) => (limit.key === "apiKey" ? anonymousSubmit : limit))
    : route.limits
}

export interface Matched {
  readonly template: string
  readonly params: Readonly<Record<string, string>>
  readonly routes: ReadonlyArray<Route>
}

const templates = [...new Set(routes.map((route) => route.path))].map((template) => ({
  template,
  pattern: new RegExp(`^/api${template.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`),
  routes: routes.filter((route) => route.path === template)
}))

const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** What older servers do not have. */
const isNew = ({ name }: Route): boolean => name === "imageSubmitted"

/** The routes of a path, one for each method that it knows. */
export const match = (path: string, server: { readonly isNew: boolean }): Matched | undefined => {
  for (const { pattern, routes, template } of templates) {
    const found = pattern.exec(path)
    if (found === null || (!server.isNew && routes.every(isNew))) continue
    const params = Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name, decode(value)]))
    return { template, params, routes }
  }
  return undefined
}
