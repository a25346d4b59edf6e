import { analyse } from '../sql/analyse.ts'
import type { Statement, TransactionControl } from '../sql/statement.ts'

/** The state of a client in its own transaction, inside the test's. */
export type TransactionState = 'outside' | 'inside' | 'aborted'

/** The replacement for a text that begins or ends a transaction, and the state of its client afterwards. */
export interface Nested {
  readonly text: string
  readonly after: TransactionState
  /** The number of results for each statement of the user; the last one of each is the result of the statement. */
  readonly results: readonly number[]
  readonly begins: boolean
  /** It is a COMMIT: if it fails, the transaction is over. */
  readonly ends: boolean
  /** A statement that cannot be nested. */
  readonly impossible?: string
}

const mayControl = /\b(?:begin|start|commit|end|rollback|abort|prepare)\b/i

export const savepoint = 'SAVEPOINT dustpan_transaction'
export const release = 'RELEASE SAVEPOINT dustpan_transaction'
export const rollback = 'ROLLBACK TO SAVEPOINT dustpan_transaction; RELEASE SAVEPOINT dustpan_transaction'

/** A no-op statement that has a result. */
const nothing = 'SELECT WHERE false'

/**
 * BEGIN becomes a savepoint, COMMIT its release, ROLLBACK the rollback to it. `check` are the statements that check
 * deferred constraints before a COMMIT. Undefined when the text controls no transaction. The parser must be loaded.
 */
export function nested(text: string, state: TransactionState, check: readonly string[]): Nested | undefined {
  const statements = mayControl.test(text) ? (analyse(text)?.statements ?? []) : []
  if (!statements.some(({ transaction }) => transaction && isWhole(transaction))) return undefined
  let after = state
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

/** Whether it controls a whole transaction: savepoints of the user are left unchanged. */
function isWhole({ kind }: TransactionControl): boolean {
  return kind === 'begin' || kind === 'commit' || kind === 'rollback' || kind === 'prepare'
}

/** The replacement for a statement, and the state after it; undefined: the statement itself. */
function replacement(
  { transaction }: Statement,
  state: TransactionState,
  check: readonly string[],
): readonly [readonly string[] | undefined, TransactionState] {
  if (!transaction || !isWhole(transaction)) return [undefined, state]
  if (transaction.kind === 'begin') return state === 'outside' ? [[savepoint], 'inside'] : [[nothing], state]
  if (state === 'outside') return [[nothing], state]
  const commits = transaction.kind === 'commit' && state === 'inside'
  const end = commits ? [...check, release] : rollback.split('; ')
  return transaction.chain ? [[...end, savepoint], 'inside'] : [end, 'outside']
}

function replaced(
  text: string,
  parts: readonly { readonly statement: Statement; readonly sent: readonly string[] | undefined }[],
): string {
  return parts.map(({ statement: { span }, sent }) => sent?.join('; ') ?? text.slice(span.start, span.end)).join(';')
}
