/** The names of files: sorted by name they are sorted by time. */
import * as DateTime from "effect/DateTime"

/** A time as `20261128-222044`, in UTC. */
export const stampOf = (time: DateTime.DateTime): string =>
  DateTime.formatIso(time).slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")

/** A text as a part of a file name: letters and digits of ASCII, at most 40 characters. It may be empty. */
export const slugOf = (text: string): string =>
  text
    .normalize("NFKD")
    .replaceAll(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, "")

/** The name of a picture: the time of the submit, the start of the picture's id, and the prompt. */
export const nameOf = (submittedAt: DateTime.DateTime, id: string, prompt: string | undefined): string =>
  [stampOf(submittedAt), slugOf(id).slice(0, 8), slugOf(prompt ?? "")].filter((part) => part !== "").join("-")
