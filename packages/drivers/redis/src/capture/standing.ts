/** Whose the keys are that a command was about: the tests', as far as it is on record, or somebody's who was there before. */
import { clock, type StoreSeen } from '@dustpan/core/driver'
import { type Arg, keyOf, sameBytes } from '../keys.ts'
import { forgetSinceMade, noteSinceMade, type SinceMade, sinceMade } from '../since-made.ts'
import { isOfQueue, noteQueue } from './bullmq.ts'
import type { CaptureRules } from './capture-rules.ts'
import { type KeysSeen, keysSeen } from './keys-seen.ts'
import { type Creation, type Effect, type Observed, placeNow } from './observed.ts'
import { earlier, finite, type Owned, timeOf } from './time-of.ts'
import { warnOfKept, warnOfUnseen } from './unknown.ts'
import type { Watcher } from './watch.ts'

export class Standing {
  readonly #watcher: Watcher
  readonly #rulesNow: () => CaptureRules
  readonly #before: KeysSeen
  /** Made by tests, under names that are not tracked. */
  readonly #ignored: KeysSeen
  readonly #begun: ReadonlySet<string>

  constructor(watcher: Watcher, rules: () => CaptureRules) {
    this.#watcher = watcher
    this.#rulesNow = rules
    const { before, ignored, begun } = keysSeen(watcher.sink)
    this.#begun = begun
    this.#before = before
    this.#ignored = ignored
  }

  get #rules(): CaptureRules {
    return this.#rulesNow()
  }

  /** What a command has made of keys; gives what is the test's of what it created. `pending` is of the commands before it. */
  take(effect: Effect, observed: Observed, pending: Creation[]): readonly Creation[] {
    const { there, gone, wrote } = effect
    const { rule } = observed
    const moved = rule.moves && wrote ? this.#move(observed, pending) : undefined
    const until = rule.copies === undefined ? undefined : this.#untilOf(effect, observed, pending)
    const known = until === undefined ? effect : { ...effect, until }
    for (const key of there) this.#wasThere(key, known, observed, pending)
    this.forget(gone)
    noteQueue(this.#watcher.sink, this.#store(), observed, (key) => this.#rules.ignores(key))
    const made =
      until !== undefined ? effect.created.map((one) => ({ ...one, expires: finite(until) })) : effect.created
    const created = moved ? moved(made) : made
    return created.length === 0 ? created : created.filter((one) => this.#isNew(one))
  }

  /** They are gone. */
  forget(keys: readonly Arg[]): void {
    const { id } = this.#store()
    for (const key of keys) {
      forgetSinceMade(id, key)
      this.#ignored.forget(id, key)
    }
  }

  /** What was in it nobody has seen: whoever makes a key there may make one of those again. */
  emptied({ id }: StoreSeen, { name, at }: Observed): void {
    this.#before.addUnseen(id, at)
    warnOfUnseen(this.#watcher.sink, name)
  }

  /** They are on record now. */
  told(created: readonly Creation[]): void {
    for (const { key, database } of created) this.#before.forget(this.#store(database).id, key)
  }

  /** Those keys on which it is worth looking behind a command: nothing is on record of somebody else's. */
  toLookAfter({ rule, askedAfter }: Observed): readonly Arg[] {
    const { id } = this.#store()
    if (askedAfter.length === 0 || !this.#begun.has(id)) return []
    const ours = askedAfter.filter((key) => !this.#before.has(id, key))
    return rule.mayName ? ours.filter((key) => key === askedAfter[0] || this.#recorded(key, [])) : ours
  }

  isRecorded(key: Arg, pending: readonly Creation[]): boolean {
    return this.#recorded(key, pending) !== undefined
  }

  #isNew({ key, database, at, expires }: Creation): boolean {
    const { sink, connection } = this.#watcher
    const store = this.#store(database)
    const { id } = store
    forgetSinceMade(id, key)
    const isIgnored = this.#rules.ignores(String(key))
    if (isIgnored) this.#ignored.add(id, key, at)
    if (isIgnored && expires !== undefined) noteSinceMade(id, key, { expires })
    return !isIgnored && !this.#before.has(id, key, at, connection) && !isOfQueue(sink, store, key)
  }

  /** It was there before the command: made by a test, or by somebody else. */
  #wasThere(key: Arg, effect: Effect, observed: Observed, pending: Creation[]): void {
    const { id } = this.#store()
    const isIgnored = this.#rules.ignores(String(key))
    if (isIgnored && !this.#ignored.has(id, key)) return
    const recorded = isIgnored ? undefined : this.#recorded(key, pending)
    const isOver = this.#isOver(timeOf(id, key, recorded), observed)
    if (isIgnored) {
      if (isOver) this.forget([key])
    } else if (!recorded || isOver) this.#before.add(id, key, this.#shownBy(observed))
    else if (!('at' in recorded)) this.#before.forget(id, key)
    if (!isOver && effect.wrote && !observed.rule.moves && !effect.gone.includes(key))
      this.#change(key, recorded, effect, observed)
  }

  #shownBy({ rule, at }: Observed): Parameters<KeysSeen['add']>[2] {
    return rule.waits ? { at, until: placeNow(), connection: this.#watcher.connection } : at
  }

  /** What is known of it changes with what is written over it. */
  #change(key: Arg, owned: Owned | undefined, { until }: Effect, { rule, args, keys, time }: Observed): void {
    const isWritten = keys.includes(key)
    if (keys.length > 0 && !isWritten) return
    const { id } = this.#store()
    const never = rule.replaces && (owned || sinceMade(id, key)) ? Number.POSITIVE_INFINITY : undefined
    const after = until ?? rule.expires?.(args, time) ?? never
    const expires = rule.unsure ? earlier(after, timeOf(id, key, owned)) : after
    const isOther = isWritten && owned && typeOf(owned) !== rule.type
    const more: SinceMade = {
      ...(expires === undefined ? {} : { expires }),
      ...(isOther || (isWritten && sinceMade(id, key)?.type !== undefined) ? { type: rule.type ?? null } : {}),
    }
    if (Object.keys(more).length > 0) noteSinceMade(id, key, more)
  }

  /** The new name is the test's if the old one was; what is somebody's stays that under any name. */
  #move(observed: Observed, pending: Creation[]): (created: readonly Creation[]) => readonly Creation[] {
    const { name, rule, args } = observed
    const [from, to] = [args[rule.moves?.from ?? 0] as Arg, args[rule.moves?.to ?? 0] as Arg]
    const { sink } = this.#watcher
    const [store, other] = [this.#store(), this.#store(rule.database?.(args))]
    const owned = this.#owned(from, observed, pending)
    if (store === other && sameBytes(from) === sameBytes(to)) return () => []
    const isKept = owned !== undefined && 'isKept' in owned && owned.isKept
    if (isKept) warnOfKept(sink, name, rule.moves?.part === true)
    else if (owned || this.#isIgnoredOwn(from, observed)) {
      if (rule.moves?.part) return (created) => created
      const type = sinceMade(store.id, from)?.type ?? (owned && typeOf(owned))
      const expires = timeOf(store.id, from, owned)
      if (this.#owned(to, observed, pending))
        noteSinceMade(other.id, to, { type: type ?? null, expires: expires ?? Number.POSITIVE_INFINITY })
      return (created) => created.map((one) => ({ ...one, type: type ?? undefined, expires: finite(expires) }))
    }
    this.#before.add(other.id, to, this.#shownBy(observed))
    sink.gone(other, this.#rules.typeOf(String(to)), [keyOf(to)])
    drop(pending, to)
    return () => []
  }

  #isIgnoredOwn(key: Arg, observed: Observed): boolean {
    const { id } = this.#store()
    return this.#ignored.has(id, key) && !this.#isOver(timeOf(id, key, undefined), observed)
  }

  /** A copy goes with what it was made of; of the times that are known of that the earlier counts. */
  #untilOf({ until }: Effect, observed: Observed, pending: readonly Creation[]): number {
    const { rule, args } = observed
    const source = args[rule.copies ?? 0] as Arg
    const known = timeOf(this.#store().id, source, this.#recorded(source, pending))
    return earlier(until, this.#isOver(known, observed) ? undefined : known)
  }

  /** What was over when a command was sent has been made anew since, by somebody else. */
  #isOver(time: number | undefined, { rule, time: sent }: Observed): boolean {
    return time !== undefined && time <= (rule.waits ? clock.now() : sent)
  }

  #owned(key: Arg, observed: Observed, pending: readonly Creation[]): Owned | undefined {
    const recorded = this.#recorded(key, pending)
    return this.#isOver(timeOf(this.#store().id, key, recorded), observed) ? undefined : recorded
  }

  #recorded(key: Arg, pending: readonly Creation[]): Owned | undefined {
    const { sink } = this.#watcher
    const bytes = sameBytes(key)
    return (
      pending.find((one) => sameBytes(one.key) === bytes) ??
      sink.onRecord(this.#store(), this.#rules.typeOf(String(key)), keyOf(key))
    )
  }

  #store(database = this.#watcher.selection.number): StoreSeen {
    return this.#watcher.connection.store(database)
  }
}

function typeOf(owned: Owned): string | undefined {
  if ('at' in owned) return owned.type
  const type = owned.proof.match?.type
  return typeof type === 'string' ? type : undefined
}

function drop(pending: Creation[], key: Arg): void {
  const at = pending.findIndex((one) => sameBytes(one.key) === sameBytes(key))
  if (at >= 0) pending.splice(at, 1)
}
