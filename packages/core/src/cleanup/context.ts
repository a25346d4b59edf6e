/** The input of the pipeline, from a test's end, a run's end or the command line. */
import type { Settings } from '../config/settings.ts'
import type { Code } from '../errors/codes.ts'
import type { EventBody } from '../journal/events.ts'
import type { Driver } from '../resource/driver.ts'
import type { Json, Resource, ResourceSet, RunId, ScopeId, TxId, Verdict, WriterId } from '../resource/resource.ts'
import type { Connections } from './connections.ts'

export interface CleanupContext {
  readonly settings: Settings
  readonly run: RunId
  /** This process's writer: only it can call its closures, and reach the stores bound to it. */
  readonly writer: WriterId
  readonly drivers: ReadonlyMap<string, Driver>
  readonly connections: Connections
  readonly closures: ReadonlyMap<string, readonly ((target: { id: Json }) => unknown)[]>
  /** Whether a transaction is still unsettled. */
  isOpen(tx: TxId): boolean
  /** The record of a resource that still exists, as far as is known. */
  find(store: string, type: string, key: Json): Resource | undefined
  /** How a scope ended; undefined if it did not. */
  verdictOf(scope: ScopeId): Verdict | undefined
  /** When the scope ended that decides a resource's removal, in milliseconds since the epoch; undefined: it ends now. */
  endOf?(resource: Resource): number | undefined
  /** All recorded resources of a scope, in any state. */
  recordedIn(scope: ScopeId): readonly Resource[]
  /** Other recorded resources in a store: of this process, or of all that the ledger knows. Undefined if nobody can tell. */
  othersIn?(store: string, going: readonly Resource[]): readonly Resource[]
  /** Resources of a scope that were declared as children of another resource, and are removed before it. */
  declaredIn(scope: ScopeId): readonly Resource[]
  /** Records dependents of a resource that are proven to be created after it. */
  derive(parent: Resource, set: Omit<ResourceSet, 'set' | 'attributed'>): readonly Resource[]
  /** Called before each removal. @throws DustpanError when another cleaner may have the run by now */
  checkLease?(): void
  /** Once aborted, no further step begins. */
  readonly stop?: AbortSignal | undefined
  write(event: EventBody): void
  warn(code: Code, message: string): void
  /** Runs `fn` uncaptured: Dustpan's own requests and statements are not tracked. */
  asOwn<T>(fn: () => T): T
  nextBatch(): string
}
