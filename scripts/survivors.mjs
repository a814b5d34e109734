/** A Stryker reporter that prints each undetected mutant immediately, because a run takes long. */
import { relative } from "node:path"

class Survivors {
  onMutantTested({ fileName, location, mutatorName, replacement, status }) {
    if (status !== "Survived" && status !== "NoCoverage") return
    const { column, line } = location.start
    console.log(`${status} ${relative(process.cwd(), fileName)}:${line}:${column} ${mutatorName}: ${replacement}`)
  }
}

export const strykerPlugins = [{ kind: "Reporter", name: "survivors", injectableClass: Survivors }]
