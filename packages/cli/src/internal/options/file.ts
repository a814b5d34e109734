import * as Args from "@effect/cli/Args"

export const file = Args.text({ name: "file" }).pipe(Args.withDescription("The file of a picture."))
