// The line in which calls wait: first in, first out, with cheap removal from the middle and return to one's old place.

import type {Command} from './command.ts'
import type {Lanes} from './lanes.ts'

/** A doubly linked list, ordered by `seq`. */
export class CommandQueue {
  readonly #lanes: Lanes
  #first: Command | null = null
  #last: Command | null = null
  #urgent = 0

  /** `lanes` are told of what comes and goes. */
  constructor(lanes: Lanes) {
    this.#lanes = lanes
  }

  get length(): number {
    return this.#lanes.total.calls
  }

  /** How many of them are urgent. */
  get urgent(): number {
    return this.#urgent
  }

  get first(): Command | null {
    return this.#first
  }

  /** Puts a command where its `seq` belongs: new ones at the end, returned ones near the front. */
  insert(command: Command): void {
    let after = this.#last
    if (after !== null && after.seq > command.seq) {
      after = null
      for (let at = this.#first; at !== null && at.seq < command.seq; at = at.next) after = at
    }
    command.previous = after
    command.next = after === null ? this.#first : after.next
    if (command.previous === null) this.#first = command
    else command.previous.next = command
    if (command.next === null) this.#last = command
    else command.next.previous = command
    this.#lanes.count(command.lane, 1, command.bytes)
    if (command.urgent) this.#urgent++
  }

  /** Takes a command that is in the line out of it. */
  remove(command: Command): void {
    if (command.previous === null) this.#first = command.next
    else command.previous.next = command.next
    if (command.next === null) this.#last = command.previous
    else command.next.previous = command.previous
    command.previous = null
    command.next = null
    this.#lanes.count(command.lane, -1, command.bytes)
    if (command.urgent) this.#urgent--
  }
}
