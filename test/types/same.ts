/**
 * Exact equality of types. These files are compiled and never run: `tsc -b` is the test.
 *
 * Two different unions are shown with their difference, so that the compiler's message says what is wrong.
 */

type Identical<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

export type Same<Actual, Expected> =
  Identical<Actual, Expected> extends true
    ? true
    : { readonly missing: Exclude<Expected, Actual>; readonly tooMuch: Exclude<Actual, Expected>; readonly is: Actual }

/** `holds<Same<A, B>>()` compiles only where the two are the same. */
export const holds = <_ extends true>(): void => {}

// It distinguishes types that are assignable to each other.

holds<Same<string, string>>()
holds<Same<"a" | "b", "b" | "a">>()
holds<Same<never, never>>()
holds<Same<{ readonly a?: number }, { readonly a?: number }>>()

// @ts-expect-error one member is missing
holds<Same<"a", "a" | "b">>()
// @ts-expect-error one member is too much
holds<Same<"a" | "b", "a">>()
// @ts-expect-error `any` is not everything
holds<Same<any, string>>()
// @ts-expect-error `never` is not everything
holds<Same<never, string>>()
// @ts-expect-error `unknown` is not everything
holds<Same<unknown, string>>()
// @ts-expect-error an optional member is not one that may be undefined
holds<Same<{ a?: number }, { a: number | undefined }>>()
// @ts-expect-error a read-only member is not one that can be set
holds<Same<{ readonly a: number }, { a: number }>>()
