/** The Swagger document of a server of version 5.1.5, without its texts. */
import { readFileSync } from "node:fs"
import type { Published } from "./compare.js"

export const published: Published = JSON.parse(readFileSync(new URL("swagger-facts.json", import.meta.url), "utf8"))
