/** The tracking state of one process: its writer identity, its journal, and its scopes. */
import { clock } from '../clock/clock.ts'
import type { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import type { Code } from '../errors/codes.ts'
import { describeError } from '../errors/dustpan-error.ts'
import { printError } from '../errors/print-error.ts'
import { redact } from '../errors/redact.ts'
import type { EventBody, RunMetadata, ScopeIdentity, WriterIdentity } from '../journal/events.ts'
import { type FactEnd, type Journal, openJournal } from '../journal/journal.ts'
import type { LedgerWarning } from '../ledger/folded-run.ts'
import { who } from '../ledger/who.ts'
import { thisProcess } from '../processes/process-identity.ts'
import type { Driver } from '../resource/driver.ts'
import { typedStores } from '../resource/key-text.ts'
import type { IntentId, Json, Resource, ResourceSet, ScopeId, State, StoreRef, TxId } from '../resource/resource.ts'
import { type Identify, storeIdentities } from '../resource/store-identity.ts'
import { type ByHand, newByHand } from './by-hand.ts'
import { type Context, newContext } from './context.ts'
import { type KnownResources, newKnownResources } from './known.ts'
import { runMetadata } from './metadata.ts'
import { newRemovedByTests, type RemovedByTests } from './removed-by-tests.ts'
import { newScope, type Scope, type ScopeEnding } from './scope.ts'
import type { CallSite } from './source-line.ts'

export type Closure = (target: { id: Json }) => unknown

export interface Tracking {
  readonly settings: Settings
  readonly functions: ReturnType<typeof configFunctions>
  readonly drivers: ReadonlyMap<string, Driver>
  readonly writer: WriterIdentity
  readonly metadata: RunMetadata
  readonly journal: Journal
  readonly context: Context
  /** The scope of resources that belong to no file. */
  readonly runScope: Scope
  readonly known: KnownResources
  readonly byHand: ByHand
  /** Full store ids, by addresses that name less. */
  readonly answered: Map<string, string>
  readonly removedByTests: RemovedByTests
  readonly identify: Identify
  /** Functions given as removals, by set. */
  readonly closures: Map<string, readonly Closure[]>
  readonly openTransactions: Set<TxId>
  /** Statements that were sent, with unknown results. */
  readonly unanswered: Set<IntentId>
  /** Scopes that are in the ledger. */
  readonly scopes: Map<ScopeId, Scope>
  readonly warnings: LedgerWarning[]
  /** Whether everything was written to the ledger. */
  readonly isOnRecord: boolean
  /** The last known position in the user's code, for creations without a stack that leads back to it. */
  readonly callSite?: () => CallSite | undefined
  /** Lets other runs know that this process writes to a store. */
  atWork?: (store: StoreRef) => Promise<void> | undefined
  /** An id that is unique in this run: `k3f9x2-14`. */
  nextId(): string
  openScope(identity: ScopeIdentity, parent?: Scope): Scope
  /** Writes an event. If the ledger cannot be written, warns and keeps the event in memory. */
  write(event: EventBody | FactEnd, begun?: string): void
  /** Records created resources. `begun`: the serialised event without `keys` and `tx`. */
  record(scope: Scope, set: ResourceSet, begun?: Begun): readonly Resource[]
  /** Warns once per code and subject. */
  warn(code: Code, message: string, subject?: string): void
}

export interface JoinOptions {
  settings: Settings
  functions: Tracking['functions']
  drivers: ReadonlyMap<string, Driver>
  run: string
  role: WriterIdentity['role']
  runner: string
  build?: string
  parentRun?: string
  main?: NonNullable<WriterIdentity['main']>
  callSite?: () => CallSite | undefined
  /** Called before the first record. */
  onFirstRecord?: () => void
}

export function startTracking(options: JoinOptions): Tracking {
  const { settings, functions, drivers, callSite, onFirstRecord } = options
  const writer = identify(options)
  const metadata = runMetadata(settings, process.env)
  const journal = openJournal(settings.dir, { e: 'writer', ...writer, metadata }, onFirstRecord)
  const warnings: LedgerWarning[] = []
  const isNew = onceEach()
  const isTyped = typedStores(drivers)
  const identifyStore = storeIdentities(drivers)
  let ids = 0
  const unwritten: (readonly [event: EventBody | FactEnd, begun: string | undefined])[] = []
  const tracking: Tracking = {
    settings,
    functions,
    drivers,
    writer,
    metadata,
    journal,
    context: newContext(),
    runScope: newScope(`${writer.writer}-run`, { kind: 'run', attempt: 0 }, undefined),
    known: newKnownResources(isTyped, identifyStore, (name) => drivers.get(name)?.takesAlong !== undefined),
    byHand: newByHand(drivers, identifyStore),
    answered: new Map(),
    removedByTests: newRemovedByTests(isTyped, identifyStore),
    identify: identifyStore,
    closures: new Map(),
    openTransactions: new Set(),
    unanswered: new Set(),
    scopes: new Map(),
    warnings,
    get isOnRecord() {
      return unwritten.length === 0
    },
    ...(callSite ? { callSite } : {}),
    nextId: () => `${writer.writer}-${(ids++).toString(36)}`,
    openScope: (identity, parent = tracking.runScope) => newScope(tracking.nextId(), identity, parent),
    write(event, begun) {
      if (settings.disabled) return
      unwritten.push([event, begun])
      try {
        // Events that could not be written go first, in order: a removal without a record would be repeated later, on whatever is there then.
        for (let next = unwritten[0]; next; next = unwritten[0]) {
          journal.append(...next)
          unwritten.shift()
        }
      } catch (error) {
        const { code, message } = describeError(error, 'DUSTPAN_LEDGER_UNWRITABLE')
        if (!isNew(code, message)) return
        warnings.push({ code, message })
        // If nothing can be written, no report can show it.
        printError(error, 'DUSTPAN_LEDGER_UNWRITABLE')
      }
    },
    record: (scope, set, begun) => record(tracking, scope, set, begun),
    warn(code, text, subject = text) {
      if (!isNew(code, subject)) return
      const message = redact(text)
      warnings.push({ code, message })
      tracking.write({ e: 'warning', code, message })
    },
  }
  return tracking
}

function identify({ run, role, runner, build, parentRun, main }: JoinOptions): WriterIdentity {
  return {
    writer: clock.random(8),
    run,
    role,
    runner,
    ...(build === undefined ? {} : { build }),
    ...(parentRun === undefined ? {} : { parentRun }),
    ...(main === undefined ? {} : { main }),
    ...who(),
    ...thisProcess(),
  }
}

function onceEach(): (code: string, subject: string) => boolean {
  const seen = new Set<string>()
  return (code, subject) => seen.size < seen.add(`${code}\n${subject}`).size
}

/** Writes a scope and its ancestors, outermost first, before any event in it. */
export function writeScope(tracking: Tracking, scope: Scope): void {
  if (scope.written || tracking.settings.disabled) return
  if (scope.parent) writeScope(tracking, scope.parent)
  scope.written = true
  scope.parent?.children.push(scope)
  tracking.scopes.set(scope.id, scope)
  const within = scope.parent === undefined ? {} : { in: scope.parent.id }
  tracking.write({ e: 'scope.opened', scope: scope.id, ...within, ...withoutSecrets(scope.identity) })
  if (Object.keys(scope.policy).length > 0) writePolicy(tracking, scope)
  if (scope.ending) tracking.write({ e: 'scope.closed', scope: scope.id, ...scope.ending })
}

/** Redacted, because it is written to disk. */
function withoutSecrets(identity: ScopeIdentity): ScopeIdentity {
  return identity.path === undefined ? identity : { ...identity, path: identity.path.map(redact) }
}

/** Recorded so that another process applies the test's own policy if this one dies. */
export function writePolicy(tracking: Tracking, { id, policy }: Scope): void {
  tracking.write({ e: 'policy', scope: id, policy: { ...policy } })
}

/** A scope that is not in the ledger is closed there if something is created in it later. */
export function endScope(tracking: Tracking, scope: Scope, ending: ScopeEnding): void {
  scope.ending = ending
  if (scope.written) tracking.write({ e: 'scope.closed', scope: scope.id, ...ending })
}

let order = 0

/** The number of resources recorded in this process, from this one on. */
export const recordedSince = (first: number): number => order - first

/** An event whose intent is on record. */
export interface Begun {
  /** The serialised event, without keys and transaction. */
  readonly text: string
  /** When it was announced, in milliseconds since the epoch. */
  readonly at?: number
}

function record(tracking: Tracking, scope: Scope, set: ResourceSet, begun: Begun | undefined): readonly Resource[] {
  if (set.keys.length === 0 || tracking.settings.disabled) return []
  writeScope(tracking, scope)
  if (begun === undefined) tracking.write({ e: 'created', scope: scope.id, ...set })
  else tracking.write({ keys: set.keys, ...(set.tx === undefined ? {} : { tx: set.tx }) }, begun.text)
  const state: State = set.shared ? 'shared' : set.audit ? 'audit' : 'live'
  const createdAt = clock.now()
  const begunAt = begun?.at
  const resources = set.keys.map((key, i): Resource => {
    const id = `${set.set}.${i}`
    return { id, key, set, scope: scope.id, createdAt, begunAt, order: order++, state, attempts: 0, durationMs: 0 }
  })
  for (const resource of resources) scope.resources.push(resource)
  tracking.known.add(resources)
  if (set.origin === 'tracked') tracking.byHand.add(resources)
  return resources
}
