import { analyse } from '../capture/analyse.ts'
import type { Statement, TransactionControl } from '../capture/statement.ts'

/** Where a client stands in its own transaction, inside the test's. */
export type Standing = 'outside' | 'inside' | 'aborted'

/** What is sent in place of a text that begins or ends a transaction, and where its client stands once that is done. */
export interface Nested {
  readonly text: string
  readonly after: Standing
  /** How many of the results stand for each statement of the user's; the last of them is its own. */
  readonly results: readonly number[]
  readonly begins: boolean
  /** A COMMIT: when it fails, the transaction is over. */
  readonly ends: boolean
  /** One that cannot be nested. */
  readonly impossible?: string
}

const mayControl = /\b(?:begin|start|commit|end|rollback|abort|prepare)\b/i

export const savepoint = 'SAVEPOINT dustpan_transaction'
export const release = 'RELEASE SAVEPOINT dustpan_transaction'
export const rollback = 'ROLLBACK TO SAVEPOINT dustpan_transaction; RELEASE SAVEPOINT dustpan_transaction'

/** Leaves everything as it is, and has a result. */
const nothing = 'SELECT WHERE false'

/**
 * BEGIN becomes a savepoint, COMMIT its release, ROLLBACK the way back to it. `check` is what a COMMIT checks beforehand: deferred constraints.
 * Undefined: the text controls no transaction. The parser must be loaded.
 */
export function nested(text: string, standing: Standing, check: readonly string[]): Nested | undefined {
  const statements = mayControl.test(text) ? (analyse(text)?.statements ?? []) : []
  if (!statements.some(({ transaction }) => transaction && isWhole(transaction))) return undefined
  let after = standing
  const parts = statements.map((statement) => {
    const [sent, then] = replacement(statement, after, check)
    after = then
    return { statement, sent }
  })
  const kinds = statements.map(({ transaction }) => transaction?.kind)
  return {
    text: replaced(text, parts),
    after,
    results: parts.map(({ sent }) => sent?.length ?? 1),
    begins: kinds.includes('begin'),
    ends: statements.length === 1 && kinds[0] === 'commit',
    ...(kinds.includes('prepare') ? { impossible: 'PREPARE TRANSACTION' } : {}),
  }
}

/** Savepoints of the user's own are left as they are. */
function isWhole({ kind }: TransactionControl): boolean {
  return kind === 'begin' || kind === 'commit' || kind === 'rollback' || kind === 'prepare'
}

/** What is sent in a statement's place; undefined: the statement itself. */
function replacement(
  { transaction }: Statement,
  standing: Standing,
  check: readonly string[],
): readonly [readonly string[] | undefined, Standing] {
  if (!transaction || !isWhole(transaction)) return [undefined, standing]
  if (transaction.kind === 'begin') return standing === 'outside' ? [[savepoint], 'inside'] : [[nothing], standing]
  if (standing === 'outside') return [[nothing], standing]
  const commits = transaction.kind === 'commit' && standing === 'inside'
  const end = commits ? [...check, release] : rollback.split('; ')
  return transaction.chain ? [[...end, savepoint], 'inside'] : [end, 'outside']
}

function replaced(
  text: string,
  parts: readonly { readonly statement: Statement; readonly sent: readonly string[] | undefined }[],
): string {
  return parts.map(({ statement: { span }, sent }) => sent?.join('; ') ?? text.slice(span.start, span.end)).join(';')
}
