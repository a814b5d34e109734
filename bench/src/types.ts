/**
 * The cost for the compiler of a program that imports the SDK's built declarations: type instantiations, which are the
 * same on every machine and in every run.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { table, verdict } from "./rounds.js"

const dist = fileURLToPath(new URL("../../packages/horde/dist", import.meta.url))
const tsc = createRequire(import.meta.url).resolve("typescript/lib/tsc.js")
// inside of `bench`, so that the programs resolve its `effect`
const folder = fileURLToPath(new URL("types", import.meta.url))
mkdirSync(folder, { recursive: true })

const sharedKeys = `
  import * as Effect from "effect/Effect"
  import * as SharedKeys from "effect-horde/SharedKeys"
  export const program = Effect.gen(function* () {
    const key = yield* SharedKeys.create({ kudos: 500, name: "demo" })
    return key.kudos
  }).pipe(Effect.catchTag("Forbidden", () => Effect.succeed(0)), Effect.provide(SharedKeys.layer))
`

const imageGeneration = `
  import * as Effect from "effect/Effect"
  import * as ImageGeneration from "effect-horde/ImageGeneration"
  export const program = Effect.gen(function* () {
    const [picture] = yield* ImageGeneration.generate({ prompt: "a lighthouse", params: { steps: 20 } })
    return picture?.bytes
  }).pipe(Effect.catchTag("JobFaulted", () => Effect.succeed(undefined)), Effect.provide(ImageGeneration.layer))
`

const workers = `
  import * as Effect from "effect/Effect"
  import * as Workers from "effect-horde/Workers"
  export const program = Effect.gen(function* () {
    const online = yield* Workers.list({ type: "image" })
    return online.flatMap(({ name, models }) => models?.map((model) => [name, model] as const) ?? [])
  }).pipe(Effect.provide(Workers.layer))
`

const everything = `
  import * as Effect from "effect/Effect"
  import { Horde, ImageGeneration, Kudos, SharedKeys, Styles, Workers } from "effect-horde"
  export const program = Effect.gen(function* () {
    const key = yield* SharedKeys.create({ kudos: 500, name: "demo" })
    const [picture] = yield* ImageGeneration.generate({ prompt: "a lighthouse", params: { steps: 20 } })
    yield* Kudos.transfer({ username: "owner#1", amount: 5 })
    const [style] = yield* Styles.listImage()
    const [worker] = yield* Workers.list()
    return [key.kudos, picture?.bytes, style?.name, worker?.name] as const
  }).pipe(Effect.provide(Horde.layerAll()))
`

const compile = (name: string, program: string, skipLibCheck: boolean) => {
  const options = {
    target: "ES2022",
    lib: ["ES2022", "DOM", "DOM.Iterable"],
    module: "NodeNext",
    moduleDetection: "force",
    strict: true,
    exactOptionalPropertyTypes: true,
    types: [],
    noEmit: true,
    skipLibCheck,
    paths: { "effect-horde": [join(dist, "index.d.ts")], "effect-horde/*": [join(dist, "*.d.ts")] }
  }
  writeFileSync(join(folder, `${name}.ts`), program)
  const project = join(folder, `${name}.json`)
  writeFileSync(project, JSON.stringify({ compilerOptions: options, files: [`${name}.ts`] }))
  // throws on a compiler error, because the figure would be wrong
  const args = [tsc, "-p", project, "--extendedDiagnostics", "--listFiles"]
  const output = execFileSync(process.execPath, args, { encoding: "utf8", maxBuffer: 2 ** 26 })
  return {
    instantiations: Number(/^Instantiations:\s+(\d+)$/m.exec(output)?.[1]),
    files: output.split("\n").filter((line) => line.endsWith(".d.ts"))
  }
}

/** A program that imports the same Effect modules as the SDK's declarations, and nothing else. */
const effectAlone = (files: ReadonlyArray<string>): string => {
  const names = files
    .filter((file) => file.includes("packages/horde/dist/"))
    .flatMap((file) => readFileSync(file, "utf8").split("\n"))
    .filter((line) => !/^ *\*/.test(line)) // examples in comments import more
    .flatMap((line) => [...line.matchAll(/(?:from |import\()"(@?effect\/[^"]+)"/g)])
    .map(([, name]) => name)
  return [...new Set(names)].map((name, at) => `import * as Module${at} from "${name}"\nvoid Module${at}\n`).join("")
}

const rows = [
  ["SharedKeys", sharedKeys],
  ["ImageGeneration", imageGeneration],
  ["Workers", workers],
  ["everything", everything]
].map(([name = "", program = ""]) => {
  const skipped = compile(name, program, true)
  const checked = compile(name, program, false)
  const effect = compile(`${name}-effect`, effectAlone(checked.files), false)
  return {
    name,
    skipped: skipped.instantiations,
    checked: checked.instantiations,
    effect: effect.instantiations,
    ours: checked.instantiations - effect.instantiations
  }
})

const count = (instantiations: number) => instantiations.toLocaleString("en")
table(
  ["instantiations", "skipLibCheck", "all declarations checked", "Effect's alone", "difference"],
  rows.map(({ checked, effect, name, ours, skipped }) => [
    name,
    ...[skipped, checked, effect, ours].map((instantiations) => count(instantiations))
  ])
)
const most = { resource: 120_000, everything: 500_000 }
for (const { name, ours, skipped } of rows) {
  const limit = name === "everything" ? most.everything : most.resource
  verdict(skipped <= limit, `${name} at most ${count(limit)} with skipLibCheck`, count(skipped))
  verdict(ours <= limit, `${name} at most ${count(limit)} more than Effect's, all declarations checked`, count(ours))
}
