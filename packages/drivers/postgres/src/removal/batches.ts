import type { Json, Proof, Removal, Target } from '@dustpan/core/driver'
import { arrayLiteral } from '../array-literal.ts'
import { keyPart } from '../names.ts'
import type { FilesOf, RowFiles } from './row-files.ts'
import type { ShapeOf, TableShape, TableWanted } from './shapes.ts'
import type { SoftDeletion } from './soft-deletion.ts'
import type { Parameters } from './statement-parts.ts'

/** Targets that one statement removes: the same table, key columns and proof. */
export interface Batch {
  readonly shape: TableShape
  readonly columns: readonly string[]
  /** Columns to set, where rows are marked instead of deleted. */
  readonly set: SetColumns | undefined
  readonly proof: Pick<Proof, 'incarnation' | 'match'>
  readonly targets: readonly Target[]
  /** What a row `t` must be still, where no record but a predicate names it. */
  readonly where?: (parameters: Parameters) => string
  /** Where the rows name files that go with them. */
  readonly files?: RowFiles
}

export type SetColumns = { readonly [column: string]: Json }

/** The arguments of `delete-row` and `soft-delete`. */
export interface RowArgs {
  readonly schema?: string | null
  readonly table: string
  readonly columns?: readonly string[]
  readonly set?: SetColumns
}

/** The tables that targets are in. Rows that were created together share their removal, so that there are few to look at. */
export function tablesOf(targets: readonly Target[]): readonly TableWanted[] {
  const removals = new Set<Removal>()
  let before: Removal | undefined
  for (const { removal } of targets) {
    if (removal !== before) removals.add(removal)
    before = removal
  }
  return [...removals].map(tableOf)
}

function tableOf(removal: Removal): TableWanted {
  const { schema = null, table } = rowArgs(removal)
  return { schema, table }
}

function rowArgs(removal: Removal): RowArgs {
  return removal.args as unknown as RowArgs
}

/** Groups targets whose table is there. Columns that are not named are the table's key. */
export function batchesOf(
  targets: readonly Target[],
  shapeOf: ShapeOf,
  softly: SoftDeletion,
  filesOf: FilesOf = noFiles,
): readonly Batch[] {
  const batches = new Map<string, OpenBatch>()
  let before: Target | undefined
  let batch: OpenBatch | undefined
  for (const target of targets) {
    const isAlike = before?.removal === target.removal && before.proof === target.proof
    if (!isAlike) batch = batchFor(target, batches, shapeOf, softly, filesOf)
    batch?.targets.push(target)
    before = target
  }
  return [...batches.values()]
}

const noFiles: FilesOf = () => undefined

type OpenBatch = Batch & { readonly targets: Target[] }

/** Rows that were created together share their removal and proof, and stand together, so that this is done once for them. */
function batchFor(
  target: Target,
  batches: Map<string, OpenBatch>,
  shapeOf: ShapeOf,
  softly: SoftDeletion,
  filesOf: FilesOf,
): OpenBatch | undefined {
  const shape = shapeOf(tableOf(target.removal))
  if (!shape) return undefined
  const columns = rowArgs(target.removal).columns ?? shape.key
  const set = softly(target.removal, shape)
  const { incarnation, match } = target.proof
  const proof = { ...(incarnation === undefined ? {} : { incarnation }), ...(match === undefined ? {} : { match }) }
  const id = JSON.stringify([shape.oid, columns, set, proof])
  const files = set ? undefined : filesOf(shape)
  const batch = batches.get(id) ?? { shape, columns, set, proof, targets: [], ...(files && { files }) }
  batches.set(id, batch)
  return batch
}

const literals = new WeakMap<Batch, readonly string[]>()

/** The keys as one array for each key column, written once for all statements. */
export function keyArrays(batch: Batch): readonly string[] {
  const known = literals.get(batch)
  if (known) return known
  const arrays = batch.columns.map((_, index) =>
    arrayLiteral(batch.targets.map(({ key }) => textOf(keyPart(key, index)))),
  )
  literals.set(batch, arrays)
  return arrays
}

export function textOf(value: Json): string | null {
  if (value === null || typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
