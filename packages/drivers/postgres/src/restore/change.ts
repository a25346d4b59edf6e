import type { Target } from '@dustpan/core/driver'

/** The arguments of `restore-row`: by key, the log's lines that have the row as it was and as it was left. The log alone has the rows. */
export interface RestoreArgs {
  readonly schema: string
  readonly table: string
  readonly columns: readonly string[]
  readonly run: string
  readonly scope: string
  readonly lines: { readonly [key: string]: readonly [first: number, last: number] }
}

/** A row that is to be as it was. */
export interface Change {
  readonly target: Target
  readonly args: RestoreArgs
  readonly first: number
  readonly last: number
}

export const isChange = ({ removal }: Target): boolean => removal.op === 'restore-row'

export function changeOf(target: Target): Change {
  const args = target.removal.args as unknown as RestoreArgs
  const [first, last] = args.lines[JSON.stringify(target.key)] ?? [0, 0]
  return { target, args, first, last }
}
