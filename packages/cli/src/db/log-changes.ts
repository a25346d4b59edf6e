/** Describes what a plan changes, in a line for the log itself and for each table. */
import { type ApplicationLogPlan, type ApplicationLogStatus, type Cell, columns, oneLine } from '@dustpan/core/ledger'
import { counted } from '../counted.ts'

export type LogAct = 'install' | 'uninstall'

export interface LogChange {
  readonly subject: string
  readonly change: string
}

/** @param status of the same tables as the plan, before it is applied; undefined: it cannot be read */
export function logChanges(
  act: LogAct,
  { statements }: ApplicationLogPlan,
  status: ApplicationLogStatus | undefined,
): readonly LogChange[] {
  if (statements.length === 0) return []
  if (status === undefined) return [{ subject: 'the log', change: counted(statements.length, 'statement') }]
  const { state, tables } = status
  const isReplaced = statements.some(dropsTable)
  const ofTables = tables.flatMap((one): LogChange[] => {
    const change = tableChange(act, one, isReplaced)
    return change === undefined ? [] : [{ subject: one.table, change }]
  })
  if (statements.every(isOfTrigger)) return ofTables
  const installed = state === 'missing' ? 'created' : isReplaced ? 'replaced' : 'updated'
  return [{ subject: 'the log itself', change: act === 'uninstall' ? 'removed' : installed }, ...ofTables]
}

export const dropsTable = (statement: string): boolean => /^DROP TABLE /.test(statement)
const isOfTrigger = (statement: string): boolean => /^(?:CREATE|DROP) TRIGGER /.test(statement)

/** Undefined: the table stays as it is. */
function tableChange(
  act: LogAct,
  { state, why }: ApplicationLogStatus['tables'][number],
  isReplaced: boolean,
): string | undefined {
  const isLogged = state === 'logged' || state === 'stale'
  if (act === 'uninstall') return isLogged ? 'not logged any more' : undefined
  if (state === 'missing') return 'logged from now on'
  if (state === 'stale') return `brought up to date: ${why}`
  return isLogged && isReplaced ? 'brought up to date' : undefined
}

export const changeLines = (changes: readonly LogChange[]): readonly string[] =>
  columns(changes.map(changeRow), { width: Number.POSITIVE_INFINITY, indent: '  ' })

const changeRow = ({ subject, change }: LogChange): readonly Cell[] => [
  { text: oneLine(subject), whole: true },
  { text: oneLine(change), whole: true },
]
