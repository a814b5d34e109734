export { default } from "../../scripts/tsup.mjs"
