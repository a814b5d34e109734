/** A priority queue of items by time. Items with equal times leave it in the order in which they were added. */

/** An item in the queue. */
export interface Queued<out A> {
  readonly item: A
  readonly time: number
  /** How many items were added before it. */
  readonly number: number
  /** Its index in the heap. */
  index: number
}

const isBefore = (one: Queued<unknown>, other: Queued<unknown>): boolean =>
  one.time === other.time ? one.number < other.number : one.time < other.time

/** A binary heap: adding and removing an item take logarithmic time and allocate no nodes of a tree. */
export class TimeQueue<A> {
  private readonly heap: Array<Queued<A>> = []
  private added = 0

  add(item: A, time: number): Queued<A> {
    const queued = { item, time, number: this.added++, index: this.heap.length }
    this.moveUp(queued)
    return queued
  }

  /** Removes an item that is in the queue. */
  remove(queued: Queued<A>): void {
    const last = this.heap.pop()
    if (last === undefined || last === queued) return
    last.index = queued.index
    this.moveUp(last)
    this.moveDown(last)
  }

  /** The item with the earliest time. */
  first(): Queued<A> | undefined {
    return this.heap[0]
  }

  private place(queued: Queued<A>, index: number): void {
    queued.index = index
    this.heap[index] = queued
  }

  private moveUp(queued: Queued<A>): void {
    let { index } = queued
    while (index > 0) {
      const parent = this.heap[(index - 1) >> 1]
      if (parent === undefined || !isBefore(queued, parent)) break
      const above = parent.index
      this.place(parent, index)
      index = above
    }
    this.place(queued, index)
  }

  private moveDown(queued: Queued<A>): void {
    let { index } = queued
    for (;;) {
      const left = this.heap[2 * index + 1]
      const right = this.heap[2 * index + 2]
      const child = left !== undefined && right !== undefined && isBefore(right, left) ? right : left
      if (child === undefined || !isBefore(child, queued)) break
      const below = child.index
      this.place(child, index)
      index = below
    }
    this.place(queued, index)
  }
}
