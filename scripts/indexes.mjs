/**
 * Writes the index of each package: one namespace for each module, with the first sentence of the module's own
 * documentation. `node scripts/indexes.mjs --check` fails if an index is out of date.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { metadataOf } from "./registry.mjs"
import { commands, die, packages, readJson, root } from "./tools.mjs"

/** The documentation at the head of a module, without its comment marks. */
const documentationOf = (file) => {
  const [, comment] =
    /^\/\*\*\n([\s\S]*?)\n \*\//.exec(readFileSync(file, "utf8")) ?? die(`${file} has no documentation`)
  return comment.replace(/^ \* ?/gm, "")
}

const firstSentence = (text) =>
  (/^[\s\S]*?[.:](?=\s|$)/.exec(text)?.[0] ?? text).replace(/\s+/g, " ").replace(/:$/, ".")

const sinceOf = (text) => /@since (\S+)/.exec(text)?.[1] ?? "0.1.0"

const comment = (text, since) => {
  const lines = [""]
  for (const word of text.split(" ")) {
    const line = lines.at(-1)
    if (line !== "" && line.length + word.length > 116) lines.push(word)
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`
  }
  return `/**\n${lines.map((line) => ` * ${line}`).join("\n")}\n *\n * @since ${since}\n */\n`
}

const indexOf = (folder) => {
  const source = join(root, folder, "src")
  const { description } = metadataOf(readJson(join(root, folder, "package.json")).name, folder)
  const modules = readdirSync(source)
    .filter((file) => /^[A-Z].*\.ts$/.test(file)) // other entry points, such as `promise`, are no part of the index
    .map((file) => file.slice(0, -3))
    .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)) // as the formatter orders exports
  const parts = modules.map((name) => {
    const text = documentationOf(join(source, `${name}.ts`))
    return `${comment(firstSentence(text), sinceOf(text))}export * as ${name} from "./${name}.js"\n`
  })
  return [comment(`${description}.`, "0.1.0"), ...parts].join("\n")
}

for (const folder of packages.filter((folder) => !commands.includes(folder))) {
  const file = join(root, folder, "src", "index.ts")
  const text = indexOf(folder)
  if (!process.argv.includes("--check")) writeFileSync(file, text)
  else if (readFileSync(file, "utf8") !== text) die(`${file} is out of date: npm run fix writes it`)
}
