/** Watches commands that go out together in one test: announces what they may create, and records what they did. */
import type { CaptureSink, CreatedSet, PendingCreate, StoreSeen } from '@dustpan/core/driver'
import { type Arg, keyOf, sameBytes } from '../keys.ts'
import { rememberStore } from '../removal/settings.ts'
import type { Args, Rule } from '../rule.ts'
import type { CaptureRules } from './capture-rules.ts'
import type { Connection } from './connection.ts'
import { keysSeen } from './keys-seen.ts'
import { type Creation, type Effect, type Existed, effectOf, type Observed } from './observed.ts'
import type { Selection } from './selection.ts'
import { Standing } from './standing.ts'
import { warnOfDatabase, warnOfDenied, warnOfNotSeen, warnOfSeeds, warnOfSwapped } from './unknown.ts'

type Begin = CaptureSink['begin']

/** What watching needs to know of the client, and of the moment. */
export interface Watcher {
  readonly sink: CaptureSink
  readonly rules: (store: { readonly id: string }) => CaptureRules
  readonly connection: Connection
  readonly selection: Selection
}

/** One intent, and its fact once all of its commands are answered. */
export class Watch {
  readonly #watcher: Watcher
  /** Where what it creates was expected to be, when it was announced. */
  readonly #announced: number
  readonly #firstRules: CaptureRules
  readonly #via: string
  /** In the test's own scope. */
  readonly #begin: Begin
  readonly #pending: PendingCreate | undefined
  readonly #standing: Standing
  #created: Creation[] = []
  #open = 0
  #doubtful = false
  #rejected = true
  #done = false

  private constructor(
    watcher: Watcher,
    rules: CaptureRules,
    begin: Begin,
    via: string,
    pending: PendingCreate | undefined,
  ) {
    this.#watcher = watcher
    this.#announced = watcher.selection.number
    this.#begin = begin
    this.#firstRules = rules
    this.#via = via
    this.#pending = pending
    this.#standing = new Standing(watcher, () => this.#rules)
  }

  /** Undefined: nobody is to know of what these commands create. The intent is on disk when this returns. */
  static begin(watcher: Watcher, begin: Begin, first: Observed, via: string): Watch | undefined {
    const store = watcher.connection.store(watcher.selection.number)
    const rules = watcher.rules(store)
    if (first.keys.length === 0) return new Watch(watcher, rules, begin, via, undefined)
    const type = rules.typeOf(String(first.keys[0]))
    rememberStore(store.id)
    const pending = begin({ kind: '@dustpan/redis', store, type, via })
    if (pending) keysSeen(watcher.sink).begun.add(store.id)
    else if (watcher.connection.where.cluster) warnOfSeeds(watcher)
    return pending && new Watch(watcher, rules, begin, via, pending)
  }

  get #rules(): CaptureRules {
    const { rules, connection, selection } = this.#watcher
    return selection.number === this.#announced ? this.#firstRules : rules(connection.store(selection.number))
  }

  /** Whether an intent of it is on disk. */
  get announces(): boolean {
    return this.#pending !== undefined
  }

  /** All is told. */
  get isDone(): boolean {
    return this.#done
  }

  /** What one command will likely create: said while the server is busy with it. */
  foresee({ keys: [key, another], rule }: Observed): void {
    if (key === undefined || another !== undefined || rule.expires) return
    const { connection } = this.#watcher
    const type = this.#rules.typeOf(String(key))
    this.#pending?.expect({ type, steps: connection.steps(undefined), proof: connection.proof(rule.type) })
  }

  /** One more command that will be answered. */
  expect(): void {
    this.#open++
  }

  /**
   * The command's answer; `existed` tells what EXISTS said ahead of it. `again`: it had been sent before, and nobody knows what came of that.
   */
  answered(observed: Observed, reply: unknown, existed: Existed, again = false): Effect {
    const effect = effectOf(observed, reply, existed)
    this.#rejected = false
    if (effect.unknown === 'denied' && observed.keys.length > 0) warnOfDenied(this.#watcher.sink, observed.name)
    if (this.#watcher.selection.isUnknown) return this.#isNowhere(effect)
    if (effect.unknown === 'lost' || (again && observed.keys.length > effect.created.length)) this.#doubtful = true
    this.#take(again ? { ...effect, there: [], ...(observed.rule.empties ? { unseen: true } : {}) } : effect, observed)
    this.#settle()
    return effect
  }

  /** Of which keys EXISTS is to be asked behind these commands: each once. */
  toLookAfter(all: readonly Observed[]): readonly Arg[] {
    const keys = all.flatMap((one) => (one.askedAfter.length === 0 ? [] : this.#standing.toLookAfter(one)))
    return keys.length < 2 ? keys : [...new Map(keys.map((key) => [sameBytes(key), key])).values()]
  }

  /** What EXISTS said behind the command, where the answer does not tell whether it has deleted the key. */
  lookedAfter(key: Arg, existed: ReturnType<Existed>): void {
    const isUntold = existed === 'denied' || existed === 'unasked'
    if ((existed !== false && !isUntold) || this.#watcher.selection.isUnknown) return
    if (isUntold) {
      if (!this.#standing.isRecorded(key, this.#created)) return
      warnOfNotSeen(this.#watcher.sink)
    }
    this.#standing.forget([key])
    this.#strike([key])
  }

  #isNowhere(effect: Effect): Effect {
    warnOfDatabase(this.#watcher.sink)
    this.#settle()
    return effect
  }

  /** The server refused the command, or the transaction did not happen. */
  rejected(): void {
    this.#settle()
  }

  /** Nobody knows whether the command was carried out: the intent stays open. */
  lost(): void {
    this.#doubtful = true
    this.#settle()
  }

  #take(effect: Effect, observed: Observed): void {
    const { gone } = effect
    const { rule } = observed
    const mine = this.#standing.take(effect, observed, this.#created)
    if (gone.length > 0) this.#strike(gone)
    if (rule.empties) this.#empty(rule.empties, observed, effect.unseen === true)
    for (const creation of mine) this.#created.push(creation)
  }

  #settle(): void {
    if (--this.#open > 0 || this.#done) return
    this.#done = true
    const created = this.#created
    if (created.length > 0 || !this.#doubtful) this.#tell(created)
  }

  #tell(created: readonly Creation[]): void {
    const { connection, selection } = this.#watcher
    const databaseOf = ({ database }: Creation) => database ?? selection.number
    const here = created.filter((one) => databaseOf(one) === this.#announced)
    this.#standing.told(created)
    if (here.length > 0) this.#pending?.created(this.#sets(here))
    else this.#pending?.none(this.#rejected ? 'rejected' : 'updated-existing')
    if (here.length === created.length) return
    for (const [other, some] of Map.groupBy(created, databaseOf)) {
      if (other === this.#announced) continue
      const store = connection.store(other)
      const type = this.#rules.typeOf(String(some[0]?.key))
      this.#begin({ kind: '@dustpan/redis', store, type, via: this.#via })?.created(this.#sets(some))
    }
  }

  #sets(created: readonly Creation[]): readonly CreatedSet[] {
    const [only] = created
    if (only && created.length === 1) return [this.#set(only, [only])]
    const alike = Map.groupBy(
      created,
      ({ key, type, expires }) => `${this.#rules.typeOf(String(key))}\n${type}\n${expires}`,
    )
    return [...alike.values()].map((some) => this.#set(some[0] as Creation, some))
  }

  #set({ key, type, expires }: Creation, all: readonly Creation[]): CreatedSet {
    const { connection } = this.#watcher
    return {
      type: this.#rules.typeOf(String(key)),
      steps: connection.steps(expires),
      proof: connection.proof(type),
      keys: all.map((one) => keyOf(one.key)),
    }
  }

  #strike(gone: readonly Arg[]): void {
    const { sink, connection, selection } = this.#watcher
    const bytes = new Set(gone.map(sameBytes))
    this.#created = this.#created.filter(({ key }) => !bytes.has(sameBytes(key)))
    const store = connection.store(selection.number)
    for (const [type, keys] of Map.groupBy(gone, (key) => this.#rules.typeOf(String(key))))
      sink.gone(store, type, keys.map(keyOf))
  }

  /** Of other databases than the connection's own nobody has looked what was there. */
  #empty(which: NonNullable<Rule['empties']>, observed: Observed, unseen: boolean): void {
    this.#created = []
    const { sink, connection, selection } = this.#watcher
    const own = connection.store(selection.number)
    for (const store of this.#emptied(which, observed.args)) {
      for (const type of this.#rules.types) sink.gone(store, type, 'all')
      if (unseen || store.id !== own.id) this.#standing.emptied(store, observed)
    }
  }

  #emptied(which: NonNullable<Rule['empties']>, args: Args): readonly StoreSeen[] {
    const { sink, connection, selection } = this.#watcher
    if (which === 'database') return [connection.store(selection.number)]
    if (which === 'all') return connection.allStores
    warnOfSwapped(sink)
    return which(args).map((one) => connection.store(one))
  }
}
