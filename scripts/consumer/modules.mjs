/** Imports every public module, named by its arguments, and checks that internal ones cannot be imported. */
for (const name of process.argv.slice(2)) await import(name)

for (const name of [
  "effect-horde/internal/call/receive",
  "@effect-horde/server/internal/state/world",
  "@effect-horde/sql/internal/store/tables",
  "@effect-horde/ai/internal/answer/json"
]) {
  const open = await import(name).then(
    () => true,
    () => false
  )
  if (open) throw new Error(`${name} can be imported`)
}
