/** `npm run openapi`: prints the OpenAPI document of all endpoints. */
import { endpoints } from "./endpoints.js"
import { documentOf } from "./openapi.js"

process.stdout.write(`${JSON.stringify(documentOf(endpoints), null, 2)}\n`)
