/** A creation from its intent to its fact. */
import { clock } from '../clock/clock.ts'
import { redact } from '../errors/redact.ts'
import { beginEvent } from '../ledger/journal.ts'
import type { CreatedSet, CreatedShape, CreationDraft, PendingCreate } from '../resource/capture.ts'
import type { IntentId, RemovalStep, ResourceSet, StoreRef } from '../resource/resource.ts'
import { type Caller, creationSource } from './creation-source.ts'
import type { Scope } from './scope.ts'
import { type Tracking, writeScope } from './tracking.ts'
import type { TrackedTransaction } from './transaction.ts'

type BegunCreate = Pick<CreationDraft, 'type' | 'via' | 'marker' | 'session' | 'site'> & { readonly kind?: string }

/** Announces a create: the intent is on disk when this returns. */
export function beginCreate(
  tracking: Tracking,
  scope: Scope,
  store: StoreRef,
  { kind, type, via, marker, session, site }: BegunCreate,
  caller: Caller = { entry: beginCreate },
): PendingCreate {
  const intent: IntentId = tracking.nextId()
  const source = creationSource(tracking, scope, type, caller, site)
  const more = {
    ...(marker === undefined ? {} : { marker }),
    ...(session === undefined ? {} : { session }),
    ...(source === undefined ? {} : { source }),
  }
  writeScope(tracking, scope)
  tracking.write({
    e: 'create.intended',
    scope: scope.id,
    intent,
    store,
    type,
    via: redact(via),
    ...more,
    at: clock.now(),
  })
  // A body that nobody reads never comes to its end: HTTP counts its own.
  if (kind !== 'http') tracking.unanswered.add(intent)
  const begin = (shape: CreatedShape): BegunFact => {
    const set = tracking.nextId()
    const alike = alikeIn({ shape, store, attributed: scope.identity.kind, source }, tracking.settings.lifetime)
    const begun = beginEvent({ e: 'created', scope: scope.id, intent, set }) + alike.text
    return { shape, set: { set, ...alike.set }, begun }
  }
  let expected: BegunFact | undefined
  const take = (given: CreatedSet): BegunFact => {
    const fact = expected && isOf(expected.shape, given) ? expected : begin(given)
    if (fact === expected) expected = undefined
    return fact
  }
  return {
    expect(shape) {
      expected = begin(shape)
    },
    created(sets, tx) {
      tracking.unanswered.delete(intent)
      const transaction = tx as TrackedTransaction | undefined
      const filled = newOf(tracking, store, sets, transaction).filter(({ keys }) => keys.length > 0)
      if (filled.length === 0) {
        const isThere = sets.some(({ keys }) => keys.length > 0)
        tracking.write({ e: 'create.none', intent, why: isThere ? 'updated-existing' : 'nothing-created' })
      }
      return filled.flatMap((given) => {
        const { set, begun } = take(given)
        const { keys } = given
        const resources = tracking.record(scope, tx ? { ...set, keys, tx: tx.id } : { ...set, keys }, begun)
        transaction?.created(resources)
        return resources.map(({ id }) => id)
      })
    },
    none(why) {
      tracking.unanswered.delete(intent)
      tracking.write({ e: 'create.none', intent, why })
    },
  }
}

/** Without what was there before: a test has removed it, and makes it again. */
function newOf(
  { removedByTests }: Tracking,
  { id }: StoreRef,
  sets: readonly CreatedSet[],
  tx: TrackedTransaction | undefined,
): readonly CreatedSet[] {
  if (removedByTests.isEmpty) return sets
  return sets.map((set) => {
    const [there, keys] = parted(set.keys, (key) => removedByTests.take(id, set.type, key))
    for (const key of there) tx?.onRollback(() => removedByTests.add(id, set.type, key))
    return there.length === 0 ? set : { ...set, keys }
  })
}

function parted<T>(all: readonly T[], is: (one: T) => boolean): readonly [T[], T[]] {
  const [yes, no]: [T[], T[]] = [[], []]
  for (const one of all) (is(one) ? yes : no).push(one)
  return [yes, no]
}

/** A fact but for its keys and transaction. */
interface BegunFact {
  readonly shape: CreatedShape
  readonly set: BegunSet
  readonly begun: string
}

type BegunSet = Omit<ResourceSet, 'keys'>

/** Instruments give the same steps and proof for all that goes alike. */
function isOf(shape: CreatedShape, { type, steps, proof, dependsOn, metadata, audit }: CreatedShape): boolean {
  return (
    shape.type === type &&
    shape.steps === steps &&
    shape.proof === proof &&
    shape.dependsOn === dependsOn &&
    shape.metadata === metadata &&
    shape.audit === audit
  )
}

interface Alike {
  readonly shape: CreatedShape
  readonly store: StoreRef
  readonly attributed: ResourceSet['attributed']
  readonly source: string | undefined
}

interface AlikeSets extends Alike {
  readonly set: Omit<BegunSet, 'set'>
  readonly text: string
}

const lastAlike = new WeakMap<CreatedSet['steps'], AlikeSets>()

/** What sets have in common that were created by one line, put into words once. */
function alikeIn(alike: Alike, lifetime: ResourceSet['lifetime']): AlikeSets {
  const { shape, store, attributed, source } = alike
  const last = lastAlike.get(shape.steps)
  const isSame =
    last?.store === store &&
    last.attributed === attributed &&
    last.source === source &&
    last.set.lifetime === lifetime &&
    isOf(last.shape, shape)
  if (last && isSame) return last
  const set = setOf(alike, lifetime)
  const sets = { ...alike, set, text: beginEvent(set) }
  lastAlike.set(shape.steps, sets)
  return sets
}

function setOf({ shape, store, attributed, source }: Alike, lifetime: ResourceSet['lifetime']): AlikeSets['set'] {
  const { type, steps, proof, dependsOn, metadata, audit } = shape
  return {
    type,
    store,
    steps: stepsIn(store, steps),
    proof,
    lifetime,
    ...(audit ? { audit } : {}),
    ...(dependsOn && dependsOn.length > 0 ? { dependsOn } : {}),
    origin: 'captured',
    attributed,
    ...(metadata === undefined ? {} : { metadata }),
    ...(source === undefined ? {} : { source }),
  }
}

const known = new WeakMap<CreatedSet['steps'], { readonly store: StoreRef; readonly steps: CreatedSet['steps'] }>()

/** Where an instrument gives the same steps for all that goes alike, they stay the same. */
export function stepsIn(store: StoreRef, given: CreatedSet['steps']): CreatedSet['steps'] {
  const before = known.get(given)
  if (before?.store === store) return before.steps
  const steps = given.map((step) => named(step, store.driver))
  known.set(given, { store, steps })
  return steps
}

const named = (step: RemovalStep, driver: string): RemovalStep =>
  'closure' in step || step.driver !== '$driver' ? step : { ...step, driver }
