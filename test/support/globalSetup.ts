/** Runs before all tests: installs the programs that some of them need, if requested. */
import * as Chromium from "./chromium.js"
import * as Debian from "./debian.js"
import * as Postgres from "./postgres.js"

const install = async (name: string, isThere: () => boolean) => {
  if (isThere()) return
  if (!Debian.canInstall()) {
    console.error(`${name} cannot be installed: that needs Debian, and to be root. Its tests are skipped.`)
    return
  }
  const complaint = await Debian.install(name)
  if (complaint !== undefined) throw new Error(`apt-get could not install ${name}.\n\n${complaint.slice(-2000)}`)
}

export default async () => {
  if (process.env["HORDE_TEST_INSTALL"] !== "true" && process.env["CI"] !== "true") return
  await install("chromium", () => Chromium.executable() !== undefined)
  await install("postgresql", () => Postgres.programs() !== undefined)
}
