/** `npm run api-docs`: writes `docs/api.md`. */
import { writeFileSync } from "node:fs"
import { apiPage } from "./apiPage.js"

writeFileSync(new URL("../../docs/api.md", import.meta.url), apiPage)
