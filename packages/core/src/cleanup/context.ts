/** What the pipeline needs, wherever it is entered: from a test's end, a run's end or the command line. */
import type { Settings } from '../config/settings.ts'
import type { Code } from '../errors/codes.ts'
import type { EventBody } from '../ledger/events.ts'
import type { Driver } from '../resource/driver.ts'
import type { Json, Resource, ResourceSet, RunId, ScopeId, TxId, Verdict, WriterId } from '../resource/resource.ts'
import type { Connections } from './connections.ts'

export interface CleanupContext {
  readonly settings: Settings
  readonly run: RunId
  /** This process: it can call its own closures, and reach the stores bound to it. */
  readonly writer: WriterId
  readonly drivers: ReadonlyMap<string, Driver>
  readonly connections: Connections
  readonly closures: ReadonlyMap<string, readonly ((target: { id: Json }) => unknown)[]>
  /** Whether a transaction is not settled yet. */
  isOpen(tx: TxId): boolean
  /** What is on record for a thing in a store, and still there as far as we know. */
  find(store: string, type: string, key: Json): Resource | undefined
  /** How a scope ended; undefined: it never did. */
  verdictOf(scope: ScopeId): Verdict | undefined
  /** When the scope was over at whose end a thing goes, in milliseconds since the epoch; undefined: it is now. */
  endOf?(resource: Resource): number | undefined
  /** All that is on record of a scope, whatever became of it. */
  recordedIn(scope: ScopeId): readonly Resource[]
  /** What is on record in a store besides these: in this process, or for all that the ledger knows. Undefined: nobody can tell. */
  beside?(store: string, going: readonly Resource[]): readonly Resource[]
  /** What is on record of a scope, and was declared to go with something, before it. */
  declaredIn(scope: ScopeId): readonly Resource[]
  /** Puts on record what hangs on a resource and is proven to have come after it. */
  derive(parent: Resource, set: Omit<ResourceSet, 'set' | 'attributed'>): readonly Resource[]
  /** Before something is removed. @throws DustpanError when somebody else may be cleaning up by now */
  mayGoOn?(): void
  /** Once aborted, nothing more begins. */
  readonly stop?: AbortSignal | undefined
  write(event: EventBody): void
  warn(code: Code, message: string): void
  /** Dustpan's own requests and statements are not captured. */
  asOwn<T>(fn: () => T): T
  nextBatch(): string
}
