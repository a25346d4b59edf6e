/** Selects the resources of a run that a command applies to. */
import { DustpanError } from '@dustpan/core'
import { isFine, oneLine, type ResourceRecord, scopeName } from '@dustpan/core/ledger'
import { counted } from './counted.ts'

export interface Filters {
  readonly id?: readonly string[]
  readonly type?: readonly string[]
  readonly test?: string
  readonly state?: readonly string[]
  /** Only expired resources. */
  readonly expired?: true
}

/** @throws DustpanError for an id that the run does not have: a typo must not look like success. */
export function select(
  records: readonly ResourceRecord[],
  { id, type, test, state }: Filters,
): readonly ResourceRecord[] {
  const unknown = id?.find((wanted) => !records.some((record) => record.id === wanted))
  if (unknown !== undefined) throw noSuchId(unknown, records)
  return records.filter(
    (record) =>
      (id?.includes(record.id) ?? true) &&
      (type?.includes(record.type) ?? true) &&
      (state?.includes(record.state) ?? true) &&
      (test === undefined || flowName(record).toLowerCase().includes(test.toLowerCase())),
  )
}

/**
 * Why the filters select nothing, as a typo must not look like success; undefined when they select something or there are no
 * records.
 */
export function noneChosen(records: readonly ResourceRecord[], filters: Filters): string | undefined {
  const { type, test, state, expired } = filters
  const isNarrowed = type !== undefined || test !== undefined || state !== undefined
  const chosen = select(records, filters)
  if (isNarrowed && records.length > 0 && chosen.length === 0) return narrowed(records, filters)
  return expired ? noneExpired(chosen) : undefined
}

/** Undefined when nothing is left. */
function noneExpired(records: readonly ResourceRecord[]): string | undefined {
  const left = records.filter(({ state }) => !isFine(state))
  return left.length === 0
    ? undefined
    : `Nothing of run ${left[0]?.run ?? ''} has expired (--expired): ${counted(left.length)} left.`
}

function narrowed(records: readonly ResourceRecord[], { type, test, state }: Filters): string {
  const filters = [
    ...(type ? [`--type ${type.join(',')}`] : []),
    ...(test === undefined ? [] : [`--test ${JSON.stringify(test)}`]),
    ...(state ? [`--state ${state.join(',')}`] : []),
  ]
  const types = [...new Set(records.map((record) => record.type))].sort()
  const shown = types.length > 10 ? [...types.slice(0, 10), '…'] : types
  return oneLine(
    `Nothing of run ${records[0]?.run ?? ''} matches ${filters.join(' ')}. It has these types: ${shown.join(', ')}.`,
  )
}

/** `test/cart.test.ts > adds an item`. */
export function flowName({ flow: { titles, file, kind, attempt } }: ResourceRecord): string {
  return scopeName({
    kind: kind as 'test',
    attempt,
    ...(file === undefined ? {} : { file }),
    ...(titles === undefined ? {} : { path: titles }),
  })
}

function noSuchId(id: string, [first]: readonly ResourceRecord[]): DustpanError {
  return new DustpanError(
    'DUSTPAN_INVALID_ARGUMENT',
    `--id: run ${first?.run ?? ''} has no resource ${JSON.stringify(id)}.`,
    {
      hint: '`dustpan list <run> --all` shows the ids. Nothing was removed.',
    },
  )
}
