/** Watches commands that go out together in one test: announces what they may create, and records what they did. */
import { type CaptureSink, type CreatedSet, clock, type PendingCreate } from '@dustpan/core/driver'
import { noteExpiry } from '../expiring.ts'
import { type Arg, keyOf, sameBytes } from '../keys.ts'
import { rememberStore } from '../removal/settings.ts'
import type { CaptureRules } from './capture-rules.ts'
import type { Connection } from './connection.ts'
import { asksFor, type Creation, type Effect, type Existed, effectOf, type Observed } from './observed.ts'

type Begin = CaptureSink['begin']

/** What watching needs to know of the client, and of the moment. */
export interface Watcher {
  readonly sink: CaptureSink
  readonly rules: (store: { readonly id: string }) => CaptureRules
  readonly connection: Connection
  readonly database: number
}

/** One intent, and its fact once all of its commands are answered. */
export class Watch {
  readonly #watcher: Watcher
  readonly #rules: CaptureRules
  /** In the test's own scope. */
  readonly #begin: Begin
  readonly #pending: PendingCreate | undefined
  #created: Creation[] = []
  #open = 0
  #doubtful = false
  #rejected = true
  #done = false

  private constructor(watcher: Watcher, rules: CaptureRules, begin: Begin, pending: PendingCreate | undefined) {
    this.#watcher = watcher
    this.#begin = begin
    this.#rules = rules
    this.#pending = pending
  }

  /** Undefined: nobody is to know of what these commands create. The intent is on disk when this returns. */
  static begin(watcher: Watcher, begin: Begin, first: Observed, via: string): Watch | undefined {
    const store = watcher.connection.store(watcher.database)
    const rules = watcher.rules(store)
    if (first.keys.length === 0) return new Watch(watcher, rules, begin, undefined)
    const type = rules.typeOf(String(first.keys[0]))
    rememberStore(store.id)
    const pending = begin({ kind: '@dustpan/redis', store, type, via })
    return pending && new Watch(watcher, rules, begin, pending)
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

  /** The command's answer; `existed` tells what EXISTS said ahead of it. */
  answered(observed: Observed, reply: unknown, existed: Existed): Effect {
    const effect = effectOf(observed, reply, existed)
    this.#rejected = false
    if (effect.unknown) this.#warnOfDenied(observed.name)
    this.#take(effect, observed)
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

  #take({ created, gone, found }: Effect, { rule, args }: Observed): void {
    const { connection, database } = this.#watcher
    const mine = created.filter(
      ({ from, key, known }) => !this.#rules.ignores(String(key)) && (from === undefined || this.#isOurs(from, known)),
    )
    if (gone.length > 0) this.#strike(gone, found ? 'removed' : 'gone')
    if (rule.empties) this.#strikeAll(rule.empties === 'all')
    for (const creation of mine) this.#created.push(creation)
    if (rule.expires && created.length === 0 && args[0] !== undefined && gone.length === 0)
      noteExpiry(connection.store(database).id, args[0], rule.expires(args, clock.now()))
  }

  #settle(): void {
    if (--this.#open > 0 || this.#done) return
    this.#done = true
    const created = this.#created
    if (created.length > 0 || !this.#doubtful) this.#tell(created)
  }

  #tell(created: readonly Creation[]): void {
    const { connection, database } = this.#watcher
    const here = created.filter((one) => (one.database ?? database) === database)
    if (here.length > 0) this.#pending?.created(this.#sets(here))
    else this.#pending?.none(this.#rejected ? 'rejected' : 'updated-existing')
    if (here.length === created.length) return
    for (const [other, some] of Map.groupBy(created, (one) => one.database ?? database)) {
      if (other === database) continue
      const store = connection.store(other)
      const type = this.#rules.typeOf(String(some[0]?.key))
      this.#begin({ kind: '@dustpan/redis', store, type, via: 'COPY' })?.created(this.#sets(some))
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

  #strike(gone: readonly Arg[], as: 'removed' | 'gone'): void {
    const { sink, connection, database } = this.#watcher
    const bytes = new Set(gone.map(sameBytes))
    this.#created = this.#created.filter(({ key }) => !bytes.has(sameBytes(key)))
    const store = connection.store(database)
    for (const [type, keys] of Map.groupBy(gone, (key) => this.#rules.typeOf(String(key))))
      sink[as](store, type, keys.map(keyOf))
  }

  #strikeAll(everywhere: boolean): void {
    const { sink, connection, database } = this.#watcher
    this.#created = []
    for (const store of everywhere ? connection.stores : [connection.store(database)])
      for (const type of this.#rules.types) sink.gone(store, type, 'all')
  }

  /** Whether a key that moved was the test's own. */
  #isOurs(key: Arg, all: Creation['known'] = []): boolean {
    const { connection, database } = this.#watcher
    const bytes = sameBytes(key)
    if (this.#created.some((one) => sameBytes(one.key) === bytes)) return true
    const { id } = connection.store(database)
    const text = JSON.stringify(keyOf(key))
    for (const known of all) if (known.store.id === id && JSON.stringify(known.key) === text) return true
    return false
  }

  #warnOfDenied(name: string): void {
    this.#watcher.sink.warn(
      'DUSTPAN_KEY_UNATTRIBUTED',
      'EXISTS',
      `${name.toUpperCase()} writes a key, and the server did not say whether it was there before: what it creates is not tracked. Let the user of the tests call EXISTS.`,
    )
  }
}

/** What several commands do to the same keys, one after the other: what was there at first is asked once for each key. */
export class Course {
  readonly #there = new Map<string, boolean | undefined>()

  /** What EXISTS said before the first. */
  begin(key: Arg, existed: boolean | undefined): void {
    this.#there.set(sameBytes(key), existed)
  }

  readonly existed: Existed = (key) => this.#there.get(sameBytes(key))

  follow({ created, gone }: Effect): void {
    for (const key of gone) this.#there.set(sameBytes(key), false)
    for (const { key } of created) this.#there.set(sameBytes(key), true)
  }
}

/** Each key once. */
export function keysAskedFor(all: readonly Observed[]): readonly Arg[] {
  return [...new Map(all.flatMap(asksFor).map((key) => [sameBytes(key), key])).values()]
}
