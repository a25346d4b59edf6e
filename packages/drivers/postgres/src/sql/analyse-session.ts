import type {
  AlterTableStmt,
  CopyStmt,
  DefElem,
  DropStmt,
  ExplainStmt,
  MergeStmt,
  Node,
  TransactionStmt,
  TruncateStmt,
} from 'libpg-query'
import { mergeDeletes } from './analyse-update.ts'
import { tableNamed, tableOf } from './analyse-write.ts'
import { callsFunction } from './called-functions.ts'
import type { Statement, TableReference, TransactionControl } from './statement.ts'

type SessionEffects = Omit<Partial<Statement>, 'span' | 'writes' | 'main' | 'prepares'>

/** Analyses what a statement does besides writing rows with INSERT, UPDATE and DELETE. */
export function analyseSession(node: Node, text: string): SessionEffects {
  const kind = Object.keys(node)[0] ?? ''
  if (kind === 'SelectStmt' || kind === 'CallStmt') return callOf(node, kind, text)
  const analysed = kinds[kind]?.(node)
  return analysed ?? (isHarmless.has(kind) ? {} : { changesSchema: true })
}

function callOf(node: Node, kind: 'SelectStmt' | 'CallStmt', text: string): SessionEffects {
  if (/\bset_config\b/i.test(text)) return { changesSession: true }
  return kind === 'CallStmt' || callsFunction(node) ? { mayChangeSession: true } : {}
}

/** Statements that change neither the definition of a table nor who may use it. */
const isHarmless = new Set(
  `InsertStmt UpdateStmt DeleteStmt VariableShowStmt NotifyStmt ListenStmt UnlistenStmt LockStmt CheckPointStmt DeclareCursorStmt
   FetchStmt ClosePortalStmt ConstraintsSetStmt CommentStmt LoadStmt VacuumStmt`.split(/\s+/),
)

const kinds: { readonly [kind: string]: ((node: Node) => SessionEffects | undefined) | undefined } = {
  TransactionStmt: (node) => ('TransactionStmt' in node ? transactionOf(node.TransactionStmt) : undefined),
  TruncateStmt: (node) => ('TruncateStmt' in node ? { truncates: truncatesOf(node.TruncateStmt) } : undefined),
  AlterTableStmt: (node) =>
    'AlterTableStmt' in node ? { changesSchema: true, ...detachedBy(node.AlterTableStmt) } : undefined,
  DropStmt: (node) => ('DropStmt' in node ? { changesSchema: true, ...dropsOf(node.DropStmt) } : undefined),
  ExecuteStmt: (node) => ('ExecuteStmt' in node ? { executes: node.ExecuteStmt.name ?? '' } : undefined),
  DeallocateStmt: () => ({}),
  DiscardStmt: () => ({ changesSession: true }),
  VariableSetStmt: (node) =>
    'VariableSetStmt' in node && changesNameResolution(node.VariableSetStmt) ? { changesSession: true } : {},
  CopyStmt: (node) => ('CopyStmt' in node ? copyOf(node.CopyStmt) : undefined),
  ExplainStmt: (node) => ('ExplainStmt' in node ? explainOf(node.ExplainStmt) : undefined),
  MergeStmt: (node) => ('MergeStmt' in node ? mergeOf(node.MergeStmt) : undefined),
  DoStmt: (node) => ({
    changesSchema: true,
    changesSession: true,
    ...(mentionsInsert(node) ? { opaque: { form: 'DO' } } : {}),
    ...(mentionsDelete(node) ? { deletesUnseen: true } : {}),
  }),
  // Sequelize's findOrCreate creates one, calls it and drops it.
  CreateFunctionStmt: (node) => ({
    changesSchema: true,
    ...(/"pg_temp"/.test(JSON.stringify(node)) && mentionsInsert(node)
      ? { opaque: { form: 'a temporary function' } }
      : {}),
  }),
}

function mentionsInsert(node: Node): boolean {
  return /\b(?:insert|copy|merge)\b/i.test(JSON.stringify(node))
}

/** Whether it mentions a deletion, or a call that may do anything. */
function mentionsDelete(node: Node): boolean {
  return /\b(?:delete|truncate|merge|drop|execute|perform|call)\b/i.test(JSON.stringify(node))
}

const controls: { readonly [kind: string]: TransactionControl['kind'] } = {
  TRANS_STMT_BEGIN: 'begin',
  TRANS_STMT_START: 'begin',
  TRANS_STMT_COMMIT: 'commit',
  TRANS_STMT_ROLLBACK: 'rollback',
  TRANS_STMT_SAVEPOINT: 'savepoint',
  TRANS_STMT_RELEASE: 'release',
  TRANS_STMT_ROLLBACK_TO: 'rollback-to',
  TRANS_STMT_PREPARE: 'prepare',
  TRANS_STMT_COMMIT_PREPARED: 'commit-prepared',
  TRANS_STMT_ROLLBACK_PREPARED: 'rollback-prepared',
}

function transactionOf(statement: TransactionStmt): SessionEffects {
  const kind = controls[statement.kind ?? '']
  if (kind === undefined) return {}
  const { savepoint_name: savepoint, gid } = statement
  const named = { ...(savepoint === undefined ? {} : { savepoint }), ...(gid === undefined ? {} : { gid }) }
  return { transaction: { kind, chain: statement.chain === true, ...named } }
}

function mergeOf(statement: MergeStmt): SessionEffects {
  const table = tableOf(statement.relation)
  return { opaque: { form: 'MERGE', table }, ...(mergeDeletes(statement) ? { deletesFrom: table } : {}) }
}

function truncatesOf(statement: TruncateStmt): NonNullable<Statement['truncates']> {
  const tables = (statement.relations ?? []).flatMap((node) => ('RangeVar' in node ? [tableOf(node.RangeVar)] : []))
  return { tables, cascade: statement.behavior === 'DROP_CASCADE', restarts: statement.restart_seqs === true }
}

/** A detached partition takes its rows out of the partitioned table. */
function detachedBy({ relation, cmds = [] }: AlterTableStmt): SessionEffects {
  const detaches = cmds.some(
    (node) => 'AlterTableCmd' in node && /^AT_DetachPartition/.test(node.AlterTableCmd.subtype ?? ''),
  )
  return detaches ? { deletesFrom: tableOf(relation) } : {}
}

/** Dropping a table removes its rows as TRUNCATE does; rows of a partition also leave the partitioned table. */
function dropsOf({ removeType, objects = [] }: DropStmt): SessionEffects {
  if (removeType !== 'OBJECT_TABLE') return {}
  const names = objects.map((node) =>
    ('List' in node ? (node.List.items ?? []) : []).map((item) => ('String' in item ? (item.String.sval ?? '') : '')),
  )
  const tables = names.map((parts) => tableNamed(parts.at(-1) ?? '', parts.at(-2)))
  return { truncates: { tables, cascade: false, restarts: false, drops: true } }
}

const nameSettings = new Set(['search_path', 'role', 'session_authorization', 'row_security'])

function changesNameResolution({ kind, name }: { kind?: string; name?: string }): boolean {
  return kind === 'VAR_RESET_ALL' || nameSettings.has(name ?? '')
}

function copyOf(statement: CopyStmt): SessionEffects {
  if (statement.is_from) return { copies: tableOf(statement.relation) }
  return writtenBy(statement.query, 'COPY (INSERT …) TO')
}

function explainOf(statement: ExplainStmt): SessionEffects {
  const options = (statement.options ?? []).flatMap((node) => ('DefElem' in node ? [node.DefElem] : []))
  return options.some(isAnalyze) ? writtenBy(statement.query, 'EXPLAIN ANALYZE') : {}
}

/** `ANALYZE`, unless it is set to `off`. */
function isAnalyze({ defname, arg }: DefElem): boolean {
  return defname === 'analyze' && !/false|off|\{\}/i.test(JSON.stringify(arg ?? true))
}

function writtenBy(query: Node | undefined, form: string): SessionEffects {
  const text = JSON.stringify(query ?? {})
  const deletes = /"(?:Delete|Execute)Stmt":|"CMD_DELETE"/.test(text) ? ({ deletesUnseen: true } as const) : {}
  if (!query || !/"(?:Insert|Merge)Stmt":/.test(text)) return deletes
  const table: TableReference | undefined = 'InsertStmt' in query ? tableOf(query.InsertStmt.relation) : undefined
  return { opaque: { form, ...(table ? { table } : {}) }, ...deletes }
}
