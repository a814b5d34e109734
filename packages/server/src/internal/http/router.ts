/**
 * Finds the routes of a path.
 */
import * as Version from "../state/version.js"
import type { Route, RouteGroup } from "./route.js"

/** A path that the server has, with one route for each of its methods. */
export interface Matched {
  readonly template: string
  readonly params: Readonly<Record<string, string>>
  readonly routes: ReadonlyArray<Route>
  readonly methodNotAllowed: RouteGroup["methodNotAllowed"]
}

interface Path {
  readonly template: string
  readonly pattern: RegExp
  readonly group: RouteGroup
  readonly routes: ReadonlyArray<Route>
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

const patternOf = ({ prefix }: RouteGroup, { endpoint, suffix = "" }: Route): RegExp =>
  new RegExp(`^${literal(prefix)}${endpoint.path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}${literal(suffix)}$`)

const pathsOf = (group: RouteGroup, version: Version.ServerVersion): ReadonlyArray<Path> => {
  const paths = new Map<string, Path & { readonly routes: Array<Route> }>()
  for (const route of group.routes) {
    if (route.since !== undefined && !Version.includes(version, route.since)) continue
    const template = route.endpoint.path
    const path = paths.get(template)
    if (path !== undefined) path.routes.push(route)
    else paths.set(template, { template, pattern: patternOf(group, route), group, routes: [route] })
  }
  return [...paths.values()]
}

const decode = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

export class Router {
  private readonly paths: ReadonlyArray<Path>

  /** A router of the routes that this version of the server has. */
  constructor(groups: ReadonlyArray<RouteGroup>, version: Version.ServerVersion) {
    this.paths = groups.flatMap((group) => pathsOf(group, version))
  }

  /** Like the real server, it decodes the whole path first: an encoded slash separates segments. */
  match(path: string): Matched | undefined {
    const decoded = decode(path)
    for (const { group, pattern, routes, template } of this.paths) {
      const found = pattern.exec(decoded)
      if (found !== null)
        return { template, params: { ...found.groups }, routes, methodNotAllowed: group.methodNotAllowed }
    }
    return undefined
  }
}
