/** A client's connection, as the capture sees it: which key space it is in, and which server answers. */
import type { CreatedShape, Proof, StoreSeen } from '@dustpan/core/driver'
import { type Endpoint, incarnationIn, incarnationText, parseStoreId, sharesNode, storeId } from '../identity.ts'
import { capturedStores } from '../removal/settings.ts'

export interface Where {
  readonly nodes: readonly Endpoint[]
  readonly cluster: boolean
}

export class Connection {
  readonly where: Where
  /** What INFO said, in both sections; undefined: not asked yet. */
  #info: string | undefined
  #incarnation: string | undefined
  readonly #stores = new Map<number, StoreSeen>()
  readonly #proofs = new Map<string, Proof>()
  readonly #steps: CreatedShape['steps'] = [stepWith({})]

  constructor(where: Where) {
    this.where = where
  }

  store(database: number): StoreSeen {
    const known = this.#stores.get(database)
    if (known) return known
    const store = { id: storeId({ ...this.where, database }) }
    this.#stores.set(database, store)
    return store
  }

  /** All key spaces of the server: those that it has unless told otherwise, and those in which tests were at work. */
  get allStores(): readonly StoreSeen[] {
    const own = { ...this.where, database: 0 }
    const usual = Array.from({ length: this.where.cluster ? 1 : 16 }, (_, database) => this.store(database).id)
    const seen = capturedStores().filter((id) => {
      const place = parseStoreId(id)
      return place && sharesNode(place, own)
    })
    return [...new Set([...usual, ...seen])].map((id) => ({ id }))
  }

  /** Whether INFO is to be asked, which is then on its way. */
  get isUnknown(): boolean {
    const unknown = this.#info === undefined
    this.#info ??= ''
    return unknown
  }

  /** A section of INFO; an error where the user may not ask. */
  learn(answer: unknown): void {
    if (answer instanceof Error || answer === null) return
    this.#info += `${String(answer)}\n`
    const incarnation = incarnationIn(this.#info ?? '')
    this.#incarnation = incarnation && incarnationText(incarnation)
    this.#proofs.clear()
  }

  /** Another server may answer from now on. */
  forget(): void {
    this.#info = undefined
    this.#incarnation = undefined
    this.#proofs.clear()
  }

  /** What proves a key of this type: it says little, as a key that is deleted and made again looks the same. */
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
