/** The endpoints that the package exports, by name. */
import * as horde from "effect-horde"
import type * as Endpoint from "effect-horde/Endpoint"

interface Declared {
  readonly key: string
  readonly declaration: Endpoint.Declaration
}

const isEndpoint = (value: unknown): value is Declared =>
  typeof value === "function" && "declaration" in value && "key" in value

/** All endpoints, each once, with their names: `SharedKeys.Get`. */
export const endpoints: ReadonlyMap<string, Endpoint.Declaration> = new Map(
  Object.values<object>(horde)
    .flatMap((module): ReadonlyArray<unknown> => Object.values(module))
    .filter(isEndpoint)
    .map(({ declaration, key }) => [key.replace(/^effect-horde\//, "").replace("/", "."), declaration])
)

/** The tags of the errors that an endpoint declares. */
export const errorTags = ({ error }: Endpoint.Declaration): ReadonlyArray<string> =>
  error.map((one) => String(Reflect.get(one, "_tag")))

const exported = new Set(
  Object.entries(horde).flatMap(([resource, module]) => Object.keys(module).map((name) => `${resource}.${name}`))
)

/** The function that calls an endpoint: `SharedKeys.get`. */
export const functionOf = (name: string): string => {
  const plain = name === "Users.Find" ? "Users.Me" : name.replace(".Delete", ".Remove")
  const found = plain.replace(/\.(\w)/, (dotted) => dotted.toLowerCase())
  if (!exported.has(found)) throw new Error(`there is no ${found}, which ought to call ${name}`)
  return found
}

/** The resource of an endpoint: `SharedKeys`. */
export const resourceOf = (name: string): string => name.replace(/\.\w+$/, "")
