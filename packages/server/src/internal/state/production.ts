/**
 * The log of delivered generations, for statistics.
 */
import type { KindName } from "./kind.js"

export interface Produced {
  readonly at: number
  readonly kind: KindName
  readonly model: string
  /** The delivered work in the unit of the kind. */
  readonly amount: number
  /** Milliseconds from the assignment to the delivery. */
  readonly took: number
}
