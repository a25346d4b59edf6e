/** The database of a connection: the one that its client expects, until the server has confirmed it (`db=` of `CLIENT INFO`). */
let lastId = 0

export class Selection {
  /** Unique. */
  readonly id: number = ++lastId
  readonly #isTrusted: () => boolean
  #number: number
  #isQueried = false
  #isUnknown = false

  /** `isTrusted`: whether the client's expectation counts if the server does not say. */
  constructor(number: number, isTrusted: () => boolean) {
    this.#number = number
    this.#isTrusted = isTrusted
  }

  get number(): number {
    return this.#number
  }

  /** Neither the server nor the client knows for sure. */
  get isUnknown(): boolean {
    return this.#isUnknown
  }

  /** Whether CLIENT INFO has to be sent; true only once. */
  get needsQuery(): boolean {
    const needsQuery = !this.#isQueried
    this.#isQueried = true
    return needsQuery
  }

  learn(answer: unknown): void {
    const found = answer instanceof Error ? null : / db=(\d+)/.exec(String(answer))
    if (found) this.#number = Number(found[1])
    else this.#isUnknown = !this.#isTrusted()
  }
}

/** The last command that may have changed the database; a SELECT that got the reply OK has. */
interface Change {
  isOk: boolean
}

const changes = new WeakMap<object, Change>()
const selections = new WeakMap<object, Selection>()

/** The selection of a connection: of a client of node-redis, or a socket of ioredis. */
export const selectionOf = {
  /** `isTrusted`: whether the client would not have connected if its expectation were wrong. */
  now(connection: object, expected: number, isTrusted: boolean): Selection {
    const known = selections.get(connection)
    if (known) return known
    const change = changes.get(connection)
    const selection = new Selection(expected, () => change?.isOk ?? isTrusted)
    selections.set(connection, selection)
    return selection
  },
  /** Returns a listener for the reply. An EXEC may be aborted, a SELECT refused, and RESET selects database 0. */
  changes(connection: object): (reply: unknown) => void {
    const change = { isOk: false }
    changes.set(connection, change)
    selections.delete(connection)
    return (reply) => {
      change.isOk = String(reply) === 'OK'
    }
  },
  /** Call when the client has reconnected. */
  forget(connection: object): void {
    changes.delete(connection)
    selections.delete(connection)
  },
}

export const selects = (name: string): boolean => selecting.has(name.toLowerCase())

const selecting: ReadonlySet<string> = new Set(['select', 'reset'])
