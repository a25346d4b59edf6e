/** The state of a client's connection: its key space, and the server behind it. */
import type { CreatedShape, Proof, StoreSeen } from '@dustpan/core/driver'
import { type Endpoint, incarnationIn, incarnationText, parseStoreId, sharesNode, storeId } from '../identity.ts'
import { capturedStores } from '../removal/settings.ts'

export interface ServerLocation {
  readonly nodes: readonly Endpoint[]
  readonly cluster: boolean
}

export class Connection {
  readonly location: ServerLocation
  /** The replies to INFO, both sections; undefined: not requested yet. */
  #info: string | undefined
  #incarnation: string | undefined
  readonly #stores = new Map<number, StoreSeen>()
  readonly #proofs = new Map<string, Proof>()
  readonly #steps: CreatedShape['steps'] = [stepWith({})]

  constructor(location: ServerLocation) {
    this.location = location
  }

  store(database: number): StoreSeen {
    const known = this.#stores.get(database)
    if (known) return known
    const store = { id: storeId({ ...this.location, database }) }
    this.#stores.set(database, store)
    return store
  }

  /** The server's key spaces: its default number of databases, and those that were captured. */
  get allStores(): readonly StoreSeen[] {
    const own = { ...this.location, database: 0 }
    const usual = Array.from({ length: this.location.cluster ? 1 : 16 }, (_, database) => this.store(database).id)
    const seen = capturedStores().filter((id) => {
      const place = parseStoreId(id)
      return place && sharesNode(place, own)
    })
    return [...new Set([...usual, ...seen])].map((id) => ({ id }))
  }

  /** Whether INFO has to be sent; true only once. */
  get needsInfo(): boolean {
    const unknown = this.#info === undefined
    this.#info ??= ''
    return unknown
  }

  /** Takes a section of INFO, or the error if the user lacks the right. */
  learn(answer: unknown): void {
    if (answer instanceof Error || answer === null) return
    this.#info += `${String(answer)}\n`
    const incarnation = incarnationIn(this.#info ?? '')
    this.#incarnation = incarnation && incarnationText(incarnation)
    this.#proofs.clear()
  }

  /** Call when another server may answer from now on. */
  forget(): void {
    this.#info = undefined
    this.#incarnation = undefined
    this.#proofs.clear()
  }

  /** The proof for a key of this type. It is weak: a key that is deleted and created again looks the same. */
  proof(type: string | undefined): Proof {
    const known = this.#proofs.get(type ?? '')
    if (known) return known
    const proof: Proof = {
      ...(this.#incarnation === undefined ? {} : { incarnation: this.#incarnation }),
      ...(type === undefined ? {} : { match: { type } }),
      strength: 'key-only',
    }
    this.#proofs.set(type ?? '', proof)
    return proof
  }

  steps(expires: number | undefined): CreatedShape['steps'] {
    return expires === undefined ? this.#steps : [stepWith({ expires })]
  }
}

function stepWith(args: { readonly expires?: number }) {
  return { driver: '$driver', op: 'delete-key', v: 1, args } as const
}
