/** The time of an import in a fresh process, compared with the import of only the Effect modules that it needs. */
import { execFileSync } from "node:child_process"
import { createRequire } from "node:module"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "esbuild"
import { median, type Row, ratios, rounds, spread, table, valuesOf, verdict } from "./rounds.js"

const dist = new URL("../../packages/horde/dist/", import.meta.url)

/** The modules outside of the package that its built modules import. */
const importedBy = async (modules: ReadonlyArray<string>) => {
  const { metafile } = await build({
    entryPoints: modules.map((name) => fileURLToPath(new URL(`${name}.js`, dist))),
    packages: "external",
    bundle: true,
    format: "esm",
    outdir: "nowhere",
    metafile: true,
    write: false
  })
  const names = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.flatMap(({ external, path }) => (external === true ? [path] : []))
  )
  return [...new Set(names)]
}

// resolved once, from the package itself, so that all measured processes do the same work
const { resolve } = createRequire(new URL("../package.json", dist))
/** The ES module of a name; `require.resolve` finds the CommonJS one. */
const address = (name: string) => pathToFileURL(resolve(name).replace("/dist/cjs/", "/dist/esm/")).href

const measure = (addresses: ReadonlyArray<string>) => {
  const script = `
    const started = performance.now()
    for (const address of ${JSON.stringify(addresses)}) await import(address)
    console.log(performance.now() - started)
  `
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" })
  return Promise.resolve({ time: Number(output) })
}

for (const [title, modules, most] of [
  ["effect-horde", ["index"], 1.5],
  ["effect-horde/SharedKeys + HordeClient", ["SharedKeys", "HordeClient"], 1.1],
  ["effect-horde/Workers + HordeClient", ["Workers", "HordeClient"], 1.1]
] as const) {
  const effects = await importedBy(modules)
  const base = `the ${effects.length} Effect modules alone`
  const rows: ReadonlyArray<Row> = [
    { name: base, run: () => measure(effects.map(address)) },
    { name: title, run: () => measure(modules.map((name) => new URL(`${name}.js`, dist).href)) }
  ]
  const samples = await rounds(rows)
  table(
    ["", "ms", "x as long"],
    rows.map(({ name }) => [
      name,
      spread(valuesOf(samples, name, "time"), 0),
      spread(ratios(samples, name, base, "time"))
    ])
  )
  const difference = valuesOf(samples, title, "time").map(
    (time, at) => time - (valuesOf(samples, base, "time")[at] ?? 0)
  )
  const found = median(ratios(samples, title, base, "time"))
  console.log(`ours: ${median(difference).toFixed(0)} ms`)
  verdict(found <= most, `at most ${most} x the Effect modules`, `${found.toFixed(2)} x`)
  console.log()
}
