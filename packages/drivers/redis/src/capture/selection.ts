/** The database that a connection is in: what its client takes it to be, until the server has said (`db=` of `CLIENT INFO`). */
let made = 0

export class Selection {
  /** No other has it. */
  readonly id: number = ++made
  readonly #isTrusted: () => boolean
  #number: number
  #isAsked = false
  #isUnknown = false

  /** `isTrusted`: where the server does not say it, the client is to be believed. */
  constructor(number: number, isTrusted: () => boolean) {
    this.#number = number
    this.#isTrusted = isTrusted
  }

  get number(): number {
    return this.#number
  }

  /** Nobody can tell. */
  get isUnknown(): boolean {
    return this.#isUnknown
  }

  /** Whether the server is to be asked, which it then is. */
  get isUnasked(): boolean {
    const isUnasked = !this.#isAsked
    this.#isAsked = true
    return isUnasked
  }

  learn(answer: unknown): void {
    const found = answer instanceof Error ? null : / db=(\d+)/.exec(String(answer))
    if (found) this.#number = Number(found[1])
    else this.#isUnknown = !this.#isTrusted()
  }
}

/** What was sent last that may change the database of a connection: a SELECT that was answered with OK has done so. */
interface Change {
  isOk: boolean
}

const changes = new WeakMap<object, Change>()
const selections = new WeakMap<object, Selection>()

/** By a client of node-redis, by a socket of ioredis. */
export const selectionOf = {
  /** `isTrusted`: what the client expects at first is so, or it would not be connected. */
  now(connection: object, expected: number, isTrusted: boolean): Selection {
    const known = selections.get(connection)
    if (known) return known
    const change = changes.get(connection)
    const selection = new Selection(expected, () => change?.isOk ?? isTrusted)
    selections.set(connection, selection)
    return selection
  },
  /** Gives what is to hear its answer. An EXEC may be aborted, a SELECT refused, and RESET leads to the first database. */
  changes(connection: object): (reply: unknown) => void {
    const change = { isOk: false }
    changes.set(connection, change)
    selections.delete(connection)
    return (reply) => {
      change.isOk = String(reply) === 'OK'
    }
  },
  /** The connection is a new one. */
  forget(connection: object): void {
    changes.delete(connection)
    selections.delete(connection)
  },
}

export const selects = (name: string): boolean => selecting.has(name.toLowerCase())

const selecting: ReadonlySet<string> = new Set(['select', 'reset'])
