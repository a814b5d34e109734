/** Whether an id from a journal, a ticket or a server's list can name a job in the path of a call. */
import { mask } from "./secrets.js"

/** A dot segment would change the path, half of a character cannot be encoded, and the mask stands for a hidden id. */
export const isJobId = (id: string): boolean =>
  id !== "" && id !== "." && id !== ".." && id !== mask && !/\p{Surrogate}/u.test(id)
