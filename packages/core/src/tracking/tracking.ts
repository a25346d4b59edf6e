/** What one process tracks: its place in the run, its journal, and the scopes that are open. */
import { clock } from '../clock/clock.ts'
import type { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import type { Code } from '../errors/codes.ts'
import { describeError } from '../errors/dustpan-error.ts'
import type { EventBody, ScopeIdentity, WriterIdentity } from '../ledger/events.ts'
import type { LedgerWarning } from '../ledger/fold.ts'
import { type Journal, openJournal } from '../ledger/journal.ts'
import { thisProcess } from '../ledger/process-identity.ts'
import type { Driver } from '../resource/driver.ts'
import type { Json, Resource, ResourceSet, ScopeId, State, TxId } from '../resource/resource.ts'
import { type Context, newContext } from './context.ts'
import { type KnownResources, newKnownResources } from './known.ts'
import { runMetadata } from './metadata.ts'
import { newScope, type Scope } from './scope.ts'

export type Closure = (target: { id: Json }) => unknown

export interface Tracking {
  readonly settings: Settings
  readonly functions: ReturnType<typeof configFunctions>
  readonly drivers: ReadonlyMap<string, Driver>
  readonly writer: WriterIdentity
  readonly journal: Journal
  readonly context: Context
  /** What belongs to no file. */
  readonly runScope: Scope
  readonly known: KnownResources
  /** Functions given as removals, by set. */
  readonly closures: Map<string, Closure[]>
  readonly openTransactions: Set<TxId>
  /** Those that the ledger knows. */
  readonly scopes: Map<ScopeId, Scope>
  readonly warnings: LedgerWarning[]
  /** A name within this run: `k3f9x2-14`. */
  nextId(): string
  openScope(identity: ScopeIdentity, parent?: Scope): Scope
  /** Writes an event; a ledger that cannot be written is a warning, and what is tracked is still in memory. */
  write(event: EventBody): void
  /** Puts what was created on record. */
  record(scope: Scope, set: ResourceSet, intent?: string): readonly Resource[]
  warn(code: Code, message: string): void
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
}

export function startTracking(options: JoinOptions): Tracking {
  const { settings, functions, drivers } = options
  const writer = identify(options)
  const metadata = runMetadata(settings, process.env)
  const journal = openJournal(settings.dir, { e: 'writer', ...writer, metadata })
  const warnings: LedgerWarning[] = []
  let ids = 0
  const tracking: Tracking = {
    settings,
    functions,
    drivers,
    writer,
    journal,
    context: newContext(),
    runScope: newScope(`${writer.writer}-run`, { kind: 'run', attempt: 0 }, undefined),
    known: newKnownResources(),
    closures: new Map(),
    openTransactions: new Set(),
    scopes: new Map(),
    warnings,
    nextId: () => `${writer.writer}-${(ids++).toString(36)}`,
    openScope: (identity, parent = tracking.runScope) => newScope(tracking.nextId(), identity, parent),
    write(event) {
      try {
        journal.append(event)
      } catch (error) {
        const { code, message } = describeError(error, 'DUSTPAN_LEDGER_UNWRITABLE')
        addWarning(warnings, { code, message })
      }
    },
    record: (scope, set, intent) => record(tracking, scope, set, intent),
    warn(code, message) {
      if (addWarning(warnings, { code, message })) tracking.write({ e: 'warning', code, message })
    },
  }
  return tracking
}

function identify({ run, role, runner, build, parentRun }: JoinOptions): WriterIdentity {
  return {
    writer: clock.random(6),
    run,
    role,
    runner,
    ...(build === undefined ? {} : { build }),
    ...(parentRun === undefined ? {} : { parentRun }),
    ...thisProcess(),
  }
}

function addWarning(warnings: LedgerWarning[], warning: LedgerWarning): boolean {
  if (warnings.some(({ code, message }) => code === warning.code && message === warning.message)) return false
  warnings.push(warning)
  return true
}

/** The scope and those it is in, outermost first, are written before what happens in them. */
export function writeScope(tracking: Tracking, scope: Scope): void {
  if (scope.written) return
  if (scope.parent) writeScope(tracking, scope.parent)
  scope.written = true
  tracking.scopes.set(scope.id, scope)
  const within = scope.parent === undefined ? {} : { in: scope.parent.id }
  tracking.write({ e: 'scope.opened', scope: scope.id, ...within, ...scope.identity })
}

let order = 0

function record(tracking: Tracking, scope: Scope, set: ResourceSet, intent: string | undefined): readonly Resource[] {
  writeScope(tracking, scope)
  tracking.write({ e: 'created', scope: scope.id, ...(intent === undefined ? {} : { intent }), ...set })
  const state: State = set.shared ? 'shared' : set.audit ? 'audit' : 'live'
  const createdAt = clock.now()
  const resources = set.keys.map((key, i): Resource => {
    const id = `${set.set}.${i}`
    return { id, key, set, scope: scope.id, createdAt, order: order++, state, attempts: 0, durationMs: 0 }
  })
  for (const resource of resources) {
    scope.resources.push(resource)
    tracking.known.add(resource)
  }
  return resources
}
