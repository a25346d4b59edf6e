/** A sink that records reports as the core would, by the scope that is current in async context. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type {
  CaptureSink,
  CaptureTransaction,
  CreatedSet,
  Json,
  KnownResource,
  PendingCreate,
  RecordedResource,
  Removal,
  RowMarker,
  StoreSeen,
} from '@dustpan/core/driver'
import type { Recorded } from './recorded.ts'
import { RecordedTransaction } from './recorded-transaction.ts'

type Draft = Parameters<CaptureSink['begin']>[0]

interface Intent {
  readonly scope: string
  readonly type: string
  readonly via: string
  outcome: 'open' | 'created' | Parameters<PendingCreate['none']>[0]
}

export class RecordingSink implements CaptureSink {
  readonly records: Recorded[] = []
  readonly intents: Intent[] = []
  readonly warnings: { readonly code: string; readonly subject: string; readonly message: string }[] = []
  readonly transactions: RecordedTransaction[] = []
  marker: RowMarker | undefined
  currentScope?: NonNullable<CaptureSink['currentScope']>
  /** Whether a driver instance is responsible for the store. */
  serves: (store: StoreSeen) => boolean = () => true
  readonly #frame = new AsyncLocalStorage<{ readonly scope?: string }>()
  readonly #outside: { readonly scope?: string }
  #isOff = false
  #sets = 0

  /** @param scope the scope outside of `run`; without it, nothing is recorded there */
  constructor(scope?: string) {
    this.#outside = scope === undefined ? {} : { scope }
  }

  get active(): boolean {
    return !this.#isOff && this.#scope !== undefined
  }

  set active(isOn: boolean) {
    this.#isOff = !isOn
  }

  get #scope(): string | undefined {
    return (this.#frame.getStore() ?? this.#outside).scope
  }

  /** Runs a function in a scope. */
  run<T>(scope: string, fn: () => T): T {
    return this.#frame.run({ scope }, fn)
  }

  untracked<T>(fn: () => T): T {
    return this.#frame.run({}, fn)
  }

  begin({ store, type, via }: Draft): PendingCreate | undefined {
    const scope = this.#scope
    if (this.#isOff || scope === undefined || !this.serves(store)) return undefined
    const intent: Intent = { scope, type, via, outcome: 'open' }
    this.intents.push(intent)
    const answer = (outcome: Intent['outcome']) => {
      if (intent.outcome !== 'open') throw new Error(`${via} was already ${intent.outcome}`)
      intent.outcome = outcome
    }
    return {
      expect() {},
      created: (sets, tx) => {
        answer('created')
        return sets.flatMap((set) => this.#keep({ scope, store, via }, set, tx))
      },
      none: answer,
    }
  }

  #keep(from: Pick<Recorded, 'scope' | 'store' | 'via'>, set: CreatedSet, tx?: CaptureTransaction): string[] {
    const { type, proof, keys, steps } = set
    const number = ++this.#sets
    const removal = steps[0] as Removal
    return keys.map((key, i) => {
      const record: Recorded = { id: `${number}.${i}`, ...from, type, key, removal, proof, state: 'live' }
      this.records.push(record)
      if (tx) (tx as RecordedTransaction).create(record)
      return record.id
    })
  }

  beginHere(): CaptureSink['begin'] {
    return AsyncLocalStorage.bind((draft: Draft) => this.begin(draft))
  }

  gone(store: StoreSeen, type: string, keys: readonly Json[] | 'all', tx?: CaptureTransaction): void {
    const isMeant = ({ key }: Recorded) =>
      keys === 'all' || keys.some((one) => JSON.stringify(one) === JSON.stringify(key))
    const struck = this.#there.filter((one) => one.store.id === store.id && one.type === type && isMeant(one))
    if (tx) (tx as RecordedTransaction).strike(struck)
    else for (const record of struck) record.state = 'gone'
  }

  removed(store: StoreSeen, type: string, keys: readonly Json[], tx?: CaptureTransaction): void {
    this.gone(store, type, keys, tx)
  }

  renamed(store: StoreSeen, type: string, _as: string, tx?: CaptureTransaction) {
    const there = this.#there.filter((one) => one.store.id === store.id && one.type === type)
    this.gone(store, type, 'all', tx)
    return there.map(({ key, removal }) => ({ key, removal, isKept: false }))
  }

  transaction(): CaptureTransaction {
    const transaction = new RecordedTransaction(`tx${this.transactions.length + 1}`)
    this.transactions.push(transaction)
    return transaction
  }

  bind<F extends (...args: never[]) => unknown>(callback: F): F {
    return AsyncLocalStorage.bind(callback)
  }

  warn(code: string, subject: string, message: string): void {
    if (!this.warnings.some((known) => known.code === code && known.subject === subject))
      this.warnings.push({ code, subject, message })
  }

  *known(): Iterable<KnownResource> {
    for (const { id, type, key, store, removal } of this.#there.reverse())
      yield { id, type, key, store: { driver: 'main', id: store.id }, removal }
  }

  onRecord(store: StoreSeen, type: string, key: Json): RecordedResource | undefined {
    const text = JSON.stringify(key)
    const isIt = (one: Recorded) => one.store.id === store.id && one.type === type && JSON.stringify(one.key) === text
    const found = this.#there.findLast(isIt)
    return found && { proof: found.proof, isKept: false }
  }

  headers(): Record<string, string> {
    return {}
  }

  get #there(): Recorded[] {
    return this.records.filter(({ state }) => state !== 'gone')
  }

  /** Resources neither deleted nor rolled back, as `users 1`. */
  live(): string[] {
    return this.#there.map(({ type, key }) => `${type} ${text(key)}`)
  }

  /** The same, as keys by type. */
  keys(scope?: string): Record<string, Json[]> {
    const keys: Record<string, Json[]> = {}
    for (const record of this.#there)
      if (scope === undefined || record.scope === scope) keys[record.type] = [...(keys[record.type] ?? []), record.key]
    return keys
  }

  /** The announced calls. */
  get begun(): string[] {
    return this.intents.map(({ via }) => via)
  }

  /** Why calls created nothing. */
  get nothings(): string[] {
    return this.intents.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'open' && outcome !== 'created')
  }

  /** How each transaction ended. */
  get settled(): RecordedTransaction['state'][] {
    return this.transactions.map(({ state }) => state)
  }

  /** Forgets all reports. */
  reset(): void {
    for (const list of [this.records, this.intents, this.warnings, this.transactions]) list.length = 0
    this.active = true
    this.serves = () => true
  }
}

function text(key: Json): string {
  return typeof key === 'object' ? JSON.stringify(key) : String(key)
}
