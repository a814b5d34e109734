/** Leaves the tarballs of all packages in a folder, and prints how another project installs them. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { pack } from "./tarballs.mjs"

const [, , folder] = process.argv
const temporary = mkdtempSync(join(tmpdir(), "effect-horde-pack-"))
process.on("exit", () => rmSync(temporary, { recursive: true, force: true }))

mkdirSync(folder, { recursive: true })
for (const tarball of await pack(temporary)) {
  const file = join(folder, basename(tarball))
  copyFileSync(tarball, file)
  console.log(file)
}
console.log(`\nIn another project: npm install ${join(folder, "*.tgz")}, beside the Effect packages of the README.`)
