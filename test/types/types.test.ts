/**
 * The types themselves are tested by the compiler, which fails on an equality that does not hold and on a
 * `@ts-expect-error` that expects nothing. What it cannot see is what nobody wrote: that is held here.
 */
import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as horde from "effect-horde"

const folder = new URL("./", import.meta.url)
const sources = Object.fromEntries(
  readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => [file, readFileSync(new URL(file, folder), "utf8")])
)

/** `SharedKeys.Get` and the like, by their own keys: more than one module may export them. */
const endpoints = new Set(
  Object.values(horde)
    .flatMap((module): ReadonlyArray<unknown> => Object.values(module))
    .flatMap((value) =>
      typeof value === "function" && "declaration" in value && "key" in value
        ? [
            String(value.key)
              .replace(/^effect-horde\//, "")
              .replace("/", ".")
          ]
        : []
    )
)

describe("the tests of types", () => {
  it("hold every endpoint to what it takes, gives, can fail with and needs", () => {
    assert.isAtLeast(endpoints.size, 10)
    for (const endpoint of endpoints) {
      for (const part of ["Request", "Success", "Needs", "LayerNeeds", "Endpoint.ErrorOf"]) {
        // a call without a request is held to its parameters
        const text =
          part === "Request" && endpoint.startsWith("Status.")
            ? `Parameters<(typeof ${endpoint})["Service"]>`
            : `${part}<typeof ${endpoint}>`
        assert.include(sources["endpoints.ts"], text)
      }
    }
  })

  it("hold every function that gives an effect", () => {
    const pure = new Set(
      "acceptPartial hashGenerations isOver isPossible makeRequest sameGenerations sharedKeyId".split(" ")
    )
    const { ImageGeneration, SharedKeys, Status, Users } = horde
    let held = 0
    for (const [module, members] of Object.entries({ ImageGeneration, SharedKeys, Status, Users })) {
      for (const [name, value] of Object.entries(members)) {
        if (typeof value !== "function" || !/^[a-z]/.test(name) || pure.has(name)) continue
        assert.include(sources["functions.ts"], `ReturnType<typeof ${module}.${name}>`)
        held += 1
      }
    }
    assert.isAtLeast(held, 12)
    for (const effect of ["Status.heartbeat", "Status.modes", "Users.me"])
      assert.include(sources["functions.ts"], `typeof ${effect}`)
  })

  it("say why each refusal is one", () => {
    let refusals = 0
    for (const [file, source] of Object.entries(sources)) {
      for (const [line, reason = ""] of source.matchAll(/^ *\/\/ @ts-expect-error(.*)$/gm)) {
        assert.match(reason, /^ \S.{9,}/, `${file}: ${line.trim()}`)
        refusals += 1
      }
    }
    assert.isAtLeast(refusals, 60)
  })
})
