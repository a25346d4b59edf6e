/** Records a creation, from its intent to its result. */
import { clock } from '../clock/clock.ts'
import { redact } from '../errors/redact.ts'
import { beginEvent } from '../journal/journal.ts'
import type { CreatedSet, CreatedShape, CreationDraft, PendingCreate } from '../resource/capture.ts'
import type { IntentId, Json, RemovalStep, ResourceSet, StoreRef } from '../resource/resource.ts'
import { type Caller, creationSource } from './creation-source.ts'
import type { FirstCreator } from './removed-by-tests.ts'
import type { Scope } from './scope.ts'
import { type Tracking, writeScope } from './tracking.ts'
import type { TrackedTransaction } from './transaction.ts'

type BegunCreate = Pick<CreationDraft, 'type' | 'via' | 'marker' | 'session' | 'site'> & { readonly kind?: string }

/** Announces a creation: the intent is on disk when this returns. */
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
  const at = clock.now()
  tracking.write({
    e: 'create.intended',
    scope: scope.id,
    intent,
    store,
    type,
    via: redact(via),
    ...more,
    at,
  })
  // A response body that is never read never completes, so HTTP has its own counter.
  if (kind !== 'http') tracking.unanswered.add(intent)
  const begin = (shape: CreatedShape, owner = scope): BegunFact => {
    const set = tracking.nextId()
    const shared = sharedParts({ shape, store, attributed: owner.identity.kind, source }, tracking.settings.lifetime)
    const begun = beginEvent({ e: 'created', scope: owner.id, intent, set }) + shared.text
    return { shape, set: { set, ...shared.set }, begun }
  }
  let expected: BegunFact | undefined
  const take = (given: CreatedSet, owner: Scope): BegunFact => {
    if (owner !== scope) return begin(given, owner)
    const fact = expected && isSameShape(expected.shape, given) ? expected : begin(given)
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
      const filled = splitByCreator(tracking, scope, store, sets, transaction).filter(
        ({ given }) => given.keys.length > 0,
      )
      if (filled.length === 0) {
        const isThere = sets.some(({ keys }) => keys.length > 0)
        tracking.write({ e: 'create.none', intent, why: isThere ? 'updated-existing' : 'nothing-created' })
      }
      return filled.flatMap(({ given, owner }) => {
        const { set, begun } = take(given, owner)
        const { keys } = given
        const resources = tracking.record(owner, tx ? { ...set, keys, tx: tx.id } : { ...set, keys }, {
          text: begun,
          at,
        })
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

interface OwnedSet {
  readonly given: CreatedSet
  readonly owner: Scope
}

/** Leaves out resources that existed before the test removed and recreated them. One that an enclosing scope created stays with that scope. */
function splitByCreator(
  tracking: Tracking,
  scope: Scope,
  { id }: StoreRef,
  sets: readonly CreatedSet[],
  tx: TrackedTransaction | undefined,
): readonly OwnedSet[] {
  const { removedByTests } = tracking
  if (removedByTests.isEmpty) return sets.map((given) => ({ given, owner: scope }))
  return sets.flatMap((set) => {
    const creatorOf = (key: Json): FirstCreator => {
      const removed = { store: id, type: set.type, key, by: set.steps[0] }
      const creator = removedByTests.take(removed)
      if (creator !== undefined) tx?.onRollback(() => removedByTests.add(removed, creator))
      return creator === undefined || (creator !== 'nobody' && creator.ending) ? scope : creator
    }
    const byCreator = Map.groupBy(set.keys, creatorOf)
    return [...byCreator].flatMap(([owner, keys]) => (owner === 'nobody' ? [] : [{ given: { ...set, keys }, owner }]))
  })
}

/** A creation without its keys and transaction. */
interface BegunFact {
  readonly shape: CreatedShape
  readonly set: BegunSet
  readonly begun: string
}

type BegunSet = Omit<ResourceSet, 'keys'>

/** Compares by reference: instruments pass the same steps and proof for equal creations. */
function isSameShape(shape: CreatedShape, { type, steps, proof, dependsOn, metadata, audit }: CreatedShape): boolean {
  return (
    shape.type === type &&
    shape.steps === steps &&
    shape.proof === proof &&
    shape.dependsOn === dependsOn &&
    shape.metadata === metadata &&
    shape.audit === audit
  )
}

interface SetOrigin {
  readonly shape: CreatedShape
  readonly store: StoreRef
  readonly attributed: ResourceSet['attributed']
  readonly source: string | undefined
}

interface SharedParts extends SetOrigin {
  readonly set: Omit<BegunSet, 'set'>
  readonly text: string
}

const latest = new WeakMap<CreatedSet['steps'], SharedParts>()

/** The common fields of sets created by the same line, serialised once. */
function sharedParts(origin: SetOrigin, lifetime: ResourceSet['lifetime']): SharedParts {
  const { shape, store, attributed, source } = origin
  const last = latest.get(shape.steps)
  const isSame =
    last?.store === store &&
    last.attributed === attributed &&
    last.source === source &&
    last.set.lifetime === lifetime &&
    isSameShape(last.shape, shape)
  if (last && isSame) return last
  const set = setOf(origin, lifetime)
  const parts = { ...origin, set, text: beginEvent(set) }
  latest.set(shape.steps, parts)
  return parts
}

function setOf({ shape, store, attributed, source }: SetOrigin, lifetime: ResourceSet['lifetime']): SharedParts['set'] {
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

/** Fills in the driver's name. Returns the same array for the same input, so that comparison by reference still works. */
export function stepsIn(store: StoreRef, given: CreatedSet['steps']): CreatedSet['steps'] {
  const before = known.get(given)
  if (before?.store === store) return before.steps
  const steps = given.map((step) => withDriver(step, store.driver))
  known.set(given, { store, steps })
  return steps
}

const withDriver = (step: RemovalStep, driver: string): RemovalStep =>
  'closure' in step || step.driver !== '$driver' ? step : { ...step, driver }
