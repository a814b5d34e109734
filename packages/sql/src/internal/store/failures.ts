/** Describes a failed statement without the database's own message, which may quote a row or a password. */
import type { SqlError } from "@effect/sql/SqlError"
import * as Predicate from "effect/Predicate"

const codeOf = ({ cause }: SqlError): string =>
  Predicate.hasProperty(cause, "code") && typeof cause.code === "string" ? cause.code : ""

/** By PostgreSQL's error classes, the error codes of Node's sockets, and SQLite's result codes. */
const kinds: ReadonlyArray<readonly [RegExp, string]> = [
  [/^(08|57P0[123]|E(CONN|PIPE|HOST|NET|TIMEDOUT|NOTFOUND|AI_))/, "connection lost"],
  [/^(23|SQLITE_CONSTRAINT)/, "constraint"],
  [/^(28|42501|25006|SQLITE_(READONLY|PERM|AUTH))/, "permission denied"],
  [/^(53|SQLITE_(FULL|NOMEM))/, "no space or memory left"],
  [/^(55P03|40|SQLITE_(BUSY|LOCKED))/, "locked by another process"],
  [/^(42|3F|3D|SQLITE_ERROR$)/, "table missing or changed"],
  [/^(58|XX|SQLITE_(IOERR|CORRUPT|NOTADB|CANTOPEN))/, "file damaged or unreadable"]
]

const kindOf = (error: SqlError): string => {
  const code = codeOf(error)
  // node-postgres sets no code if the connection ends during a statement
  if (code === "" && /\bconnection\b/i.test(String(error.cause))) return "connection lost"
  return kinds.find(([pattern]) => pattern.test(code))?.[1] ?? "unknown reason"
}

/** Whether the same statement may succeed on a new connection, for example after a restart of the server. */
export const isConnectionLost = (error: SqlError): boolean => kindOf(error) === "connection lost"

export const describe = (error: SqlError): string =>
  Predicate.isTagged(error.cause, "FileRemoved") && Predicate.hasProperty(error.cause, "filename")
    ? `the file ${String(error.cause.filename)} was removed or replaced: restart this program`
    : `the database refused or lost the statement: ${kindOf(error)}`
