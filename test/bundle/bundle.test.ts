/**
 * The part of the SDK in a browser application that uses one endpoint: that endpoint, and no other resource, no Node
 * module and no barrel.
 *
 * The packages are built here as they are published, so that no old build is tested.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { build, type Metafile } from "esbuild"
import { endpoints, resourceOf } from "../contract/endpoints.js"

const source = fileURLToPath(new URL("../../packages/horde/", import.meta.url))
const tsup = fileURLToPath(new URL("../../node_modules/tsup/dist/cli-default.js", import.meta.url))
let project = ""

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "effect-horde-bundle-"))
  const target = join(project, "node_modules", "effect-horde")
  mkdirSync(target, { recursive: true })
  const { publishConfig, ...manifest } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"))
  writeFileSync(join(target, "package.json"), JSON.stringify({ ...manifest, ...publishConfig }))
  execFileSync(process.execPath, [tsup, "--out-dir", join(target, "dist")], { cwd: source, stdio: "pipe" })
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

interface Bundle {
  readonly code: string
  /** The files in the bundle, with slashes. */
  readonly files: ReadonlyArray<string>
  /** The modules of the SDK in the bundle: `Status`, `internal/status/models`. */
  readonly modules: ReadonlyArray<string>
  readonly metafile: Metafile
}

const bundle = async (contents: string): Promise<Bundle> => {
  const { metafile, outputFiles } = await build({
    stdin: { contents, resolveDir: project },
    nodePaths: [join(source, "node_modules")], // where its peers are
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    metafile: true,
    write: false,
    logLevel: "silent"
  })
  const [output] = Object.values(metafile.outputs)
  const files = Object.entries(output?.inputs ?? {}).flatMap(([file, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [file.replaceAll("\\", "/")] : []
  )
  const modules = files.flatMap((file) => /effect-horde\/dist\/(.*)\.js$/.exec(file)?.[1] ?? [])
  return { code: outputFiles[0]?.text ?? "", files, modules, metafile }
}

/** One endpoint over `fetch`. The caller provides `fetch`, so that the bundle can run. */
const program = `
  export const budget = (fetch, id) =>
    Effect.flatMap(SharedKeys.Get, (get) => get({ params: { id: SharedKeys.sharedKeyId(id) } })).pipe(
      Effect.provide(
        SharedKeys.Get.layer.pipe(
          Layer.provide(HordeClient.layer()),
          Layer.provide([FetchHttpClient.layer, RateLimit.layerNone, Retry.layerNone])
        )
      ),
      Effect.provideService(FetchHttpClient.Fetch, fetch),
      Effect.map(({ kudos }) => kudos),
      Effect.runPromise
    )
`

const platform = `
  import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
  import * as Effect from "effect/Effect"
  import * as Layer from "effect/Layer"
`

const byModule = `${platform}
  import * as HordeClient from "effect-horde/HordeClient"
  import * as RateLimit from "effect-horde/RateLimit"
  import * as Retry from "effect-horde/Retry"
  import * as SharedKeys from "effect-horde/SharedKeys"
  ${program}`

const byIndex = `${platform}
  import { HordeClient, RateLimit, Retry, SharedKeys } from "effect-horde"
  ${program}`

const assertSmall = ({ code, metafile, modules }: Bundle) => {
  assert.include(code, "SharedKeys/Get")
  for (const other of ["ImageGeneration", "TextGeneration", "Status/Heartbeat", "/v2/generate", "/v2/status"]) {
    assert.notInclude(code, other)
  }
  // the errors of jobs are part of HordeError
  assert.include(modules, "SharedKeys")
  assert.isEmpty(
    modules.filter((module) =>
      /^(?:Image|Text|Status|Users|Job(?!Error)|IndexedDb|PageExit|Download|Picture|Horde$)/.test(module)
    )
  )

  const imports = [...Object.values(metafile.inputs), ...Object.values(metafile.outputs)].flatMap((it) => it.imports)
  assert.isEmpty(imports.filter(({ external, path }) => external === true || isBuiltin(path)))
  const barrels = Object.keys(metafile.inputs).filter((file) =>
    /node_modules\/(?:effect|@effect\/platform)\/dist\/(?:esm|cjs)\/index\.js$/.test(file.replaceAll("\\", "/"))
  )
  assert.isEmpty(barrels, "a barrel is read")
}

describe("bundles with one endpoint", () => {
  it("a bundle of one endpoint contains nothing else when imported by module", async () => {
    assertSmall(await bundle(byModule))
  })

  it("a bundle of one endpoint contains nothing else when imported from the index", async () => {
    const whole = await bundle(byIndex)
    assertSmall(whole)
    // the index is read, and none of it stays
    assert.isTrue(Object.keys(whole.metafile.inputs).some((file) => /effect-horde\/dist\/Status\.js$/.test(file)))
  })

  it("a bundle of one endpoint runs", async () => {
    const { code } = await bundle(byIndex)
    const file = join(project, "bundle.mjs")
    writeFileSync(file, code)
    const { budget } = await import(/* @vite-ignore */ pathToFileURL(file).href)
    const asked: Array<string> = []
    const id = "00000000-0000-4000-8000-000000000001"
    const key = { id, username: "owner#1", kudos: 42, utilized: 0 }
    const limits = { max_image_pixels: -1, max_image_steps: -1, max_text_tokens: -1 }
    const kudos = await budget((url: URL | string) => {
      asked.push(String(url))
      return Promise.resolve(Response.json({ ...key, ...limits }))
    }, id)
    assert.strictEqual(kudos, 42)
    assert.deepStrictEqual(asked, [`https://aihorde.net/api/v2/sharedkeys/${id}`])
  })

  it("a bundle of more endpoints is detected as larger", async () => {
    const more = await bundle(
      `${byIndex}\nimport { Status } from "effect-horde"\nexport const heartbeat = Status.heartbeat`
    )
    assert.throws(() => assertSmall(more), /Status\/Heartbeat/)
    const barrel = await bundle(`${byModule}\nimport { Duration } from "effect"\nexport const zero = Duration.zero`)
    assert.throws(() => assertSmall(barrel), /a barrel is read/)
  })
})

describe("bundles with one kind of jobs", () => {
  const generating = (module: string) => `${platform}
    import { FollowUp, HordeClient, JobJournal, JobQuota, RateLimit, Retry, ${module} } from "effect-horde"
    export const generate = (prompt) =>
      ${module}.generate({ prompt }).pipe(
        Effect.provide(
          ${module}.layer.pipe(
            Layer.provide(FollowUp.layer()),
            Layer.provide(HordeClient.layer()),
            Layer.provide([FetchHttpClient.layer, RateLimit.layer, Retry.layer()]),
            Layer.provide([JobJournal.layerMemory, JobQuota.layer])
          )
        ),
        Effect.runPromise
      )
  `

  it("a bundle of text generation has no code for images, and the other way round", async () => {
    const ofImages = /effect-horde\/dist\/(?:internal\/image\/|ImageGeneration|Download)/
    const ofTexts = /effect-horde\/dist\/(?:internal\/text\/|TextGeneration)/
    const texts = await bundle(generating("TextGeneration"))
    assert.isNotEmpty(texts.files.filter((file) => ofTexts.test(file)))
    assert.isEmpty(texts.files.filter((file) => ofImages.test(file)))
    const images = await bundle(generating("ImageGeneration"))
    assert.isNotEmpty(images.files.filter((file) => ofImages.test(file)))
    assert.isEmpty(images.files.filter((file) => ofTexts.test(file)))
  })
})

describe("bundles with one resource", () => {
  const resources = [...new Set([...endpoints.keys()].map(resourceOf))]
  const paramsOfResults = ["internal/image/models/reportedParams", "internal/text/models/reportedParams"]
  const recovery = ["Users", "internal/users/models", "internal/sharedKeys/models"]

  /** The files of other resources that a resource needs, and why. */
  const shared: Readonly<Record<string, readonly [reason: string, ...files: ReadonlyArray<string>]>> = {
    Collections: [
      "collections have the limits, queries and replies of styles",
      "internal/styles/modified",
      "internal/styles/routes"
    ],
    Alchemy: [
      "post-processors return images",
      "Download",
      "internal/image/base64",
      "internal/image/dataUrl",
      "internal/image/downloadRetry",
      "internal/image/sniff",
      "internal/image/wholeImage"
    ],
    ImageGeneration: ["recovery searches the account's list of jobs", ...recovery],
    Kudos: ["kudos can be transferred to a shared key", "internal/sharedKeys/models"],
    Styles: [
      "styles have the parameters of both kinds of jobs, and a shared key",
      ...paramsOfResults,
      "internal/image/models/styleParams",
      "internal/text/models/styleParams",
      "internal/sharedKeys/models"
    ],
    Teams: ["teams list their workers", "internal/workers/models"],
    TextGeneration: ["recovery searches the account's list of jobs", ...recovery],
    Users: ["accounts list their shared keys", "internal/sharedKeys/models"],
    Worker: [
      "the jobs of all kinds have parameters, and workers download source images and check pictures",
      ...paramsOfResults,
      "internal/alchemy/models",
      "Download",
      ...["base64", "dataUrl", "downloadRetry", "sniff", "wholeImage"].map((name) => `internal/image/${name}`)
    ]
  }

  /** The owners whose name is another one than that of the module or folder. */
  const owners: Readonly<Record<string, string>> = {
    image: "ImageGeneration",
    Download: "ImageGeneration",
    text: "TextGeneration"
  }

  /** The resource that a file belongs to: `Status` for `Status` and for `internal/status/models`. */
  const ownerOf = (file: string): string | undefined => {
    const name = /^(?:internal\/)?(\w+)/.exec(file)?.[1] ?? ""
    const owner = owners[name] ?? name.replace(/^./, (first) => first.toUpperCase())
    return resources.find((resource) => resource === owner)
  }

  for (const resource of resources) {
    it(`a bundle of all of ${resource} has code of no other resource but the shared files`, async () => {
      const { modules } = await bundle(`export * from "effect-horde/${resource}"`)
      assert.include(modules, resource)
      const others = modules.filter((file) => ownerOf(file) !== undefined && ownerOf(file) !== resource)
      const [reason, ...files] = shared[resource] ?? []
      assert.sameMembers(others, files, reason)
    })
  }
})

describe("platform modules", () => {
  it("the SDK imports no Node module in any file", () => {
    const folder = join(project, "node_modules", "effect-horde", "dist")
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"))
    assert.isAtLeast(files.length, 30)
    for (const file of files) {
      const text = readFileSync(join(folder, file), "utf8")
      const imported = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, name = ""]) => name)
      assert.isEmpty(
        imported.filter((name) => isBuiltin(name) || /^(?:effect|@effect\/platform)$/.test(name)),
        file
      )
    }
  })
})
