/** A priority queue of items by time. Items with equal times leave it in the order in which they were added. */
import * as Option from "effect/Option"
import type * as Order from "effect/Order"
import * as RedBlackTree from "effect/RedBlackTree"

interface Position {
  readonly time: number
  readonly number: number
}

const order: Order.Order<Position> = (one, other) => {
  const difference = one.time === other.time ? one.number - other.number : one.time - other.time
  return difference < 0 ? -1 : difference > 0 ? 1 : 0
}

/** An item in the queue. */
export interface Queued<out A> extends Position {
  readonly item: A
}

export class TimeQueue<A> {
  private tree = RedBlackTree.empty<Position, Queued<A>>(order)
  private added = 0

  add(item: A, time: number): Queued<A> {
    const queued = { item, time, number: this.added++ }
    this.tree = RedBlackTree.insert(this.tree, queued, queued)
    return queued
  }

  remove(queued: Queued<A>): void {
    this.tree = RedBlackTree.removeFirst(this.tree, queued)
  }

  /** The item with the earliest time. */
  first(): Queued<A> | undefined {
    return Option.getOrUndefined(Option.map(RedBlackTree.first(this.tree), ([, queued]) => queued))
  }
}
