/**
 * The compiler tests the types: it fails on an equality that does not hold and on a `@ts-expect-error` without an
 * error. This file tests what the compiler cannot: that no endpoint or function is missing.
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

const allSources = Object.values(sources).join("\n")

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
  it("each endpoint has a test of its input, output, errors and requirements", () => {
    assert.isAtLeast(endpoints.size, 10)
    for (const endpoint of endpoints) {
      if (allSources.includes(`Whole<typeof ${endpoint}>`)) continue
      for (const part of ["Request", "Success", "Needs", "LayerNeeds", "Endpoint.ErrorOf"]) {
        // a call without a request has a test of its parameters
        const text =
          part === "Request" && endpoint.startsWith("Status.")
            ? `Parameters<(typeof ${endpoint})["Service"]>`
            : `${part}<typeof ${endpoint}>`
        assert.include(allSources, text)
      }
    }
  })

  it("each function that returns an effect has a test of its type", () => {
    const pure = new Set(
      "acceptPartial hashGenerations isOver isPossible makeRequest sameGenerations sharedKeyId".split(" ")
    )
    const modules = Object.entries(horde).filter(([module]) =>
      [...endpoints].some((endpoint) => endpoint.startsWith(`${module}.`))
    )
    assert.isAtLeast(modules.length, 5)
    let held = 0
    for (const [module, members] of modules) {
      for (const [name, value] of Object.entries(members)) {
        if (typeof value !== "function" || !/^[a-z]/.test(name) || pure.has(name)) continue
        assert.match(allSources, new RegExp(`ReturnType<typeof ${module}\\.${name}[<>]`))
        held += 1
      }
    }
    assert.isAtLeast(held, 20)
    for (const effect of ["Status.heartbeat", "Status.modes", "Users.me"])
      assert.include(allSources, `typeof ${effect}`)
  })

  it("each @ts-expect-error has a reason", () => {
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
